//! The rows of applications.

use doorward_store::{StoreError, Tx};

use crate::App;

/// Every application, with secrets and scope maps.
pub(crate) fn all(tx: &mut Tx<'_>) -> Result<Vec<App>, StoreError> {
    let _ = tx;
    unimplemented!("second landing")
}
