-- Whether anybody still has the hash of another provider is asked at every wrong password.
CREATE INDEX passwords_foreign ON passwords (user_id) WHERE prepared = 0;
