//! Why an operation on upstreams did not happen.

use doorward_directory::DirectoryError;
use doorward_oidc::Refusal;
use doorward_store::{SealError, StoreError};

/// An operation was refused, or the machine failed.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamsError {
    /// What was asked for is not possible, or the person may not come in; says what was expected.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A secret cannot be opened: most likely another master key than the one it was sealed under.
    #[error("the secret of an upstream cannot be opened: {0}")]
    Seal(#[from] SealError),
    /// The directory failed.
    #[error("{0}")]
    Directory(String),
}

impl UpstreamsError {
    /// The refusal, when it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Store(_) | Self::Seal(_) | Self::Directory(_) => None,
        }
    }
}

impl From<DirectoryError> for UpstreamsError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Refused(refusal) => Self::Refused(refusal),
            DirectoryError::Store(error) => Self::Store(error),
            other => Self::Directory(other.to_string()),
        }
    }
}
