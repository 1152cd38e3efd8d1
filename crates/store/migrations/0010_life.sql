-- Accounts that end: at a date, or because somebody deletes them.

-- expires_at: closed from then on. expiry_step: 0 nothing has come of it yet, 1 the person was told, 2 what they had was ended.
-- deletion_at: closed at once, and gone for good then.
ALTER TABLE users ADD COLUMN expires_at BIGINT;
ALTER TABLE users ADD COLUMN expiry_step BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN deletion_at BIGINT;
-- Only those about whom there is still something to do: the others stay for years.
CREATE INDEX users_by_expiry ON users (expires_at) WHERE expires_at IS NOT NULL AND expiry_step < 2;
CREATE INDEX users_by_deletion ON users (deletion_at) WHERE deletion_at IS NOT NULL;

-- What somebody did, and what was done to their account, for their own page.
CREATE INDEX events_by_actor ON events (actor_id, id) WHERE actor_id IS NOT NULL;
CREATE INDEX events_about_users ON events (subject_id, id) WHERE subject_kind = 'user';
