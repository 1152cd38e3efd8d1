//! How a unit of work ends that did not fail.

use crate::StoreError;

/// What becomes of what a unit of work has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending<T> {
    /// It is committed.
    Keep(T),
    /// It is taken back; what came of it is told all the same.
    Undo(T),
}

/// Why a unit is rolled back: it was asked for, or it failed.
pub(crate) enum Stop<T, E> {
    Undone(T),
    Failed(E),
}

impl<T, E: From<StoreError>> From<StoreError> for Stop<T, E> {
    fn from(failure: StoreError) -> Self {
        Self::Failed(failure.into())
    }
}

/// What a closure says, as what runs units understands it: an error is not kept.
pub(crate) fn of<T, E>(ended: Result<Ending<T>, E>) -> Result<T, Stop<T, E>> {
    match ended {
        Ok(Ending::Keep(outcome)) => Ok(outcome),
        Ok(Ending::Undo(outcome)) => Err(Stop::Undone(outcome)),
        Err(failure) => Err(Stop::Failed(failure)),
    }
}

/// The same for the caller.
pub(crate) fn outcome<T, E>(done: Result<T, Stop<T, E>>) -> Result<T, E> {
    match done {
        Ok(outcome) | Err(Stop::Undone(outcome)) => Ok(outcome),
        Err(Stop::Failed(failure)) => Err(failure),
    }
}
