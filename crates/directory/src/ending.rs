//! What ends with a user's standing: sessions and grants, in the same unit of work.

use doorward_store::{StoreError, Tx, consents, grants, sessions};
use uuid::Uuid;

use crate::credential;

/// What [`end_access`] ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedAccess {
    /// The sessions.
    pub sessions: Vec<Uuid>,
    /// How many grants.
    pub grants: u64,
}

/// Ends every session of a user but `keep`, and revokes every grant but those that end with `keep`: refresh tokens and
/// access tokens stop working with it. Also offline grants, and those whose session is long gone: whoever was in a
/// session that its person wants ended could have left with one.
pub fn end_access(tx: &mut Tx<'_>, user: Uuid, keep: Option<Uuid>) -> Result<EndedAccess, StoreError> {
    // A login that is just being written comes before, and is ended here, or waits and finds its proof outdated.
    credential::lock_enabled(tx, user)?;
    let sessions = sessions::end_by_user(tx, user, keep)?;
    // After the sessions, which units that write grants hold.
    let grants = grants::revoke_by_user(tx, user, keep)?;
    Ok(EndedAccess { sessions, grants })
}

/// Forgets what a removed user had agreed to.
pub(crate) fn forget(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    end_access(tx, user, None)?;
    consents::forget_user(tx, user)?;
    Ok(())
}
