//! What ends with a user's standing: sessions and grants, in the same unit of work.

use doorward_store::{StoreError, Tx, consents, grants, sessions};
use uuid::Uuid;

/// Ends every session and revokes every grant: refresh tokens and access tokens stop working with it.
pub(crate) fn everything_of(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    sessions::end_by_user(tx, user, None)?;
    grants::revoke_by_user(tx, user)?;
    Ok(())
}

/// Ends the other sessions and what was granted in them; offline grants stay, they were given for exactly that.
pub(crate) fn other_sessions(tx: &mut Tx<'_>, user: Uuid, keep: Option<Uuid>) -> Result<(), StoreError> {
    for session in sessions::end_by_user(tx, user, keep)? {
        grants::revoke_by_session(tx, session, grants::Offline::Keep)?;
    }
    Ok(())
}

/// Forgets what a removed user had agreed to.
pub(crate) fn forget(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    everything_of(tx, user)?;
    consents::forget_user(tx, user)?;
    Ok(())
}
