//! Why an operation on applications did not happen.

use doorward_oidc::Refusal;
use doorward_store::{SealError, StoreError};

/// An operation was refused, or the store failed.
#[derive(Debug, thiserror::Error)]
pub enum AppsError {
    /// What was asked for is not possible; says what was expected.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A secret cannot be opened: most likely another master key than the one it was sealed under.
    #[error("a client secret cannot be shown: {0}")]
    Seal(#[from] SealError),
}
