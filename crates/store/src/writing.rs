//! A unit of work on its way: what is left to run, what came out, who waits for it. The caller's types are erased here, so
//! that what runs units exists once, and not once for each closure of the program.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::tx::Engine;
use crate::{Change, StoreError, Tx};

/// What a unit needs.
#[derive(Clone, Copy)]
pub(crate) enum Mode {
    /// To read and write.
    Write,
    /// To read and write, and to be taken back.
    Try,
    /// To read one state of the database.
    Snapshot,
    /// To read; each statement may see another state.
    Single,
}

/// A caller's closure.
pub(crate) type Work<T, E> = Box<dyn FnOnce(&mut Tx<'_>) -> Result<T, E> + Send>;

/// A closure and what came out of it.
pub(crate) trait Unit: Send {
    /// Runs the closure, keeps its outcome and says whether that may be committed.
    fn call(&mut self, tx: &mut Tx<'_>) -> bool;

    /// Makes this its outcome.
    fn fail(&mut self, failure: StoreError);
}

/// A unit whose caller waits elsewhere.
pub(crate) trait Awaited: Unit {
    /// Tells the caller: the closure's outcome when the commit went well, else why it did not.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A unit whose caller runs it on its own thread.
pub(crate) struct Held<T, E> {
    work: Option<Work<T, E>>,
    outcome: Option<Result<T, E>>,
}

impl<T, E: From<StoreError>> Held<T, E> {
    pub(crate) fn new(work: Work<T, E>) -> Self {
        Self {
            work: Some(work),
            outcome: None,
        }
    }

    /// What came out.
    pub(crate) fn outcome(self) -> Result<T, E> {
        self.outcome.unwrap_or_else(|| Err(StoreError::Closed.into()))
    }
}

impl<T: Send, E: From<StoreError> + Send> Unit for Held<T, E> {
    fn call(&mut self, tx: &mut Tx<'_>) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        let outcome = work(tx);
        let wanted = outcome.is_ok();
        self.outcome = Some(outcome);
        wanted
    }

    fn fail(&mut self, failure: StoreError) {
        self.outcome = Some(Err(failure.into()));
    }
}

struct Waiting<T, E> {
    held: Held<T, E>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<T: Send, E: From<StoreError> + Send> Unit for Waiting<T, E> {
    fn call(&mut self, tx: &mut Tx<'_>) -> bool {
        self.held.call(tx)
    }

    fn fail(&mut self, failure: StoreError) {
        self.held.fail(failure);
    }
}

impl<T: Send, E: From<StoreError> + Send> Awaited for Waiting<T, E> {
    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match committed {
            Err(failure) => Err(failure.into()),
            Ok(()) => self.held.outcome(),
        };
        // A caller that stopped waiting does not undo its unit.
        let _ = self.caller.send(answer);
    }
}

/// A unit for another thread, and its time.
pub(crate) struct Queued {
    now: Timestamp,
    unit: Box<dyn Awaited>,
}

/// Where its caller waits.
pub(crate) struct Answer<T, E>(oneshot::Receiver<Result<T, E>>);

impl Queued {
    pub(crate) fn new<T, E>(now: Timestamp, work: Work<T, E>) -> (Self, Answer<T, E>)
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let unit = Waiting {
            held: Held::new(work),
            caller,
        };
        let queued = Self {
            now,
            unit: Box::new(unit),
        };
        (queued, Answer(answer))
    }

    /// Runs the closure in an open transaction. `Ok` with what it announced when it may be committed.
    pub(crate) fn run(&mut self, engine: Engine<'_>) -> Result<Vec<Change>, RolledBack> {
        run(engine, self.now, &mut *self.unit)
    }

    /// Tells the waiting caller: the closure's outcome when the commit went well, else why it did not.
    pub(crate) fn answer(self, committed: Result<(), StoreError>) {
        self.unit.answer(committed);
    }
}

impl<T, E: From<StoreError>> Answer<T, E> {
    pub(crate) async fn outcome(self) -> Result<T, E> {
        self.0.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }
}

/// The unit must not be committed; its answer is kept by it. Carries what the engine said, if a statement failed.
pub(crate) struct RolledBack(pub(crate) Option<StoreError>);

/// Runs a closure in an open transaction. `Ok` with what it announced when it may be committed.
pub(crate) fn run(engine: Engine<'_>, now: Timestamp, unit: &mut dyn Unit) -> Result<Vec<Change>, RolledBack> {
    let mut tx = Tx::new(engine, now);
    let wanted = catch_unwind(AssertUnwindSafe(|| unit.call(&mut tx)));
    let rolled_back = RolledBack(tx.failure());
    match wanted {
        Ok(true) => tx.finish().map_err(|failure| {
            unit.fail(failure);
            rolled_back
        }),
        Ok(false) => Err(rolled_back),
        Err(panic) => {
            unit.fail(StoreError::Panicked(panic_message(&*panic)));
            Err(rolled_back)
        }
    }
}

/// What a panic said.
fn panic_message(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned())
}
