-- Which applications got tokens in which session, until they know that it is over.
-- Whether an application has an address that is told of logouts; its document says which.
ALTER TABLE apps ADD COLUMN backchannel BIGINT NOT NULL DEFAULT 0;
-- `subject` is the person as the application knows them: it outlives the account. While the session lives, `due_at` is NULL and
-- no index has the row. Then the application is told: `state` is waiting until it has answered, `due_at` the next attempt, or
-- the end of the claim of a node that is at it; told and given-up stay for a while, `due_at` is then when that came about.
CREATE TABLE app_sessions (
    session_id BLOB   NOT NULL,
    app_id     BLOB   NOT NULL,
    subject    TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    cause      TEXT,
    trace      TEXT,
    ended_at   BIGINT,
    due_at     BIGINT,
    give_up_at BIGINT,
    tries      BIGINT NOT NULL,
    claim      BLOB,
    problem    TEXT,
    PRIMARY KEY (session_id, app_id)
);
CREATE INDEX app_sessions_by_due ON app_sessions (state, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX app_sessions_by_app ON app_sessions (app_id, due_at) WHERE due_at IS NOT NULL;
