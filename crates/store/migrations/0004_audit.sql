-- Tables of `audit`.

-- Who did what. The id is a UUIDv7 with the time of the unit of work, so that the table grows at its end.
CREATE TABLE events (
    id BLOB PRIMARY KEY,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_id BLOB,
    via TEXT NOT NULL,
    subject_kind TEXT,
    subject_name TEXT,
    subject_id BLOB,
    refused BIGINT NOT NULL,
    reason TEXT,
    address TEXT,
    trace TEXT,
    data TEXT
);

-- How far an export of events has come, and which process is at it.
CREATE TABLE event_exports (
    name TEXT PRIMARY KEY,
    position BLOB NOT NULL,
    holder BLOB,
    held_until BIGINT NOT NULL
);

-- What happened in each login. The id is the second of its beginning and a counter: its low 40 bits are the reference
-- that people see. `steps` holds one line of JSON per request.
CREATE TABLE traces (
    id BIGINT PRIMARY KEY,
    started BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    app TEXT,
    person TEXT,
    address TEXT,
    outcome BIGINT NOT NULL,
    steps TEXT NOT NULL
);
-- The id knows the second only.
CREATE INDEX traces_by_start ON traces (started, id);
