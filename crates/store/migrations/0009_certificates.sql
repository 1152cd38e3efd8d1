-- The server's own certificates: how it comes by them, and the private authority. Every `secret` and `credentials` is sealed.

-- Accounts at ACME authorities, by the address of their directory.
CREATE TABLE acme_accounts (
    directory   TEXT   NOT NULL PRIMARY KEY,
    contact     TEXT   NOT NULL,
    credentials BLOB   NOT NULL,
    created_at  BIGINT NOT NULL
);

-- The way to the next certificate of a host: the order under way with the key that it is for, and what went wrong last.
-- `source` says from whom the certificate comes. Gone when it has come.
CREATE TABLE certificate_orders (
    source      TEXT   NOT NULL,
    host        TEXT   NOT NULL,
    url         TEXT,
    secret      BLOB,
    is_wanted   BIGINT NOT NULL,
    failures    BIGINT NOT NULL,
    next_try_at BIGINT NOT NULL,
    failed_at   BIGINT,
    code        TEXT,
    detail      TEXT,
    remedy      TEXT,
    PRIMARY KEY (source, host)
);

-- What an ACME authority may ask for at the moment: whichever node it reaches can answer.
CREATE TABLE acme_challenges (
    kind       TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    answer     TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (kind, name)
);

-- Certificates that have been issued. `secret` is the key of those that this server presents; the others' keys it never kept.
CREATE TABLE certificates (
    id         BLOB   NOT NULL PRIMARY KEY,
    source     TEXT   NOT NULL,
    host       TEXT   NOT NULL,
    names      TEXT   NOT NULL,
    chain      TEXT   NOT NULL,
    secret     BLOB,
    not_before BIGINT NOT NULL,
    not_after  BIGINT NOT NULL
);
CREATE INDEX certificates_by_host ON certificates (source, host, not_after);
CREATE INDEX certificates_by_end ON certificates (not_after);

-- The private authority; `place` is 1, so that there is one.
CREATE TABLE certificate_authority (
    place       BIGINT NOT NULL PRIMARY KEY,
    id          BLOB   NOT NULL,
    name        TEXT   NOT NULL,
    permitted   TEXT   NOT NULL,
    certificate TEXT   NOT NULL,
    secret      BLOB   NOT NULL,
    not_after   BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
