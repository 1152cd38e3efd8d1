-- Applications, their secrets and scope maps.

-- `client_key` is the client id in lower case: two names that differ in case alone are too easy to confuse.
CREATE TABLE apps (
    id         BLOB   NOT NULL PRIMARY KEY,
    client_id  TEXT   NOT NULL,
    client_key BLOB   NOT NULL UNIQUE,
    disabled   BIGINT NOT NULL,
    document   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- `hash` verifies, `sealed` shows. `valid_until` is set when a secret is rotated away; an ended one stays until the next
-- rotation, so that a trace can say that an application still sends it.
CREATE TABLE app_secrets (
    id          BLOB   NOT NULL PRIMARY KEY,
    app_id      BLOB   NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    hash        BLOB   NOT NULL,
    sealed      BLOB   NOT NULL,
    created_at  BIGINT NOT NULL,
    valid_until BIGINT
);
CREATE INDEX app_secrets_by_app ON app_secrets (app_id);

-- Without a group it is for everyone. `holder` repeats group_id or is empty, so that one unique key covers both.
CREATE TABLE app_scope_maps (
    id         BLOB   NOT NULL PRIMARY KEY,
    app_id     BLOB   NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    holder     BLOB   NOT NULL,
    group_id   BLOB   REFERENCES user_groups (id) ON DELETE CASCADE,
    scopes     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (app_id, holder)
);
CREATE INDEX app_scope_maps_by_group ON app_scope_maps (group_id);
