-- Passkeys of people. credential_id: what authenticators know them by; public_key: COSE, as registered. sign_count only ever
-- goes up; copied_at: it went back once, and the passkey is not accepted any more. discoverable: NULL when the browser did
-- not say. transports: words separated by spaces. attestation: none, self or certified.
CREATE TABLE passkeys (
    id              BLOB   NOT NULL PRIMARY KEY,
    user_id         BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credential_id   BLOB   NOT NULL UNIQUE,
    public_key      BLOB   NOT NULL,
    sign_count      BIGINT NOT NULL,
    backup_eligible BIGINT NOT NULL,
    backed_up       BIGINT NOT NULL,
    user_verified   BIGINT NOT NULL,
    discoverable    BIGINT,
    aaguid          BLOB   NOT NULL,
    transports      TEXT   NOT NULL,
    attestation     TEXT   NOT NULL,
    name            TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    last_used_at    BIGINT,
    copied_at       BIGINT
);
CREATE INDEX passkeys_by_user ON passkeys (user_id);
