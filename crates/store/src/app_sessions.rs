//! Which applications got tokens in a session. When it ends, whatever ends it, the rows of those that can be told become the
//! queue in [`crate::logouts`], in the same unit of work.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{Change, StoreError, Topic, Tx, Value};

/// An application that cannot be reached is tried for this long.
pub const TRIED_FOR: SignedDuration = SignedDuration::from_hours(72);

/// Why an application's session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The session here ended: a logout, an administrator, the end of an account, the upstream.
    Ended,
    /// The session here was not used for too long, or reached its end.
    Expired,
    /// The person, or somebody for them, took back what the application had been given.
    Revoked,
    /// The person is in no group any more that lets them into the application.
    NoAccess,
    /// A code or a refresh token of the application came from somebody who should not have it.
    Stolen,
    /// The application is disabled, or has been removed.
    NoApp,
}

impl Cause {
    const ALL: [Self; 6] = [
        Self::Ended,
        Self::Expired,
        Self::Revoked,
        Self::NoAccess,
        Self::Stolen,
        Self::NoApp,
    ];

    /// As it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::NoAccess => "no-access",
            Self::Stolen => "stolen",
            Self::NoApp => "no-app",
        }
    }

    /// As it was stored.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.name() == name)
    }
}

/// The statement that ends open rows.
macro_rules! end {
    ($which:literal) => {
        concat!(
            "UPDATE app_sessions SET state = CASE WHEN app_id IN (SELECT id FROM apps WHERE backchannel = 1) \
             THEN 'waiting' ELSE 'untold' END, cause = $1, ended_at = $2, due_at = $2, give_up_at = $3 \
             WHERE due_at IS NULL AND ",
            $which,
            " RETURNING state"
        )
    };
}

/// Notes that an application got tokens in a session that still lives, for the person as it knows them. One that was going to be
/// told of an earlier end has begun anew, and is not any more: that would end what the person has just begun.
pub fn note(tx: &mut Tx<'_>, session_id: Uuid, app_id: Uuid, subject: &str) -> Result<(), StoreError> {
    // Whoever ends the session between this look and the commit of this unit is caught up with by `over`.
    tx.execute(
        "INSERT INTO app_sessions (session_id, app_id, subject, state, tries) \
         SELECT $1, $2, $3, 'open', 0 FROM sessions WHERE id = $1 \
         ON CONFLICT (session_id, app_id) DO UPDATE SET subject = excluded.subject, \
         state = 'open', cause = NULL, trace = NULL, ended_at = NULL, due_at = NULL, give_up_at = NULL, tries = 0, \
         claim = NULL, problem = NULL WHERE app_sessions.due_at IS NOT NULL",
        &[session_id.into(), app_id.into(), subject.into()],
    )?;
    Ok(())
}

/// The applications that got tokens in a session and were not told yet that it is over, in the order of their ids.
pub fn open(tx: &mut Tx<'_>, session_id: Uuid) -> Result<Vec<Uuid>, StoreError> {
    tx.all(
        "SELECT app_id FROM app_sessions WHERE session_id = $1 AND due_at IS NULL ORDER BY app_id",
        &[session_id.into()],
        |row| row.get(0),
    )
}

/// The session is over: applications that can be told are from now on going to be; of the others it is only known, for a while,
/// that they cannot.
pub fn end(tx: &mut Tx<'_>, session_id: Uuid, cause: Cause) -> Result<(), StoreError> {
    ending(tx, end!("session_id = $4"), cause, &[session_id.into()])?;
    Ok(())
}

/// What one application has of a session is over; the session here goes on. How many were open: one or none.
pub fn end_at(tx: &mut Tx<'_>, session_id: Uuid, app_id: Uuid, cause: Cause) -> Result<u64, StoreError> {
    let of = [session_id.into(), app_id.into()];
    ending(tx, end!("session_id = $4 AND app_id = $5"), cause, &of)
}

/// The sessions of a user at one application are over; those here go on. How many were open.
pub fn end_of_user_at(tx: &mut Tx<'_>, user_id: Uuid, app_id: Uuid, cause: Cause) -> Result<u64, StoreError> {
    let of = [user_id.into(), app_id.into()];
    let sql = end!("session_id IN (SELECT id FROM sessions WHERE user_id = $4) AND app_id = $5");
    ending(tx, sql, cause, &of)
}

/// The sessions of everybody at one application are over; those here go on. How many were open.
pub fn end_of_app(tx: &mut Tx<'_>, app_id: Uuid, cause: Cause) -> Result<u64, StoreError> {
    ending(tx, end!("app_id = $4"), cause, &[app_id.into()])
}

/// Says in which trace the way of these deliveries is told.
pub fn in_trace(tx: &mut Tx<'_>, session_id: Uuid, trace: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE app_sessions SET trace = $2 WHERE session_id = $1 AND state = 'waiting' AND trace IS NULL",
        &[session_id.into(), trace.into()],
    )?;
    Ok(())
}

/// Sessions that are over without anybody having ended what applications have of them: they expired, or ended in the moment in
/// which an application got its tokens. Behind `after`, in the order of their ids, at most `limit`.
pub fn over(tx: &mut Tx<'_>, now: Timestamp, after: Option<Uuid>, limit: u32) -> Result<Vec<Uuid>, StoreError> {
    tx.all(
        "SELECT DISTINCT a.session_id FROM app_sessions a LEFT JOIN sessions s ON s.id = a.session_id \
         WHERE a.session_id > $3 AND a.due_at IS NULL AND (s.id IS NULL OR s.ended_at IS NOT NULL OR s.expires_at <= $1 \
         OR s.last_seen_at + s.idle_seconds * 1000 <= $1) ORDER BY a.session_id LIMIT $2",
        &[now.into(), limit.into(), after.unwrap_or_default().into()],
        |row| row.get(0),
    )
}

/// Somebody who is in a session at an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guest {
    /// The session here.
    pub session_id: Uuid,
    /// The application.
    pub app_id: Uuid,
    /// Who.
    pub user_id: Uuid,
}

/// Who is in sessions at applications: those of one user, or everybody's; behind `after`, in the order of sessions and
/// applications, at most `limit`.
pub fn guests(
    tx: &mut Tx<'_>,
    user_id: Option<Uuid>,
    after: Option<(Uuid, Uuid)>,
    limit: u32,
) -> Result<Vec<Guest>, StoreError> {
    let (session, app) = after.unwrap_or((Uuid::nil(), Uuid::nil()));
    let read = |row: &crate::Row<'_>| {
        Ok(Guest {
            session_id: row.get(0)?,
            app_id: row.get(1)?,
            user_id: row.get(2)?,
        })
    };
    match user_id {
        Some(user_id) => tx.all(
            "SELECT a.session_id, a.app_id, s.user_id FROM sessions s JOIN app_sessions a ON a.session_id = s.id \
             WHERE s.user_id = $4 AND a.due_at IS NULL AND (a.session_id > $1 OR a.session_id = $1 AND a.app_id > $2) \
             ORDER BY a.session_id, a.app_id LIMIT $3",
            &[session.into(), app.into(), limit.into(), user_id.into()],
            read,
        ),
        None => tx.all(
            "SELECT a.session_id, a.app_id, s.user_id FROM app_sessions a JOIN sessions s ON s.id = a.session_id \
             WHERE a.due_at IS NULL AND (a.session_id > $1 OR a.session_id = $1 AND a.app_id > $2) \
             ORDER BY a.session_id, a.app_id LIMIT $3",
            &[session.into(), app.into(), limit.into()],
            read,
        ),
    }
}

/// Runs one of the statements above: whoever tells applications hears of it when there is one to tell. How many rows.
fn ending(tx: &mut Tx<'_>, sql: &str, cause: Cause, of: &[Value<'_>]) -> Result<u64, StoreError> {
    let now = tx.now();
    let give_up = now.checked_add(TRIED_FOR).unwrap_or(Timestamp::MAX);
    let mut params: Vec<Value<'_>> = vec![cause.name().into(), now.into(), give_up.into()];
    params.extend_from_slice(of);
    let states: Vec<String> = tx.all(sql, &params, |row| row.get(0))?;
    if states.iter().any(|state| state == "waiting") {
        tx.announce(Change::any(Topic::Logouts));
    }
    Ok(states.len() as u64)
}
