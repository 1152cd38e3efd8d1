//! An id is one thing's: files and imports bring ids of their own, and rows that name a holder must not find another one.

use doorward_oidc::Refusal;
use doorward_store::Tx;
use uuid::Uuid;

use crate::{directory::Result, error::ID_TAKEN};

/// That nobody has this id: no user, no group and no application.
pub(crate) fn check_free(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    let holder = tx.one(
        "SELECT 'a user' FROM users WHERE id = $1 UNION ALL SELECT 'a group' FROM user_groups WHERE id = $1 \
         UNION ALL SELECT 'an application' FROM apps WHERE id = $1 LIMIT 1",
        &[id.into()],
        |row| row.get::<String>(0),
    )?;
    match holder {
        None => Ok(()),
        Some(holder) => Err(Refusal::response(&ID_TAKEN, format!("{id} is the id of {holder} here"))
            .with_remedy("Leave the id out, or correct it where it comes from: an id never changes its bearer.")
            .into()),
    }
}
