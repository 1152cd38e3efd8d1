-- Issuers of earlier providers at which this server answers too. `address`: the issuer itself, or what stands before the client id
-- of one issuer for each application; compared byte by byte.
CREATE TABLE issuer_aliases (
    id         BLOB   NOT NULL PRIMARY KEY,
    address    TEXT   NOT NULL UNIQUE,
    created_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
