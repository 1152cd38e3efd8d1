-- People, groups, credentials, roles. Keys that are compared or sorted are bytes (lower-cased UTF-8), so that both
-- engines order them alike whatever the database's collation.

CREATE TABLE users (
    id             BLOB   NOT NULL PRIMARY KEY,
    name           TEXT   NOT NULL,
    name_key       BLOB   NOT NULL UNIQUE,
    kind           TEXT   NOT NULL,
    display_name   TEXT   NOT NULL,
    email          TEXT,
    email_key      BLOB   UNIQUE,
    email_verified BIGINT NOT NULL,
    attributes     TEXT   NOT NULL,
    disabled       BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    last_login_at  BIGINT,
    -- light, dark, or null: as the browser prefers.
    theme          TEXT
);

-- So that the few services can be counted among many people.
CREATE INDEX users_services ON users (name_key) WHERE kind = 'service';

-- What a search finds a user by: the name, the e-mail address, each word of the full name.
CREATE TABLE user_terms (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    term    BLOB NOT NULL,
    PRIMARY KEY (user_id, term)
);
CREATE INDEX user_terms_by_term ON user_terms (term, user_id);

-- prepared: the hash was made from the one form of the password (RFC 8265); 0 for a hash that came from elsewhere.
CREATE TABLE passwords (
    user_id  BLOB   NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    phc      TEXT   NOT NULL,
    prepared BIGINT NOT NULL,
    set_at   BIGINT NOT NULL
);

CREATE TABLE user_groups (
    id          BLOB   NOT NULL PRIMARY KEY,
    name        TEXT   NOT NULL,
    name_key    BLOB   NOT NULL UNIQUE,
    description TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE TABLE group_users (
    group_id BLOB   NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
    user_id  BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_users_by_user ON group_users (user_id, group_id);

-- Members of the child are members of the parent.
CREATE TABLE group_groups (
    parent_id BLOB   NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
    child_id  BLOB   NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
    added_at  BIGINT NOT NULL,
    PRIMARY KEY (parent_id, child_id)
);
CREATE INDEX group_groups_by_child ON group_groups (child_id, parent_id);

-- `holder` repeats user_id or group_id, `scope` repeats managed_group or is empty, so that one unique key covers all.
CREATE TABLE role_grants (
    id            BLOB   NOT NULL PRIMARY KEY,
    role          TEXT   NOT NULL,
    holder        BLOB   NOT NULL,
    scope         BLOB   NOT NULL,
    user_id       BLOB   REFERENCES users (id) ON DELETE CASCADE,
    group_id      BLOB   REFERENCES user_groups (id) ON DELETE CASCADE,
    managed_group BLOB   REFERENCES user_groups (id) ON DELETE CASCADE,
    granted_at    BIGINT NOT NULL,
    UNIQUE (holder, role, scope)
);
CREATE INDEX role_grants_by_managed ON role_grants (managed_group);

-- Enrolment and reset links. The link of the first administrator has no user yet. `by_full`: made by a full
-- administrator; others' links and tokens do not open an account that has gained a role meanwhile.
CREATE TABLE enrolment_links (
    id         BLOB   NOT NULL PRIMARY KEY,
    digest     BLOB   NOT NULL,
    kind       TEXT   NOT NULL,
    user_id    BLOB   REFERENCES users (id) ON DELETE CASCADE,
    by_full    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at   BIGINT
);
CREATE INDEX enrolment_links_by_user ON enrolment_links (user_id);
CREATE INDEX enrolment_links_by_expiry ON enrolment_links (expires_at);

CREATE TABLE api_tokens (
    id           BLOB   NOT NULL PRIMARY KEY,
    digest       BLOB   NOT NULL,
    user_id      BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    label        TEXT   NOT NULL,
    by_full      BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    last_used_at BIGINT
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id);
CREATE INDEX api_tokens_by_expiry ON api_tokens (expires_at);

-- Browsers in which somebody has logged in, and who.
CREATE TABLE browsers (
    id         BLOB   NOT NULL PRIMARY KEY,
    digest     BLOB   NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE browser_users (
    browser_id    BLOB   NOT NULL REFERENCES browsers (id) ON DELETE CASCADE,
    user_id       BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    last_login_at BIGINT NOT NULL,
    PRIMARY KEY (browser_id, user_id)
);
CREATE INDEX browser_users_by_user ON browser_users (user_id);
CREATE INDEX browser_users_by_login ON browser_users (last_login_at);

-- Wrong tries: the moment until which a budget counts as spent. A row of the past means an untouched budget.
CREATE TABLE login_budgets (
    id          BLOB   NOT NULL PRIMARY KEY,
    spent_until BIGINT NOT NULL
);
CREATE INDEX login_budgets_by_time ON login_budgets (spent_until);

-- Changing a row here makes changes that must see each other take turns.
CREATE TABLE directory_turns (
    name  TEXT   NOT NULL PRIMARY KEY,
    taken BIGINT NOT NULL
);
INSERT INTO directory_turns (name, taken) VALUES ('structure', 0);
