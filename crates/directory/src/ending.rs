//! What ends with a user's standing: sessions and grants, in the same unit of work.

use doorward_store::{StoreError, Tx, consents, grants, sessions};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Actor, Directory, Right, User, addresses, credential, directory::Result, event, guard, users};

/// What [`end_access`] ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedAccess {
    /// The sessions.
    pub sessions: Vec<Uuid>,
    /// How many grants.
    pub grants: u64,
}

impl Directory {
    /// Ends one session and what was granted in it, also for absence; `false` when there is no such live session. Right:
    /// change-people, or full for a user with a role.
    pub async fn end_session(&self, actor: &Actor, session: Uuid, now: Timestamp) -> Result<bool> {
        self.administer(actor, now, move |tx, actor| {
            // Without the right, whether the session exists is not said either.
            actor.require(Right::ChangePeople)?;
            let Some(session) = sessions::by_id(tx, session)? else {
                return Ok(false);
            };
            let user = changeable(tx, actor, session.user_id)?;
            if !sessions::end_with_grants(tx, session.id, grants::Offline::Revoke)? {
                return Ok(false);
            }
            event::session_end(tx, actor, &user, serde_json::json!({ "session": session.id }))?;
            Ok(true)
        })
        .await
    }

    /// Ends every session of a user and revokes every grant, as [`end_access`]. Rights as for ending one.
    pub async fn end_sessions(&self, actor: &Actor, user: Uuid, now: Timestamp) -> Result<EndedAccess> {
        self.administer(actor, now, move |tx, actor| {
            let user = changeable(tx, actor, user)?;
            let ended = end_access(tx, user.id, None)?;
            let data = serde_json::json!({ "sessions": ended.sessions.len(), "grants": ended.grants });
            event::session_end(tx, actor, &user, data)?;
            Ok(ended)
        })
        .await
    }
}

/// The user, when the actor may change them: a lesser administrator could otherwise throw out a greater one.
fn changeable(tx: &mut Tx<'_>, actor: &Actor, user: Uuid) -> Result<User> {
    // Without the right, whether the user exists is not said either.
    actor.require(Right::ChangePeople)?;
    let user = users::existing(tx, user)?;
    guard::may_change(tx, actor, &user)?;
    Ok(user)
}

/// Ends every session of a user but `keep`, and revokes every grant but those that end with `keep`: refresh tokens and
/// access tokens stop working with it. Also offline grants, and those whose session is long gone: whoever was in a
/// session that its person wants ended could have left with one.
pub fn end_access(tx: &mut Tx<'_>, user: Uuid, keep: Option<Uuid>) -> Result<EndedAccess, StoreError> {
    // A login that is just being written comes before, and is ended here, or waits and finds its proof outdated.
    credential::lock_enabled(tx, user)?;
    // Whoever had such a session may have asked for an address of their own, to take the account back by mail.
    addresses::forget_pending(tx, user)?;
    let sessions = sessions::end_by_user(tx, user, keep)?;
    // After the sessions, which units that write grants hold.
    let grants = grants::revoke_by_user(tx, user, keep)?;
    Ok(EndedAccess { sessions, grants })
}

/// Forgets what a removed user had agreed to, and where they were logged in: the tables of logins have no foreign keys. What names
/// a session or a grant that is not there is answered as if it had ended.
pub(crate) fn forget(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    end_access(tx, user, None)?;
    consents::forget_user(tx, user)?;
    for sql in [
        "DELETE FROM upstream_sessions WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $1)",
        "DELETE FROM sessions WHERE user_id = $1",
        "DELETE FROM grants WHERE user_id = $1",
    ] {
        tx.execute(sql, &[user.into()])?;
    }
    Ok(())
}
