//! Settings of the whole server, which belong to whoever serves.

use doorward_directory::Actor;
use doorward_store::{StoreError, Tx};

use crate::{Form, Schema, UnitError};

/// Reads and writes the settings of the server inside a unit of work.
pub trait ServerSettings: Send + Sync {
    /// The settings as they are unless somebody changes them.
    fn usual(&self) -> Form;

    /// What they may be.
    fn schema(&self) -> Schema;

    /// The settings in force.
    ///
    /// # Errors
    /// What the store says.
    fn read(&self, tx: &mut Tx<'_>) -> Result<Form, StoreError>;

    /// Sets them all, with its event. The actor has full rights.
    ///
    /// # Errors
    /// What does not fit.
    fn write(&self, tx: &mut Tx<'_>, actor: &Actor, settings: &Form) -> Result<(), UnitError>;
}
