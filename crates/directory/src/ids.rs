//! That the ids of people and groups are nobody else's.

use doorward_oidc::Refusal;
use doorward_store::{Tx, ids};
use uuid::Uuid;

use crate::{directory::Result, error::ID_TAKEN};

/// That nobody has this id: no user, no group, no application, and no role.
pub(crate) fn check_free(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    match ids::not_free(tx, id)? {
        None => Ok(()),
        Some(why) => Err(Refusal::response(&ID_TAKEN, format!("{id} {why}"))
            .with_remedy("Leave the id out, or correct it where it comes from: an id never changes its bearer.")
            .into()),
    }
}
