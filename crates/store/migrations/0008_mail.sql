-- Letters to people.

-- `content` is sealed: letters carry links that open accounts. A letter that has arrived is removed; one that was given up
-- stays a while. `due_at` of a waiting letter that somebody is sending lies ahead: if that node dies, another sends it then.
CREATE TABLE letters (
    id         BLOB   NOT NULL PRIMARY KEY,
    kind       TEXT   NOT NULL,
    recipient  TEXT   NOT NULL,
    content    BLOB   NOT NULL,
    state      TEXT   NOT NULL,
    tries      BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    give_up_at BIGINT NOT NULL,
    claim      BLOB,
    problem    TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX letters_by_due ON letters (state, due_at);

-- Somebody forgot a password: answered by a letter, later and elsewhere, so that the page takes as long for a name that nobody
-- has. Without a user there is nothing to answer; the row is written all the same.
CREATE TABLE password_requests (
    id         BLOB   NOT NULL PRIMARY KEY,
    user_id    BLOB,
    language   TEXT   NOT NULL,
    address    TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

-- An address that somebody wants, until whoever reads its mail has said that it is theirs. One for each person.
CREATE TABLE address_confirmations (
    id         BLOB   NOT NULL PRIMARY KEY,
    digest     BLOB   NOT NULL,
    user_id    BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address    TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX address_confirmations_by_user ON address_confirmations (user_id);
CREATE INDEX address_confirmations_by_expiry ON address_confirmations (expires_at);
