//! Why an operation on certificates did not happen.

use doorward_directory::DirectoryError;
use doorward_oidc::Refusal;
use doorward_store::{SealError, StoreError};

/// An operation was refused, or the machine failed.
#[derive(Debug, thiserror::Error)]
pub enum CertificatesError {
    /// What was asked for is not possible, or an authority refused; says what was expected.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key cannot be opened: most likely another master key than the one it was sealed under.
    #[error("the key of a certificate cannot be opened: {0}")]
    Seal(#[from] SealError),
    /// A certificate cannot be made or read.
    #[error("a certificate cannot be made or read: {0}")]
    Certificate(String),
    /// The directory failed.
    #[error("{0}")]
    Directory(String),
}

impl CertificatesError {
    /// The refusal, when it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

impl From<rcgen::Error> for CertificatesError {
    fn from(error: rcgen::Error) -> Self {
        Self::Certificate(error.to_string())
    }
}

impl From<rustls::Error> for CertificatesError {
    fn from(error: rustls::Error) -> Self {
        Self::Certificate(error.to_string())
    }
}

impl From<DirectoryError> for CertificatesError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Refused(refusal) => Self::Refused(refusal),
            DirectoryError::Store(error) => Self::Store(error),
            other => Self::Directory(other.to_string()),
        }
    }
}
