-- Providers that other people run and that log people in here, who came through them, and the sessions that began so.

-- `secret` is sealed. `version` counts the changes, so that whoever keeps something made from the row knows that it is old.
CREATE TABLE upstreams (
    id         BLOB   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    name_key   BLOB   NOT NULL UNIQUE,
    enabled    BIGINT NOT NULL,
    document   TEXT   NOT NULL,
    secret     BLOB,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Members of the group log in through the upstream, and never with a password.
CREATE TABLE upstream_groups (
    upstream_id BLOB NOT NULL REFERENCES upstreams (id) ON DELETE CASCADE,
    group_id    BLOB NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
    PRIMARY KEY (upstream_id, group_id)
);
CREATE INDEX upstream_groups_by_group ON upstream_groups (group_id);

-- Who is whom: a subject at an issuer is a user here. `managed` holds the groups that the mapping gave last; `claims` what
-- was said last, cut to what helps an administrator.
CREATE TABLE identities (
    id            BLOB   NOT NULL PRIMARY KEY,
    upstream_id   BLOB   NOT NULL REFERENCES upstreams (id) ON DELETE CASCADE,
    issuer        TEXT   NOT NULL,
    subject       TEXT   NOT NULL,
    user_id       BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    origin        TEXT   NOT NULL,
    claims        TEXT   NOT NULL,
    kept_groups   TEXT,
    created_at    BIGINT NOT NULL,
    last_login_at BIGINT,
    UNIQUE (upstream_id, issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);

-- Sessions that began through an upstream, by the names that the upstream has for them. The digests are of issuer and
-- `sid`, of issuer and `sub`; `id_token` is sealed, for the logout there. No foreign keys, as for sessions.
CREATE TABLE upstream_sessions (
    session_id  BLOB   NOT NULL PRIMARY KEY,
    upstream_id BLOB   NOT NULL,
    sid_digest  BLOB,
    sub_digest  BLOB   NOT NULL,
    id_token    BLOB,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX upstream_sessions_by_sid ON upstream_sessions (sid_digest);
CREATE INDEX upstream_sessions_by_sub ON upstream_sessions (sub_digest);
CREATE INDEX upstream_sessions_by_expiry ON upstream_sessions (expires_at);

-- Logins under way at an upstream: whichever node the browser comes back to finishes it. `document` is sealed.
CREATE TABLE upstream_attempts (
    digest     BLOB   NOT NULL PRIMARY KEY,
    document   BLOB   NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX upstream_attempts_by_expiry ON upstream_attempts (expires_at);
