//! Sessions of people with this server: what the browser's cookie stands for.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::app_sessions::{self, Cause};
use crate::{Row, StoreError, Ticket, Tx, grants};

/// `last_seen` is written at most this often: a session must not cost a durable write per request.
pub const TOUCH_EVERY: Duration = Duration::from_mins(1);

/// A session, live or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its key; the id in the cookie's ticket.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// When the person logged in first.
    pub created: Timestamp,
    /// When it was used last, to a minute.
    pub last_seen: Timestamp,
    /// When it ends, however much it is used.
    pub expires: Timestamp,
    /// How long it may rest, in seconds.
    pub idle_seconds: i64,
    /// When the person proved who they are last (`auth_time`).
    pub auth_time: Timestamp,
    /// How they did (RFC 8176).
    pub amr: Vec<String>,
    /// The authentication context class reached.
    pub acr: Option<String>,
    /// Where from.
    pub address: String,
    /// With which browser.
    pub user_agent: String,
    /// When it was ended before its time.
    pub ended_at: Option<Timestamp>,
}

impl Session {
    /// Whether it may be used at `now`: not ended, not beyond its absolute end, not idle for too long.
    pub fn is_live(&self, now: Timestamp) -> bool {
        let rests_until = self
            .last_seen
            .as_millisecond()
            .saturating_add(self.idle_seconds.saturating_mul(1000));
        self.ended_at.is_none() && now < self.expires && now.as_millisecond() < rests_until
    }
}

/// What a new session starts with; it is created and last seen at the unit's time.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// See [`Session`].
    pub user_id: Uuid,
    /// See [`Session`].
    pub expires: Timestamp,
    /// See [`Session`].
    pub idle_seconds: i64,
    /// See [`Session`].
    pub auth_time: Timestamp,
    /// See [`Session`].
    pub amr: &'a [String],
    /// See [`Session`].
    pub acr: Option<&'a str>,
    /// See [`Session`].
    pub address: &'a str,
    /// See [`Session`].
    pub user_agent: &'a str,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, created_at, last_seen_at, expires_at, idle_seconds, auth_at, amr, acr, address, \
             user_agent, ended_at, digest FROM sessions ",
            $rest
        )
    };
}

/// Creates the session of a ticket.
pub fn create(tx: &mut Tx<'_>, ticket: &Ticket, new: &NewSession<'_>) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO sessions (id, digest, user_id, created_at, last_seen_at, expires_at, idle_seconds, auth_at, amr, acr, \
         address, user_agent) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            ticket.id().into(),
            (&ticket.digest()).into(),
            new.user_id.into(),
            now.into(),
            new.expires.into(),
            new.idle_seconds.into(),
            new.auth_time.into(),
            (&new.amr.join(" ")).into(),
            new.acr.into(),
            new.address.into(),
            new.user_agent.into(),
        ],
    )?;
    Ok(())
}

/// The live session of a ticket.
pub fn find(tx: &mut Tx<'_>, ticket: &Ticket, now: Timestamp) -> Result<Option<Session>, StoreError> {
    let found = tx.one(select!("WHERE id = $1"), &[ticket.id().into()], |row| {
        Ok((session(row)?, row.get::<Vec<u8>>(12)?))
    })?;
    Ok(found
        .filter(|(session, digest)| ticket.matches(digest) && session.is_live(now))
        .map(|(session, _)| session))
}

/// A session by its key, live or not.
pub fn by_id(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Session>, StoreError> {
    tx.one(select!("WHERE id = $1"), &[id.into()], session)
}

/// Notes that a session was used at the unit's time. Whether anything had to be written: at most once a minute; a
/// caller that knows `last_seen` need not even ask (see [`needs_touch`]).
pub fn touch(tx: &mut Tx<'_>, id: Uuid) -> Result<bool, StoreError> {
    let now = tx.now();
    let before = now.checked_sub(TOUCH_EVERY).unwrap_or(Timestamp::MIN);
    let changed = tx.execute(
        "UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at <= $3 AND ended_at IS NULL",
        &[id.into(), now.into(), before.into()],
    )?;
    Ok(changed == 1)
}

/// Whether [`touch`] would write.
pub fn needs_touch(session: &Session, now: Timestamp) -> bool {
    session.last_seen.checked_add(TOUCH_EVERY).is_ok_and(|next| next <= now)
}

/// The person proved again who they are, within a live session: new authentication facts and a new secret (the old cookie
/// ends here). `ticket` must carry the session's id ([`Ticket::for_id`]). `false` when the session has ended.
pub fn reauthenticate(
    tx: &mut Tx<'_>,
    ticket: &Ticket,
    auth_time: Timestamp,
    amr: &[String],
    acr: Option<&str>,
) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx.execute(
        "UPDATE sessions SET digest = $2, auth_at = $3, amr = $4, acr = $5, last_seen_at = $6 \
         WHERE id = $1 AND ended_at IS NULL AND expires_at > $6",
        &[
            ticket.id().into(),
            (&ticket.digest()).into(),
            auth_time.into(),
            (&amr.join(" ")).into(),
            acr.into(),
            now.into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Lets a session end no later than this; it never lives longer than it would have.
pub fn shorten(tx: &mut Tx<'_>, id: Uuid, expires: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sessions SET expires_at = $2 WHERE id = $1 AND expires_at > $2",
        &[id.into(), expires.into()],
    )?;
    Ok(())
}

/// The session if it is live, held until the unit ends: nobody ends it between this question and what the unit opens in it.
///
/// Whoever ends it comes before, and there is nothing to hold, or waits for this unit and then finds what it has opened.
/// The update changes nothing; it is how both engines lock a row with the same text (PostgreSQL reads committed rows
/// without one, `SQLite` has one writer).
pub fn hold(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Session>, StoreError> {
    let held = tx.execute(
        "UPDATE sessions SET ended_at = NULL WHERE id = $1 AND ended_at IS NULL",
        &[id.into()],
    )?;
    if held == 0 {
        return Ok(None);
    }
    let now = tx.now();
    Ok(by_id(tx, id)?.filter(|session| session.is_live(now)))
}

/// Ends a session and revokes what was granted in it. `false` when it had ended already or never was.
///
/// In this order: the end waits for units that [`hold`] the session, and only a revocation after it sees their grants.
pub fn end_with_grants(tx: &mut Tx<'_>, id: Uuid, offline: grants::Offline) -> Result<bool, StoreError> {
    if !end(tx, id)? {
        return Ok(false);
    }
    grants::revoke_by_session(tx, id, offline)?;
    Ok(true)
}

/// Ends a session; the applications that got tokens in it are going to be told. `false` when it had ended already or never was.
pub fn end(tx: &mut Tx<'_>, id: Uuid) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx.execute(
        "UPDATE sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL",
        &[id.into(), now.into()],
    )?;
    if changed == 0 {
        return Ok(false);
    }
    app_sessions::end(tx, id, Cause::Ended)?;
    Ok(true)
}

/// Ends every session of a user, except one (the one that asks), as [`end`] does; the ids of those that ended.
pub fn end_by_user(tx: &mut Tx<'_>, user_id: Uuid, except: Option<Uuid>) -> Result<Vec<Uuid>, StoreError> {
    let now = tx.now();
    let ended: Vec<Uuid> = tx.all(
        "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL AND id <> $3 RETURNING id",
        &[user_id.into(), now.into(), except.unwrap_or_default().into()],
        |row| row.get(0),
    )?;
    for id in &ended {
        app_sessions::end(tx, *id, Cause::Ended)?;
    }
    Ok(ended)
}

/// The live sessions of a user, newest first.
pub fn of_user(tx: &mut Tx<'_>, user_id: Uuid, now: Timestamp) -> Result<Vec<Session>, StoreError> {
    let mut sessions = tx.all(
        select!("WHERE user_id = $1 AND ended_at IS NULL ORDER BY id DESC"),
        &[user_id.into()],
        session,
    )?;
    sessions.retain(|session| session.is_live(now));
    Ok(sessions)
}

/// How many live sessions there are.
pub fn count_live(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
    let count = tx.one(
        "SELECT COUNT(*) FROM sessions WHERE expires_at > $1 AND ended_at IS NULL \
         AND last_seen_at + idle_seconds * 1000 > $1",
        &[now.into()],
        |row| row.get::<i64>(0),
    )?;
    Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}

/// Live sessions, newest first: those of a user, or everybody's; those created before `before` when given.
pub fn live(
    tx: &mut Tx<'_>,
    user_id: Option<Uuid>,
    before: Option<Uuid>,
    limit: u32,
    now: Timestamp,
) -> Result<Vec<Session>, StoreError> {
    let before = before.unwrap_or(Uuid::max());
    match user_id {
        Some(user_id) => tx.all(
            select!(
                "WHERE user_id = $4 AND id < $1 AND ended_at IS NULL AND expires_at > $2 \
                 AND last_seen_at + idle_seconds * 1000 > $2 ORDER BY id DESC LIMIT $3"
            ),
            &[before.into(), now.into(), limit.into(), user_id.into()],
            session,
        ),
        None => tx.all(
            select!(
                "WHERE id < $1 AND ended_at IS NULL AND expires_at > $2 \
                 AND last_seen_at + idle_seconds * 1000 > $2 ORDER BY id DESC LIMIT $3"
            ),
            &[before.into(), now.into(), limit.into()],
            session,
        ),
    }
}

fn session(row: &Row<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.get(0)?,
        user_id: row.get(1)?,
        created: row.get(2)?,
        last_seen: row.get(3)?,
        expires: row.get(4)?,
        idle_seconds: row.get(5)?,
        auth_time: row.get(6)?,
        amr: words(&row.get::<String>(7)?),
        acr: row.get(8)?,
        address: row.get(9)?,
        user_agent: row.get(10)?,
        ended_at: row.get(11)?,
    })
}

/// A list of words without white space in them, as it stands in one column.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split_ascii_whitespace().map(str::to_owned).collect()
}
