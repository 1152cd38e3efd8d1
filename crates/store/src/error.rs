//! What can go wrong with the store itself. Refusals that a person can cause are values of the subjects.

use std::path::PathBuf;

/// A failure of the store. Cheap to clone, because one failed commit answers every unit that was in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A unique key exists already. `constraint` is `table.column` on SQLite and the constraint's name on
    /// PostgreSQL: for the log, not for decisions.
    #[error("a row with this key exists already ({constraint})")]
    Duplicate {
        /// What the engine calls the violated constraint.
        constraint: String,
    },
    /// A foreign key, `NOT NULL` or `CHECK` constraint was violated.
    #[error("a constraint of the database was violated: {0}")]
    Constraint(String),
    /// A lock was not had in time, or the engine chose this unit as the victim of a deadlock. Nothing was written; the
    /// unit may be tried again.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// The database cannot be reached, or the connection broke. When it broke during the commit, the outcome is unknown.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// The disk is full or failed.
    #[error("the database cannot write: {0}")]
    Disk(String),
    /// A parameter does not fit its statement: missing, too many, or of another type.
    #[error("a parameter does not fit its statement: {0}")]
    Parameter(String),
    /// A column does not hold what was asked of it.
    #[error("column {index}: expected {expected}, found {found}")]
    Column {
        /// Index of the column, from 0.
        index: usize,
        /// What the caller asked for.
        expected: &'static str,
        /// What the column holds.
        found: String,
    },
    /// A statement that must give at most one row gave more.
    #[error("a statement for one row gave more than one")]
    MoreThanOne,
    /// A statement of this unit failed before, so that nothing more can be done in it and it is rolled back, also
    /// when the unit returned `Ok`. The same on both engines.
    #[error("an earlier statement of this unit of work failed")]
    Aborted,
    /// A reading unit tried to write.
    #[error("this unit of work only reads")]
    ReadOnly,
    /// The closure of a unit panicked. The unit was rolled back, others were not affected.
    #[error("a unit of work panicked: {0}")]
    Panicked(String),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// Another process has this SQLite database open.
    #[error("{0} is in use by another process; stop that server first")]
    InUse(PathBuf),
    /// The file is a database, but not one of ours.
    #[error("{0} is not a Doorward database")]
    Foreign(PathBuf),
    /// The database was written by a newer release.
    #[error(
        "the database has schema {found}, this program knows up to {known}: start the newer release again, or restore the backup that it made"
    )]
    Newer {
        /// The newest migration in the database.
        found: i64,
        /// The newest migration this program has.
        known: i64,
    },
    /// A migration that was applied differs from the one in this program.
    #[error("migration {number:04} ({name}) in the database differs from the one in this program")]
    Changed {
        /// Its number.
        number: i64,
        /// Its name.
        name: String,
    },
    /// A migration failed; nothing of it was applied.
    #[error("migration {number:04} ({name}) failed: {cause}")]
    Migration {
        /// Its number.
        number: i64,
        /// Its name.
        name: String,
        /// What the engine said.
        cause: String,
    },
    /// The location cannot be understood.
    #[error("the database location is not usable: {0}")]
    Location(String),
    /// A stored value is not what this program wrote: for example JSON that cannot be parsed.
    #[error("a stored value is damaged: {0}")]
    Damaged(String),
    /// Anything else the engine said.
    #[error("the database failed: {0}")]
    Engine(String),
}

impl StoreError {
    /// Whether a unique key stood in the way.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Duplicate { .. })
    }
}
