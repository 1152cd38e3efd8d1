-- Tables of `store`: the state of the protocol. Rows that come with every login are keyed by time-ordered ids, have no
-- index with random keys but `grants_by_user`, and no foreign keys: they are written thousands of times a second, and
-- the sweep removes them.

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE turns (
    name TEXT PRIMARY KEY,
    holder BLOB NOT NULL,
    until_at BIGINT NOT NULL
);

-- What secrets are sealed under, itself sealed under the master key. The id is the byte by which a sealed value names its key.
CREATE TABLE data_keys (
    id BIGINT PRIMARY KEY,
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    seals_from BIGINT NOT NULL
);

CREATE TABLE signing_keys (
    kid TEXT PRIMARY KEY,
    alg TEXT NOT NULL,
    sealed BLOB NOT NULL,
    jwk TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    activates_at BIGINT NOT NULL,
    retires_at BIGINT
);

CREATE TABLE sessions (
    id BLOB PRIMARY KEY,
    digest BLOB NOT NULL,
    user_id BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    idle_seconds BIGINT NOT NULL,
    auth_at BIGINT NOT NULL,
    amr TEXT NOT NULL,
    acr TEXT,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE attempts (
    id BLOB PRIMARY KEY,
    digest BLOB NOT NULL,
    browser_hash BLOB NOT NULL,
    request TEXT NOT NULL,
    trace TEXT,
    expires_at BIGINT NOT NULL
);

CREATE TABLE grants (
    id BLOB PRIMARY KEY,
    user_id BLOB,
    app_id BLOB NOT NULL,
    session_id BLOB,
    scope TEXT NOT NULL,
    claims TEXT,
    extent TEXT,
    auth_at BIGINT,
    amr TEXT NOT NULL,
    acr TEXT,
    nonce TEXT,
    offline BIGINT NOT NULL,
    trace TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX grants_by_user ON grants (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX grants_by_expiry ON grants (expires_at);

CREATE TABLE codes (
    id BLOB PRIMARY KEY,
    digest BLOB NOT NULL,
    grant_id BLOB NOT NULL,
    app_id BLOB NOT NULL,
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT,
    dpop_jkt TEXT,
    nonce TEXT,
    expires_at BIGINT NOT NULL,
    taken_at BIGINT
);

-- `ends_at` is the end of the grant and never moves; `expires_at` moves with every rotation and has no index.
CREATE TABLE refresh_families (
    id BLOB PRIMARY KEY,
    grant_id BLOB NOT NULL,
    current_digest BLOB NOT NULL,
    previous_digest BLOB,
    bound_to TEXT,
    rotated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX refresh_families_by_end ON refresh_families (ends_at);

CREATE TABLE consents (
    user_id BLOB NOT NULL,
    app_id BLOB NOT NULL,
    scopes TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, app_id)
);
CREATE INDEX consents_by_app ON consents (app_id);

CREATE TABLE replay (
    digest BLOB PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX replay_by_expiry ON replay (expires_at);

CREATE TABLE revoked_tokens (
    jti TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX revoked_tokens_by_expiry ON revoked_tokens (expires_at);
