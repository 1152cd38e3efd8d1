//! That the ids of people and groups are nobody else's.

use doorward_oidc::Refusal;
use doorward_store::{Tx, ids};
use uuid::Uuid;

use crate::{directory::Result, error::ID_TAKEN};

/// That nobody has this id: no user, no group, no application, and no role.
pub(crate) fn check_free(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    match ids::holder(tx, id)? {
        None => Ok(()),
        Some(holder) => Err(Refusal::response(&ID_TAKEN, format!("{id} is the id of {holder} here"))
            .with_remedy("Leave the id out, or correct it where it comes from: an id never changes its bearer.")
            .into()),
    }
}
