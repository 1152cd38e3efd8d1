-- Terms and conditions, by version. The newest is asked of people at their next login, unless it was withdrawn. texts: JSON, one
-- for each language. What was published never changes, so that what somebody accepted stays readable.
CREATE TABLE terms (
    version      BIGINT NOT NULL PRIMARY KEY,
    texts        TEXT   NOT NULL,
    published_at BIGINT NOT NULL,
    published_by TEXT   NOT NULL,
    withdrawn_at BIGINT
);

-- Who accepted which version, when, in which language, from where.
CREATE TABLE terms_accepted (
    id          BLOB   NOT NULL PRIMARY KEY,
    version     BIGINT NOT NULL REFERENCES terms (version),
    user_id     BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    accepted_at BIGINT NOT NULL,
    language    TEXT   NOT NULL,
    address     TEXT   NOT NULL,
    UNIQUE (user_id, version)
);
CREATE INDEX terms_accepted_by_version ON terms_accepted (version, id);
