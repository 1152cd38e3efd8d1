//! One unit of work over people, applications and upstreams: how it fails, whichever of them refuses. What can be done inside of
//! one is in `directory::within`, `apps::InUnit` and `upstreams::InUnit`.
//!
//! Invariant: above these three and below whoever writes them together (`state`, `moving`); knows no rule.

use doorward_apps::AppsError;
use doorward_directory::DirectoryError;
use doorward_oidc::Refusal;
use doorward_store::StoreError;
use doorward_upstreams::UpstreamsError;

/// Why a unit of work did not happen. Nothing is half done.
#[derive(Debug, thiserror::Error)]
pub enum UnitError {
    /// The caller can do something about it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine failed.
    #[error("{0}")]
    Failed(String),
}

impl UnitError {
    /// The same, about this thing: what was refused says of what.
    #[must_use]
    pub fn about(self, thing: impl std::fmt::Display) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(Refusal {
                detail: format!("{thing}: {}", refusal.detail),
                ..refusal
            }),
            other => other,
        }
    }
}

/// Each subject has an error of its own with these two cases; the others that are named are failures of the machine.
macro_rules! of_subject {
    ($($error:ident: $failed:pat,)*) => {
        $(impl From<$error> for UnitError {
            fn from(error: $error) -> Self {
                match error {
                    $error::Refused(refusal) => Self::Refused(refusal),
                    $error::Store(error) => Self::Store(error),
                    failed @ $failed => Self::Failed(failed.to_string()),
                }
            }
        })*
    };
}

of_subject! {
    DirectoryError: DirectoryError::Busy { .. } | DirectoryError::Ended,
    AppsError: AppsError::Seal(_),
    UpstreamsError: UpstreamsError::Seal(_) | UpstreamsError::Directory(_),
}
