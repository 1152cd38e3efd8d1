//! An id is one thing's: files and imports bring ids of their own, and rows that name a holder must not find another one.

use doorward_oidc::Refusal;
use doorward_store::{StoreError, Tx};
use uuid::Uuid;

use crate::{directory::Result, error::ID_TAKEN};

/// That nobody has this id: no user, no group, no application, and no role.
pub(crate) fn check_free(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    match holder(tx, id)? {
        None => Ok(()),
        Some(holder) => Err(Refusal::response(&ID_TAKEN, format!("{id} is the id of {holder} here"))
            .with_remedy("Leave the id out, or correct it where it comes from: an id never changes its bearer.")
            .into()),
    }
}

/// What has this id.
pub(crate) fn holder(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<String>, StoreError> {
    tx.one(
        "SELECT 'a user' FROM users WHERE id = $1 UNION ALL SELECT 'a group' FROM user_groups WHERE id = $1 \
         UNION ALL SELECT 'an application' FROM apps WHERE id = $1 \
         UNION ALL SELECT 'somebody with a role' FROM role_grants WHERE holder = $1 LIMIT 1",
        &[id.into()],
        |row| row.get::<String>(0),
    )
}
