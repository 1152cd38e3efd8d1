-- Authorization requests that clients pushed (RFC 9126). Written with every login of an application that pushes, so it is
-- keyed by time-ordered ids and has no other index; the sweep removes the oldest.
CREATE TABLE pushed_requests (
    id         BLOB   PRIMARY KEY,
    digest     BLOB   NOT NULL,
    app_id     BLOB   NOT NULL,
    request    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
