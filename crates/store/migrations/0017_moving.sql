-- How codes are made from a secret that came from another provider: null is SHA-1, six digits, 30 seconds.
ALTER TABLE totp ADD COLUMN form TEXT;
