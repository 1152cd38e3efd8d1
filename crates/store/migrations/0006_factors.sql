-- Second factors and what is asked of a login.

-- One secret per person, sealed. `last_step` is the newest time step whose code was taken: a code counts once, and none
-- older than one that counted.
CREATE TABLE totp (
    user_id    BLOB   NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed     BLOB   NOT NULL,
    last_step  BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT
);

-- Keyed hashes. A used code stays until the next set, so that the page can count.
CREATE TABLE recovery_codes (
    user_id BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest  BLOB   NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, digest)
);

-- Browsers in which a person has proved a second factor. `remembered_at` when they asked not to be asked there again; how
-- long that counts is policy, and asked anew at every login. `level`: how strong that proof was.
CREATE TABLE browser_factors (
    browser_id    BLOB   NOT NULL REFERENCES browsers (id) ON DELETE CASCADE,
    user_id       BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    proved_at     BIGINT NOT NULL,
    remembered_at BIGINT,
    level         TEXT   NOT NULL,
    PRIMARY KEY (browser_id, user_id)
);
CREATE INDEX browser_factors_by_user ON browser_factors (user_id);

-- What is asked of logins of a group's members and into an application, as JSON; the server's own is a setting.
CREATE TABLE group_policies (
    group_id BLOB NOT NULL PRIMARY KEY REFERENCES user_groups (id) ON DELETE CASCADE,
    policy   TEXT NOT NULL
);
CREATE TABLE app_policies (
    app_id BLOB NOT NULL PRIMARY KEY REFERENCES apps (id) ON DELETE CASCADE,
    policy TEXT NOT NULL
);
