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

-- Who is whom: a subject at an issuer is a user here. `kept_groups` holds the groups claim of the last login that had one,
-- `groups_at` when that was; `claims` what was said last, cut to what helps an administrator.
CREATE TABLE identities (
    id            BLOB   NOT NULL PRIMARY KEY,
    upstream_id   BLOB   NOT NULL REFERENCES upstreams (id) ON DELETE CASCADE,
    issuer        TEXT   NOT NULL,
    subject       TEXT   NOT NULL,
    user_id       BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    origin        TEXT   NOT NULL,
    claims        TEXT   NOT NULL,
    kept_groups   TEXT,
    groups_at     BIGINT,
    created_at    BIGINT NOT NULL,
    last_login_at BIGINT,
    UNIQUE (upstream_id, issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);

-- Sessions that began through an upstream, by the names that the upstream has for them. The digests are of upstream and
-- `sid`, of upstream and `sub`; `id_token` is sealed, for the logout there. No foreign keys, as for sessions.
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

-- Sessions that an upstream ended a moment ago, by the same digests: a login that is still on its way here must not become one
-- of them afterwards. `issued` is the NumericDate of the logout token.
CREATE TABLE upstream_endings (
    digest     BLOB   NOT NULL PRIMARY KEY,
    issued     BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX upstream_endings_by_expiry ON upstream_endings (expires_at);
