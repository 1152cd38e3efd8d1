//! Moving in: what another provider exported becomes people, groups, applications and upstreams here.
//!
//! A reader of a format makes an [`Intake`], neutral values and a [`Report`] of what comes as it is, what is translated and
//! what cannot come. [`Importer::run`] writes an intake in one unit of work, or tries the same and writes nothing. Nothing is
//! merged into what is here already: an id that is known is left as it is, a name that is taken is a conflict.
//!
//! The readers do no I/O and know no rule of ours; every size is bounded before it is read.

pub mod csv;
mod intake;
pub mod keycloak;
pub mod ldif;
mod names;
mod report;
mod write;

use doorward_api::DOCUMENT_BYTES;

pub use intake::{Application, Group, Intake, Person};
pub use report::{Count, Kind, Outcome, Remark, Report};
pub use write::{Importer, Mode};

/// A document that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}: {received}")]
pub struct Unreadable {
    /// What was expected.
    pub expected: &'static str,
    /// What came, and where.
    pub received: String,
}

impl Unreadable {
    /// That a document is not larger than any may be.
    fn unless_small(document: &[u8], expected: &'static str) -> Result<(), Self> {
        let bytes = document.len();
        if bytes <= DOCUMENT_BYTES {
            return Ok(());
        }
        Err(Self {
            expected,
            received: format!("{bytes} bytes, at most {DOCUMENT_BYTES} are read"),
        })
    }
}
