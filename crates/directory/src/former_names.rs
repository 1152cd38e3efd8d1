//! Names that somebody had before they were renamed or deleted. Applications may know a person by the user name, so whoever comes
//! by themselves cannot take one of these and with it what its owner had there; an administrator may give it on purpose.

use doorward_jose::sha256;
use doorward_store::{StoreError, Tx};

use crate::UserName;

/// Notes that nobody has this name any more. Hashed, so that it does not outlast its owner legibly.
pub(crate) fn note(tx: &mut Tx<'_>, name: &UserName) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO former_names (hash) VALUES ($1) ON CONFLICT DO NOTHING",
        &[sha256(&name.key())[..].into()],
    )
    .map(drop)
}

/// Whether somebody had this name.
pub(crate) fn is_one(tx: &mut Tx<'_>, name: &UserName) -> Result<bool, StoreError> {
    let found = tx.one(
        "SELECT 1 FROM former_names WHERE hash = $1",
        &[sha256(&name.key())[..].into()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}
