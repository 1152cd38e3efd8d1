//! Requests that a person answers somewhere else than where they began: from a device without a keyboard (RFC 8628), or from
//! an application that knows whom it asks (CIBA). The client comes again and again to ask whether it was answered.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{Row, StoreError, Ticket, Tx};

/// A request is remembered this long after its end: how often somebody was asked in vain is counted.
pub const REMEMBER: Duration = Duration::from_mins(10);
/// What a client that comes too early has to wait longer, in seconds (RFC 8628 §3.5).
const SLOWER: i64 = 5;
/// No client has to wait longer than this, in seconds.
const SLOWEST: i64 = 60;
/// Timers are not exact: so many milliseconds early is in time.
const EARLY: i64 = 500;
/// Milliseconds in which it is noted once that a client asks: however often it does, it costs one write a second.
const NOTED: i64 = 1000;

/// How a request began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// On a device, which shows a code (RFC 8628).
    Device,
    /// In an application that names the person (OpenID Connect CIBA, poll mode).
    Ciba,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Ciba => "ciba",
        }
    }

    fn parse(text: &str) -> Result<Self, StoreError> {
        match text {
            "device" => Ok(Self::Device),
            "ciba" => Ok(Self::Ciba),
            other => Err(StoreError::Damaged(format!("a decoupled request came from {other:?}"))),
        }
    }
}

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has answered.
    Waiting,
    /// The person said yes; the client has not come for it yet.
    Approved,
    /// The person said no.
    Denied,
    /// The client has its tokens.
    Taken,
}

impl State {
    fn parse(text: &str) -> Result<Self, StoreError> {
        Ok(match text {
            "waiting" => Self::Waiting,
            "approved" => Self::Approved,
            "denied" => Self::Denied,
            "taken" => Self::Taken,
            other => return Err(StoreError::Damaged(format!("a decoupled request is {other:?}"))),
        })
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoupled {
    /// Its key.
    pub id: Uuid,
    /// How it began.
    pub kind: Kind,
    /// The application that asks.
    pub app_id: Uuid,
    /// Who is asked, or who answered.
    pub user_id: Option<Uuid>,
    /// What is asked, as JSON of the caller's shape.
    pub request: String,
    /// How far it has come.
    pub state: State,
    /// What the answer gave.
    pub grant_id: Option<Uuid>,
    /// Seconds between two questions of the client.
    pub interval: i64,
    /// When the client asked last.
    pub polled: Option<Timestamp>,
    /// When it began.
    pub created: Timestamp,
    /// When it can no longer be answered or fetched.
    pub expires: Timestamp,
}

/// A request to store.
#[derive(Debug, Clone)]
pub struct NewDecoupled<'a> {
    /// How it begins.
    pub kind: Kind,
    /// The application that asks.
    pub app_id: Uuid,
    /// Keyed hash of the code that the person types.
    pub code_hash: Option<[u8; 32]>,
    /// Who is asked.
    pub user_id: Option<Uuid>,
    /// What is asked.
    pub request: &'a str,
    /// Seconds between two questions of the client.
    pub interval: i64,
    /// When it ends.
    pub expires: Timestamp,
}

/// What a client that asks is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Poll {
    /// Nobody has answered.
    Waiting,
    /// The same, and it came too early: from now on it waits this many seconds.
    TooEarly(i64),
    /// The person said yes: [`take`] it.
    Approved(Decoupled),
    /// The person said no.
    Denied(Decoupled),
    /// It was fetched before.
    Taken(Decoupled),
    /// Nobody answered in time.
    Expired(Decoupled),
    /// There is no such request of this application.
    Unknown,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, app_id, user_id, request, state, grant_id, interval_seconds, polled_at, created_at, expires_at, kind \
             FROM decoupled_requests ",
            $rest
        )
    };
}

/// Stores a request under its ticket. `false` when the code that the person types is one of another request just now.
pub fn create(tx: &mut Tx<'_>, ticket: &Ticket, new: &NewDecoupled<'_>) -> Result<bool, StoreError> {
    let now = tx.now();
    let added = tx.execute(
        "INSERT INTO decoupled_requests (id, digest, kind, app_id, code_hash, user_id, request, state, grant_id, \
         interval_seconds, polled_at, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', NULL, $8, NULL, $9, $10) ON CONFLICT (code_hash) DO NOTHING",
        &[
            ticket.id().into(),
            (&ticket.digest()).into(),
            new.kind.as_str().into(),
            new.app_id.into(),
            new.code_hash.as_ref().into(),
            new.user_id.into(),
            new.request.into(),
            new.interval.into(),
            now.into(),
            new.expires.into(),
        ],
    )?;
    Ok(added == 1)
}

/// The request whose code the person typed, if it still waits for an answer.
pub fn by_code(tx: &mut Tx<'_>, code_hash: &[u8; 32], now: Timestamp) -> Result<Option<Decoupled>, StoreError> {
    tx.one(
        select!("WHERE code_hash = $1 AND state = 'waiting' AND expires_at > $2"),
        &[code_hash.into(), now.into()],
        decoupled,
    )
}

/// A request by its key, however far it has come.
pub fn by_id(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Decoupled>, StoreError> {
    tx.one(select!("WHERE id = $1"), &[id.into()], decoupled)
}

/// What applications ask of a person and wait for, oldest first. Only requests that named the person.
pub fn waiting_for(tx: &mut Tx<'_>, user_id: Uuid, now: Timestamp) -> Result<Vec<Decoupled>, StoreError> {
    tx.all(
        select!("WHERE user_id = $1 AND kind = 'ciba' AND state = 'waiting' AND expires_at > $2 ORDER BY id"),
        &[user_id.into(), now.into()],
        decoupled,
    )
}

/// How many questions of this application the person has not said yes to: those that wait, and those of the last
/// [`REMEMBER`] that were denied or ended without an answer.
pub fn asked_in_vain(tx: &mut Tx<'_>, user_id: Uuid, app_id: Uuid) -> Result<i64, StoreError> {
    let now = tx.now();
    let lately = now.checked_sub(REMEMBER).unwrap_or(Timestamp::MIN);
    let count = tx.one(
        "SELECT count(*) FROM decoupled_requests WHERE user_id = $1 AND app_id = $2 AND kind = 'ciba' \
         AND state IN ('waiting', 'denied') AND (created_at > $3 OR (state = 'waiting' AND expires_at > $4))",
        &[user_id.into(), app_id.into(), lately.into(), now.into()],
        |row| row.get::<i64>(0),
    )?;
    Ok(count.unwrap_or_default())
}

/// Says yes: one conditional update decides. `false` when it was answered before, or has ended.
pub fn approve(tx: &mut Tx<'_>, id: Uuid, user_id: Uuid, grant_id: Uuid) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx.execute(
        "UPDATE decoupled_requests SET state = 'approved', user_id = $2, grant_id = $3 \
         WHERE id = $1 AND state = 'waiting' AND expires_at > $4 AND (user_id IS NULL OR user_id = $2)",
        &[id.into(), user_id.into(), grant_id.into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// Says no. `false` as for [`approve`].
pub fn deny(tx: &mut Tx<'_>, id: Uuid, user_id: Uuid) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx.execute(
        "UPDATE decoupled_requests SET state = 'denied', user_id = $2 \
         WHERE id = $1 AND state = 'waiting' AND expires_at > $3 AND (user_id IS NULL OR user_id = $2)",
        &[id.into(), user_id.into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// What a client that asks at `now` is told without anything being noted: no answer is outstanding, or it was noted within the
/// last second that it asks. None when [`poll`] has to note it.
pub fn peek(
    tx: &mut Tx<'_>,
    ticket: &Ticket,
    kind: Kind,
    app_id: Uuid,
    now: Timestamp,
) -> Result<Option<Poll>, StoreError> {
    Ok(match standing(tx, ticket, kind, app_id, now)? {
        Ok(poll) => Some(poll),
        Err(waits) => (since(&waits, now) < NOTED).then_some(Poll::TooEarly(waits.interval)),
    })
}

/// A client asks whether its request was answered, and is noted to have asked.
pub fn poll(tx: &mut Tx<'_>, ticket: &Ticket, kind: Kind, app_id: Uuid) -> Result<Poll, StoreError> {
    let now = tx.now();
    let found = match standing(tx, ticket, kind, app_id, now)? {
        Ok(poll) => return Ok(poll),
        Err(waits) => waits,
    };
    let is_early = since(&found, now).saturating_add(EARLY) < found.interval.saturating_mul(1000);
    let interval = if is_early {
        found.interval.saturating_add(SLOWER).min(SLOWEST)
    } else {
        found.interval
    };
    tx.execute(
        "UPDATE decoupled_requests SET polled_at = $2, interval_seconds = $3 WHERE id = $1 AND state = 'waiting'",
        &[found.id.into(), now.into(), interval.into()],
    )?;
    Ok(if is_early {
        Poll::TooEarly(interval)
    } else {
        Poll::Waiting
    })
}

/// Milliseconds since the client asked last.
fn since(found: &Decoupled, now: Timestamp) -> i64 {
    let polled = found.polled.map(Timestamp::as_millisecond);
    polled.map_or(i64::MAX, |at| now.as_millisecond().saturating_sub(at))
}

/// What is so of a request whenever its client asks; the request itself while it waits for an answer.
fn standing(
    tx: &mut Tx<'_>,
    ticket: &Ticket,
    kind: Kind,
    app_id: Uuid,
    now: Timestamp,
) -> Result<Result<Poll, Decoupled>, StoreError> {
    let found = tx.one(
        "SELECT id, app_id, user_id, request, state, grant_id, interval_seconds, polled_at, created_at, expires_at, kind, digest \
         FROM decoupled_requests WHERE id = $1 AND kind = $2",
        &[ticket.id().into(), kind.as_str().into()],
        |row| Ok((decoupled(row)?, row.get::<Vec<u8>>(11)?)),
    )?;
    // A request of another application is not told apart from none: whoever has its code did not get it from us.
    let Some((found, _)) = found.filter(|(found, digest)| ticket.matches(digest) && found.app_id == app_id) else {
        return Ok(Ok(Poll::Unknown));
    };
    Ok(match found.state {
        State::Taken => Ok(Poll::Taken(found)),
        _ if found.expires <= now => Ok(Poll::Expired(found)),
        State::Approved => Ok(Poll::Approved(found)),
        State::Denied => Ok(Poll::Denied(found)),
        State::Waiting => Err(found),
    })
}

/// Takes what the person said yes to: of several callers, one gets it.
pub fn take(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<bool, StoreError> {
    let now = tx.now();
    // Compared as a digest of 256 random bits: how long the engine takes tells nothing about the secret.
    let changed = tx.execute(
        "UPDATE decoupled_requests SET state = 'taken' WHERE id = $1 AND digest = $2 AND state = 'approved' \
         AND expires_at > $3",
        &[ticket.id().into(), (&ticket.digest()).into(), now.into()],
    )?;
    Ok(changed == 1)
}

fn decoupled(row: &Row<'_>) -> Result<Decoupled, StoreError> {
    Ok(Decoupled {
        id: row.get(0)?,
        app_id: row.get(1)?,
        user_id: row.get(2)?,
        request: row.get(3)?,
        state: State::parse(&row.get::<String>(4)?)?,
        grant_id: row.get(5)?,
        interval: row.get(6)?,
        polled: row.get(7)?,
        created: row.get(8)?,
        expires: row.get(9)?,
        kind: Kind::parse(&row.get::<String>(10)?)?,
    })
}
