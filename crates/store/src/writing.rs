//! A unit of work on its way: what is left to run, what came out, who waits for it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::tx::Engine;
use crate::{Change, StoreError, Tx};

/// A queued unit with its types erased.
pub(crate) trait Unit: Send {
    /// Runs the closure. `Ok` with what it announced when it may be committed, `Err` when it must be rolled back.
    fn run(&mut self, engine: Engine<'_>) -> Result<Vec<Change>, RolledBack>;

    /// Tells the waiting caller: the closure's outcome when the commit went well, else why it did not.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// The unit must not be committed; its answer is kept by it. Carries what the engine said, if a statement failed.
pub(crate) struct RolledBack(pub(crate) Option<StoreError>);

/// A unit and the place where its caller waits.
pub(crate) struct Waiting<T, E, F> {
    now: Timestamp,
    work: Option<F>,
    outcome: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Waiting<T, E, F> {
    pub(crate) fn new(now: Timestamp, work: F) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (caller, answer) = oneshot::channel();
        let unit = Self {
            now,
            work: Some(work),
            outcome: None,
            caller,
        };
        (unit, answer)
    }
}

impl<T, E, F> Unit for Waiting<T, E, F>
where
    T: Send,
    E: From<StoreError> + Send,
    F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, engine: Engine<'_>) -> Result<Vec<Change>, RolledBack> {
        let Some(work) = self.work.take() else {
            return Err(RolledBack(None));
        };
        let (outcome, changes) = run(engine, self.now, work);
        self.outcome = Some(outcome);
        changes
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (committed, self.outcome) {
            (Err(failure), _) => Err(failure.into()),
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(StoreError::Closed.into()),
        };
        // A caller that stopped waiting does not undo its unit.
        let _ = self.caller.send(answer);
    }
}

/// Runs a closure in an open transaction: its outcome, and whether the transaction may be committed.
pub(crate) fn run<T, E: From<StoreError>>(
    engine: Engine<'_>,
    now: Timestamp,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> (Result<T, E>, Result<Vec<Change>, RolledBack>) {
    let mut tx = Tx::new(engine, now);
    let outcome = catch_unwind(AssertUnwindSafe(|| work(&mut tx)));
    let rolled_back = RolledBack(tx.failure());
    match outcome {
        Err(panic) => (
            Err(StoreError::Panicked(panic_message(&*panic)).into()),
            Err(rolled_back),
        ),
        Ok(Err(refused)) => (Err(refused), Err(rolled_back)),
        Ok(Ok(value)) => match tx.finish() {
            Ok(changes) => (Ok(value), Ok(changes)),
            Err(failure) => (Err(failure.into()), Err(rolled_back)),
        },
    }
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned())
}
