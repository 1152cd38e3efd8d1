//! The directory inside the unit of work of another subject: a login through an upstream, files, an import write people, groups
//! and events together or not at all. Each function checks what the service's own operations check, with the actor's rights as
//! they are in this unit ([`current`]), and records the same event. There is one function for each thing that can be done:
//! whoever comes, a rule holds for all of them.

mod accounts;
mod codes;
mod free_name;
mod settings;
mod structure;

use doorward_store::{StoreError, Tx};

use crate::{Actor, Right, directory::Result, guard};

pub use accounts::*;
pub use codes::UserCodeBudget;
pub use free_name::free_name;
pub use settings::*;
pub use structure::*;

/// The actor with the roles that count in this unit of work: those they came with and still hold.
pub fn current(tx: &mut Tx<'_>, actor: &Actor) -> Result<Actor, StoreError> {
    guard::current(tx, actor)
}

/// Refuses an actor who may not see everything that files say.
pub fn may_read(actor: &Actor) -> Result<()> {
    for right in [Right::ReadSettings, Right::ReadApps, Right::ReadPeople] {
        actor.require(right)?;
    }
    Ok(())
}
