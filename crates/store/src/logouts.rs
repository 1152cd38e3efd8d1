//! The queue of applications that are to be told of a logout (OpenID Connect Back-Channel Logout 1.0): rows that
//! [`crate::app_sessions`] made due. Whoever has claimed one tells the application; of several nodes, one gets it.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::app_sessions::{Cause, TRIED_FOR};
use crate::{Change, Row, StoreError, Topic, Tx};

/// How long a node has for an attempt; then another, or the same after a restart, makes the next.
pub const CLAIMED_FOR: SignedDuration = SignedDuration::from_secs(30);
/// How long an application that was told can be looked up.
const TOLD_KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long one that was given up can be looked up, and tried again.
const GIVEN_UP_KEPT_FOR: SignedDuration = SignedDuration::from_hours(24 * 14);
/// How long it is known of an application that it could not be told: for the page that says so.
const UNTOLD_KEPT_FOR: SignedDuration = SignedDuration::from_hours(2);
/// Rows that one call of [`sweep`] removes of each kind at most.
const BATCH: i64 = 500;

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The application does not know yet.
    Waiting,
    /// It knows.
    Told,
    /// It will not be told any more, unless somebody says so.
    GivenUp,
    /// It has no address that is told: its own session goes on.
    Untold,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Told => "told",
            Self::GivenUp => "given-up",
            Self::Untold => "untold",
        }
    }
}

/// One application that is to be told, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The session that is over: the `sid` of the application's ID tokens.
    pub session_id: Uuid,
    /// The application.
    pub app_id: Uuid,
    /// The person as the application knows them.
    pub subject: String,
    /// How it stands.
    pub state: State,
    /// Why the session is over.
    pub cause: Cause,
    /// The reference of the logout's trace, if it has one.
    pub trace: Option<String>,
    /// When the session ended.
    pub ended: Timestamp,
    /// When it is tried next, or the claim of the node that is at it ends; when it was told or given up.
    pub due: Timestamp,
    /// When it is given up.
    pub give_up: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// What went wrong last.
    pub problem: Option<String>,
}

macro_rules! columns {
    () => {
        "session_id, app_id, subject, state, cause, trace, ended_at, due_at, give_up_at, tries, problem"
    };
}

/// Applications with deliveries that are due.
pub fn due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Uuid>, StoreError> {
    tx.all(
        "SELECT DISTINCT app_id FROM app_sessions WHERE state = 'waiting' AND due_at <= $1",
        &[now.into()],
        |row| row.get(0),
    )
}

/// When the next delivery is due, if any waits.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    tx.one(
        "SELECT due_at FROM app_sessions WHERE state = 'waiting' AND due_at IS NOT NULL ORDER BY due_at LIMIT 1",
        &[],
        |row| row.get(0),
    )
}

/// Claims at most `limit` deliveries to an application that are due. Each counts as a try.
pub fn claim(tx: &mut Tx<'_>, app_id: Uuid, me: Uuid, limit: u32) -> Result<Vec<Delivery>, StoreError> {
    let now = tx.now();
    let due: Vec<Uuid> = tx.all(
        "SELECT session_id FROM app_sessions WHERE app_id = $1 AND due_at <= $2 AND state = 'waiting' \
         ORDER BY due_at LIMIT $3",
        &[app_id.into(), now.into(), limit.into()],
        |row| row.get(0),
    )?;
    let until = later(now, CLAIMED_FOR);
    let mut claimed = Vec::with_capacity(due.len());
    for session_id in due {
        // Another node may have been faster: one conditional update decides.
        claimed.extend(tx.one(
            concat!(
                "UPDATE app_sessions SET claim = $3, due_at = $4, tries = tries + 1 \
                 WHERE session_id = $1 AND app_id = $2 AND state = 'waiting' AND due_at <= $5 RETURNING ",
                columns!()
            ),
            &[session_id.into(), app_id.into(), me.into(), until.into(), now.into()],
            delivery,
        )?);
    }
    Ok(claimed)
}

/// What came of a claimed delivery. `false` when the claim is not this node's any more: then whoever has it says.
pub fn settle(tx: &mut Tx<'_>, delivery: &Delivery, me: Uuid, outcome: &Outcome) -> Result<bool, StoreError> {
    let now = tx.now();
    let (state, due, problem) = match outcome {
        Outcome::Told => (State::Told, now, None),
        Outcome::Again { at, problem } => (State::Waiting, *at, Some(problem.as_str())),
        Outcome::GivenUp { problem } => (State::GivenUp, now, Some(problem.as_str())),
    };
    let changed = tx.execute(
        "UPDATE app_sessions SET state = $4, due_at = $5, problem = $6, claim = NULL \
         WHERE session_id = $1 AND app_id = $2 AND claim = $3 AND tries = $7 AND state = 'waiting'",
        &[
            delivery.session_id.into(),
            delivery.app_id.into(),
            me.into(),
            state.name().into(),
            due.into(),
            problem.into(),
            delivery.tries.into(),
        ],
    )?;
    Ok(changed == 1)
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The application knows.
    Told,
    /// It is tried again.
    Again {
        /// When.
        at: Timestamp,
        /// What went wrong.
        problem: String,
    },
    /// It is not tried any more.
    GivenUp {
        /// What went wrong.
        problem: String,
    },
}

/// Tries an application again now, with all that wait for it or were given up; those get their time anew. How many.
pub fn retry(tx: &mut Tx<'_>, app_id: Uuid) -> Result<u64, StoreError> {
    let now = tx.now();
    let give_up = later(now, TRIED_FOR);
    let changed = tx.execute(
        "UPDATE app_sessions SET state = 'waiting', due_at = $2, give_up_at = $3, tries = 0 \
         WHERE app_id = $1 AND due_at IS NOT NULL AND (state = 'given-up' OR state = 'waiting' AND claim IS NULL)",
        &[app_id.into(), now.into(), give_up.into()],
    )?;
    if changed > 0 {
        tx.announce(Change::any(Topic::Logouts));
    }
    Ok(changed)
}

/// An application that failed answers again: what waits for it need not wait longer. How many.
pub fn hasten(tx: &mut Tx<'_>, app_id: Uuid) -> Result<u64, StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE app_sessions SET due_at = $2 WHERE app_id = $1 AND due_at > $2 AND state = 'waiting' AND claim IS NULL",
        &[app_id.into(), now.into()],
    )
}

/// How many deliveries to an application stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// It does not know yet.
    pub waiting: u64,
    /// It was told within the last day.
    pub told: u64,
    /// It was given up within the last two weeks.
    pub given_up: u64,
}

/// Counts the deliveries to an application.
pub fn count(tx: &mut Tx<'_>, app_id: Uuid) -> Result<Counts, StoreError> {
    let rows = tx.all(
        "SELECT state, COUNT(*) FROM app_sessions WHERE app_id = $1 AND due_at IS NOT NULL GROUP BY state",
        &[app_id.into()],
        |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?.unsigned_abs())),
    )?;
    let of = |state: State| {
        rows.iter()
            .find(|(name, _)| name == state.name())
            .map_or(0, |(_, count)| *count)
    };
    Ok(Counts {
        waiting: of(State::Waiting),
        told: of(State::Told),
        given_up: of(State::GivenUp),
    })
}

/// Deliveries to an application, those that wait first, then the latest; at most `limit`.
pub fn of_app(tx: &mut Tx<'_>, app_id: Uuid, limit: u32) -> Result<Vec<Delivery>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM app_sessions WHERE app_id = $1 AND due_at IS NOT NULL AND state <> 'untold' \
             ORDER BY CASE state WHEN 'waiting' THEN 0 WHEN 'given-up' THEN 1 ELSE 2 END, due_at DESC, session_id LIMIT $2"
        ),
        &[app_id.into(), limit.into()],
        delivery,
    )
}

/// How the applications of one session that is over stand, in the order of their ids.
pub fn of_session(tx: &mut Tx<'_>, session_id: Uuid) -> Result<Vec<Delivery>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM app_sessions WHERE session_id = $1 AND due_at IS NOT NULL ORDER BY app_id"
        ),
        &[session_id.into()],
        delivery,
    )
}

/// Forgets what was settled long ago, a bounded number at once; how many.
pub fn sweep(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    let now = tx.now();
    let mut swept = 0;
    for (state, kept) in [
        (State::Told, TOLD_KEPT_FOR),
        (State::GivenUp, GIVEN_UP_KEPT_FOR),
        (State::Untold, UNTOLD_KEPT_FOR),
    ] {
        let before = now.checked_sub(kept).unwrap_or(Timestamp::MIN);
        // The state once more: one that was given up may just have been told to try again.
        swept += tx.execute(
            "DELETE FROM app_sessions WHERE state = $1 AND (session_id, app_id) IN \
             (SELECT session_id, app_id FROM app_sessions WHERE state = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3)",
            &[state.name().into(), before.into(), BATCH.into()],
        )?;
    }
    Ok(swept)
}

fn delivery(row: &Row<'_>) -> Result<Delivery, StoreError> {
    let damaged = |what: &str, found: &str| StoreError::Damaged(format!("a logout with the {what} {found:?}"));
    let (state, cause): (String, String) = (row.get(3)?, row.get(4)?);
    Ok(Delivery {
        session_id: row.get(0)?,
        app_id: row.get(1)?,
        subject: row.get(2)?,
        state: [State::Waiting, State::Told, State::GivenUp, State::Untold]
            .into_iter()
            .find(|known| known.name() == state)
            .ok_or_else(|| damaged("state", &state))?,
        cause: Cause::from_name(&cause).ok_or_else(|| damaged("cause", &cause))?,
        trace: row.get(5)?,
        ended: row.get(6)?,
        due: row.get(7)?,
        give_up: row.get(8)?,
        tries: u32::try_from(row.get::<i64>(9)?).unwrap_or(u32::MAX),
        problem: row.get(10)?,
    })
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}
