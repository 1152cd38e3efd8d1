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

pub use intake::{Application, Group, Intake, Person};
pub use report::{Count, Kind, Outcome, Remark, Report};
pub use write::{Importer, Mode, MovingError};

/// Largest document in bytes.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;

/// A document that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}: {received}")]
pub struct Unreadable {
    /// What was expected.
    pub expected: &'static str,
    /// What came, and where.
    pub received: String,
}
