-- People who come by themselves.

-- Somebody asked to register: answered by a letter, later and elsewhere, so that the page does the same for an address that
-- has an account already.
CREATE TABLE registration_requests (
    id         BLOB   NOT NULL PRIMARY KEY,
    address    TEXT   NOT NULL,
    language   TEXT   NOT NULL,
    came_from  TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

-- `asked` until whoever reads the mail follows the link in it; `waiting` from then on, where an administrator approves. The
-- account does not exist before, and no password is stored for it.
CREATE TABLE registrations (
    id           BLOB   NOT NULL PRIMARY KEY,
    digest       BLOB   NOT NULL,
    state        TEXT   NOT NULL,
    address      TEXT   NOT NULL,
    address_key  BLOB   NOT NULL,
    language     TEXT   NOT NULL,
    came_from    TEXT   NOT NULL,
    name         TEXT,
    name_key     BLOB,
    display_name TEXT,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX registrations_by_state ON registrations (state, id);
CREATE INDEX registrations_by_address ON registrations (address_key);
CREATE INDEX registrations_by_name ON registrations (name_key);
CREATE INDEX registrations_by_expiry ON registrations (expires_at);

-- Names that somebody had, hashed: applications may know a person by the name, so nobody gives it to themselves.
CREATE TABLE former_names (
    hash BLOB NOT NULL PRIMARY KEY
);
