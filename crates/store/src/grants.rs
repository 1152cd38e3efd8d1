//! Grants: what a person (or a client for itself) has given to an application. The id threads through session, code,
//! access token and refresh family; revoking the grant ends all of them.

use jiff::Timestamp;
use uuid::Uuid;

use crate::app_sessions::{self, Cause};
use crate::sessions::{self, words};
use crate::{Row, StoreError, Tx};

/// A grant. The same type goes in and comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its key: a fresh [`crate::new_id`].
    pub id: Uuid,
    /// Whose; none for a client that acts for itself.
    pub user_id: Option<Uuid>,
    /// To which application.
    pub app_id: Uuid,
    /// The session it was given in.
    pub session_id: Option<Uuid>,
    /// The scopes granted, separated by spaces.
    pub scope: String,
    /// The `claims` request parameter, as JSON.
    pub claims: Option<String>,
    /// What it extends to beside its scope, as JSON of the caller's shape.
    pub extent: Option<String>,
    /// When the person had proved who they are.
    pub auth_time: Option<Timestamp>,
    /// How.
    pub amr: Vec<String>,
    /// The authentication context class reached.
    pub acr: Option<String>,
    /// The nonce of the authorization request.
    pub nonce: Option<String>,
    /// Whether it outlives its session (`offline_access`).
    pub offline: bool,
    /// The reference of the login's trace.
    pub trace: Option<String>,
    /// When it was given.
    pub created: Timestamp,
    /// When nothing of it can be alive any more; then the row is swept.
    pub expires: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Grant {
    /// Whether it holds at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, user_id, app_id, session_id, scope, claims, auth_at, amr, acr, nonce, offline, trace, created_at, \
             expires_at, revoked_at, extent FROM grants ",
            $rest
        )
    };
}

/// Stores a grant.
pub fn create(tx: &mut Tx<'_>, grant: &Grant) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO grants (id, user_id, app_id, session_id, scope, claims, auth_at, amr, acr, nonce, offline, trace, \
         created_at, expires_at, revoked_at, extent) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        &[
            grant.id.into(),
            grant.user_id.into(),
            grant.app_id.into(),
            grant.session_id.into(),
            (&grant.scope).into(),
            (&grant.claims).into(),
            grant.auth_time.into(),
            (&grant.amr.join(" ")).into(),
            (&grant.acr).into(),
            (&grant.nonce).into(),
            grant.offline.into(),
            (&grant.trace).into(),
            grant.created.into(),
            grant.expires.into(),
            grant.revoked_at.into(),
            (&grant.extent).into(),
        ],
    )?;
    Ok(())
}

/// A grant, live or not.
pub fn find(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Grant>, StoreError> {
    tx.one(select!("WHERE id = $1"), &[id.into()], grant)
}

/// Whether a grant may go on: it holds, and unless it was given for absence its session lives too.
pub fn goes_on(tx: &mut Tx<'_>, grant: &Grant) -> Result<bool, StoreError> {
    let now = tx.now();
    if !grant.is_live(now) {
        return Ok(false);
    }
    match grant.session_id {
        Some(session) if !grant.offline => {
            Ok(sessions::by_id(tx, session)?.is_some_and(|session| session.is_live(now)))
        }
        _ => Ok(true),
    }
}

/// Whether the grant holds: the check of every use of an access token.
pub fn is_live(tx: &mut Tx<'_>, id: Uuid, now: Timestamp) -> Result<bool, StoreError> {
    let found = tx.one(
        "SELECT 1 FROM grants WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2",
        &[id.into(), now.into()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Whether the grant holds and this token of it was not revoked on its own, in one question.
pub fn is_live_for(tx: &mut Tx<'_>, id: Uuid, jti: &str, now: Timestamp) -> Result<bool, StoreError> {
    let found = tx.one(
        "SELECT 1 FROM grants WHERE id = $1 AND revoked_at IS NULL AND expires_at > $2 \
         AND NOT EXISTS (SELECT 1 FROM revoked_tokens WHERE jti = $3)",
        &[id.into(), now.into(), jti.into()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// The live grants of a user, newest first.
pub fn of_user(tx: &mut Tx<'_>, user_id: Uuid, now: Timestamp) -> Result<Vec<Grant>, StoreError> {
    tx.all(
        select!("WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY id DESC"),
        &[user_id.into(), now.into()],
        grant,
    )
}

/// What a user's live grants of one scope to one application come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// To which application.
    pub app_id: Uuid,
    /// The scopes granted, separated by spaces.
    pub scope: String,
    /// How many.
    pub count: u64,
    /// When the first was given.
    pub first: Timestamp,
    /// When the last was given.
    pub last: Timestamp,
}

/// The live grants of a user, counted by application and scope: each login adds one, so there may be many.
pub fn held(tx: &mut Tx<'_>, user_id: Uuid, now: Timestamp) -> Result<Vec<Held>, StoreError> {
    tx.all(
        "SELECT app_id, scope, count(*), min(created_at), max(created_at) FROM grants \
         WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 GROUP BY app_id, scope",
        &[user_id.into(), now.into()],
        |row| {
            Ok(Held {
                app_id: row.get(0)?,
                scope: row.get(1)?,
                count: u64::try_from(row.get::<i64>(2)?).unwrap_or(0),
                first: row.get(3)?,
                last: row.get(4)?,
            })
        },
    )
}

/// Revokes a grant. `false` when it was revoked already or never was.
pub fn revoke(tx: &mut Tx<'_>, id: Uuid) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx.execute(
        "UPDATE grants SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
        &[id.into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// Whether grants that were meant to outlive their session are revoked with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offline {
    /// They go on (a logout).
    Keep,
    /// They end too (an administrator ends the session, or the session was stolen).
    Revoke,
}

/// Revokes the grants of a session; how many.
pub fn revoke_by_session(tx: &mut Tx<'_>, session_id: Uuid, offline: Offline) -> Result<u64, StoreError> {
    let now = tx.now();
    // Through the user, because a session has one, and an index by session would cost every login.
    tx.execute(
        "UPDATE grants SET revoked_at = $2 \
         WHERE user_id = (SELECT user_id FROM sessions WHERE id = $1) AND session_id = $1 \
         AND revoked_at IS NULL AND offline <= $3",
        &[session_id.into(), now.into(), (offline == Offline::Revoke).into()],
    )
}

/// Revokes every grant of a user but those that end with the session `keep`; how many.
pub fn revoke_by_user(tx: &mut Tx<'_>, user_id: Uuid, keep: Option<Uuid>) -> Result<u64, StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE grants SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL \
         AND (offline = 1 OR session_id IS NULL OR session_id <> $3)",
        &[user_id.into(), now.into(), keep.unwrap_or_default().into()],
    )
}

/// Revokes the grants for which a user proved themselves by this method and no other; how many.
pub fn revoke_by_user_method(tx: &mut Tx<'_>, user_id: Uuid, method: &str) -> Result<u64, StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE grants SET revoked_at = $3 WHERE user_id = $1 AND amr = $2 AND revoked_at IS NULL",
        &[user_id.into(), method.into(), now.into()],
    )
}

/// What ended at an application.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EndedAt {
    /// Grants that were revoked.
    pub grants: u64,
    /// Sessions that it had and is going to be told of, if it can be told.
    pub sessions: u64,
}

/// Revokes what a user gave to one application, which is going to be told that its sessions are over.
pub fn revoke_by_user_app(tx: &mut Tx<'_>, user_id: Uuid, app_id: Uuid, cause: Cause) -> Result<EndedAt, StoreError> {
    let now = tx.now();
    let grants = tx.execute(
        "UPDATE grants SET revoked_at = $3 WHERE user_id = $1 AND app_id = $2 AND revoked_at IS NULL",
        &[user_id.into(), app_id.into(), now.into()],
    )?;
    let sessions = app_sessions::end_of_user_at(tx, user_id, app_id, cause)?;
    Ok(EndedAt { grants, sessions })
}

/// Revokes every grant of one application that is none any more; it is going to be told that its sessions are over.
pub fn revoke_by_app(tx: &mut Tx<'_>, app_id: Uuid) -> Result<EndedAt, StoreError> {
    let now = tx.now();
    let grants = tx.execute(
        "UPDATE grants SET revoked_at = $2 WHERE app_id = $1 AND revoked_at IS NULL",
        &[app_id.into(), now.into()],
    )?;
    let sessions = app_sessions::end_of_app(tx, app_id, Cause::NoApp)?;
    Ok(EndedAt { grants, sessions })
}

/// Revokes a grant of which somebody has a token who should not, and ends the session that the application has of it: what the
/// thief got in there with ends too. `None`, and nothing is done, when it was revoked already: whoever has an old token cannot
/// end what has begun since.
pub fn revoke_stolen(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Grant>, StoreError> {
    if !revoke(tx, id)? {
        return Ok(None);
    }
    let grant = find(tx, id)?;
    if let Some((grant, session)) = grant.as_ref().and_then(|grant| Some((grant, grant.session_id?))) {
        app_sessions::end_at(tx, session, grant.app_id, Cause::Stolen)?;
    }
    Ok(grant)
}

fn grant(row: &Row<'_>) -> Result<Grant, StoreError> {
    Ok(Grant {
        id: row.get(0)?,
        user_id: row.get(1)?,
        app_id: row.get(2)?,
        session_id: row.get(3)?,
        scope: row.get(4)?,
        claims: row.get(5)?,
        auth_time: row.get(6)?,
        amr: words(&row.get::<String>(7)?),
        acr: row.get(8)?,
        nonce: row.get(9)?,
        offline: row.get(10)?,
        trace: row.get(11)?,
        created: row.get(12)?,
        expires: row.get(13)?,
        revoked_at: row.get(14)?,
        extent: row.get(15)?,
    })
}
