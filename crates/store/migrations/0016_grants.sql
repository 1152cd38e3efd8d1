-- Grants that do not begin in the browser: requests that a person answers somewhere else (device grant, CIBA), keys of service
-- accounts, applications that registered themselves.

-- `digest` proves the device code or auth_req_id. `code_hash`: keyed hash of the code that a person types, for a device. `user_id`:
-- who is asked (CIBA), or who answered. `request`: JSON. `state`: waiting, approved, denied, taken.
CREATE TABLE decoupled_requests (
    id               BLOB   PRIMARY KEY,
    digest           BLOB   NOT NULL,
    kind             TEXT   NOT NULL,
    app_id           BLOB   NOT NULL,
    code_hash        BLOB   UNIQUE,
    user_id          BLOB,
    request          TEXT   NOT NULL,
    state            TEXT   NOT NULL,
    grant_id         BLOB,
    interval_seconds BIGINT NOT NULL,
    polled_at        BIGINT,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL
);
CREATE INDEX decoupled_requests_by_user ON decoupled_requests (user_id) WHERE user_id IS NOT NULL;

-- Public keys with which a service account signs assertions (RFC 7523 §2.1). `jwks`: the key, as a JWK.
CREATE TABLE service_keys (
    id         BLOB   NOT NULL PRIMARY KEY,
    user_id    BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    label      TEXT   NOT NULL,
    jwks       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX service_keys_by_user ON service_keys (user_id);

-- What lets an application register itself (RFC 7591 §1.2). `uses_left`: null for any number.
CREATE TABLE initial_access_tokens (
    id         BLOB   NOT NULL PRIMARY KEY,
    digest     BLOB   NOT NULL,
    label      TEXT   NOT NULL,
    created_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    uses_left  BIGINT,
    used       BIGINT NOT NULL
);

-- Applications that registered themselves: `digest` proves the registration access token (RFC 7592 §3). `metadata`: what was
-- registered, as it is told again. `used_at`: when somebody let it have something for the first time; it goes unless that comes.
CREATE TABLE client_registrations (
    app_id     BLOB   NOT NULL PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
    token_id   BLOB   NOT NULL UNIQUE,
    digest     BLOB   NOT NULL,
    metadata   TEXT   NOT NULL,
    by_token   TEXT,
    created_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX client_registrations_by_creation ON client_registrations (created_at);
