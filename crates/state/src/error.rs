//! Why nothing was read, planned or carried out.

use doorward_apps::AppsError;
use doorward_directory::DirectoryError;
use doorward_oidc::Refusal;
use doorward_store::StoreError;
use doorward_upstreams::UpstreamsError;

use crate::{Path, Plan};

/// Nothing is half done: files are carried out in one unit of work.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The caller can do something about it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine failed.
    #[error("{0}")]
    Failed(String),
    /// It was only to be planned: the unit of work is taken back, and this is what it came to.
    #[error("planned")]
    Planned(Box<Plan>),
}

impl StateError {
    /// The same, about this file.
    pub(crate) fn of(self, path: &Path) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(Refusal {
                detail: format!("{path}: {}", refusal.detail),
                ..refusal
            }),
            other => other,
        }
    }
}

impl From<DirectoryError> for StateError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Refused(refusal) => Self::Refused(refusal),
            DirectoryError::Store(error) => Self::Store(error),
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<AppsError> for StateError {
    fn from(error: AppsError) -> Self {
        match error {
            AppsError::Refused(refusal) => Self::Refused(refusal),
            AppsError::Store(error) => Self::Store(error),
            other @ AppsError::Seal(_) => Self::Failed(other.to_string()),
        }
    }
}

impl From<UpstreamsError> for StateError {
    fn from(error: UpstreamsError) -> Self {
        match error {
            UpstreamsError::Refused(refusal) => Self::Refused(refusal),
            UpstreamsError::Store(error) => Self::Store(error),
            other => Self::Failed(other.to_string()),
        }
    }
}
