//! The one thread that writes. It takes whatever has queued while the last commit was synced, runs each unit in a
//! savepoint of its own, commits all of them as one transaction with one sync, and only then answers.

use std::fs::File;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{Options, open, store_error};
use crate::StoreError;
use crate::change::{Announced, Hooks};
use crate::tx::Engine;
use crate::writing::{Queued, RolledBack};

/// Units that may wait; callers beyond that wait for a place.
const QUEUE: usize = 4096;
/// Units and time until a transaction is committed although more are waiting.
const BATCH: usize = 512;
const BATCH_TIME: Duration = Duration::from_millis(20);
/// A log of this size is folded back into the database even if that must wait for readers.
const LARGEST_LOG: u64 = 32 << 20;
/// Commits between two looks at its size.
const LOG_CHECK: u32 = 64;
/// How long writers wait for readers then. A reader that takes longer, a backup for one, lets the log grow until it is done.
const FOLDING: Duration = Duration::from_millis(50);
/// A writer that has committed fewer times since it was last asked has nothing to do.
const IDLE: u32 = 64;

pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
}

enum Message {
    Unit(Queued),
    Rest(oneshot::Sender<bool>),
    Close(oneshot::Sender<()>),
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        lock: File,
        options: &Options,
        hooks: Hooks,
    ) -> Result<Self, StoreError> {
        let (queue, receiver) = mpsc::channel(QUEUE);
        let thread = Thread {
            connection,
            hooks,
            log: open::log(&options.path),
            batches: 0,
            rested_at: 0,
            _lock: lock,
        };
        thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || thread.serve(receiver))
            .map_err(|error| StoreError::Unavailable(format!("no thread for the writer: {error}")))?;
        Ok(Self { queue })
    }

    pub(super) async fn write(&self, queued: Queued) -> Result<(), StoreError> {
        let sent = self.queue.send(Message::Unit(queued)).await;
        sent.map_err(|_| StoreError::Closed)
    }

    /// Gives the page cache back if little was written since the last call, and says whether.
    pub(super) async fn rest(&self) -> bool {
        let (done, rested) = oneshot::channel();
        // A full queue is the opposite of rest.
        self.queue.try_send(Message::Rest(done)).is_ok() && rested.await.unwrap_or(false)
    }

    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            // An error says that the thread has ended, which is what was asked for.
            let _ = closed.await;
        }
    }
}

/// What waits, or arrives while the threads that are ready to run have their turn: a commit and its sync cost the same for
/// one unit and for fifty. On an idle machine giving way takes no time.
fn soon(queue: &mut mpsc::Receiver<Message>) -> Result<Message, mpsc::error::TryRecvError> {
    queue.try_recv().or_else(|_| {
        thread::yield_now();
        queue.try_recv()
    })
}

struct Thread {
    connection: Connection,
    hooks: Hooks,
    log: PathBuf,
    batches: u32,
    rested_at: u32,
    // Held until the connection is closed.
    _lock: File,
}

impl Thread {
    fn serve(mut self, mut queue: mpsc::Receiver<Message>) {
        let mut closing = None;
        while let Some(message) = queue.blocking_recv() {
            match message {
                Message::Unit(first) => closing = self.batch(first, &mut queue),
                Message::Rest(done) => {
                    // Whoever asked may have gone.
                    let _ = done.send(self.rest());
                }
                Message::Close(done) => closing = Some(done),
            }
            if closing.is_some() {
                break;
            }
        }
        queue.close();
        drop(self);
        drop(queue);
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    /// Runs one transaction; the request to close if one arrived meanwhile.
    fn batch(&mut self, first: Queued, queue: &mut mpsc::Receiver<Message>) -> Option<oneshot::Sender<()>> {
        if let Err(failure) = self.step("BEGIN IMMEDIATE") {
            first.answer(Err(failure));
            return None;
        }
        let started = Instant::now();
        let mut closing = None;
        let mut ran = Vec::new();
        let mut changes = Announced::default();
        let mut next = Some(first);
        let mut health = Ok(());
        while let Some(mut unit) = next.take() {
            health = self.run(&mut unit, &mut changes);
            ran.push(unit);
            if health.is_err() || ran.len() >= BATCH || started.elapsed() >= BATCH_TIME {
                break;
            }
            match soon(queue) {
                Ok(Message::Unit(unit)) => next = Some(unit),
                Ok(Message::Rest(done)) => {
                    let _ = done.send(false);
                }
                Ok(Message::Close(done)) => closing = Some(done),
                Err(_) => {}
            }
        }
        let committed = health.and_then(|()| self.step("COMMIT"));
        match &committed {
            Ok(()) => self.hooks.call(changes.list()),
            Err(failure) => {
                tracing::error!(%failure, units = ran.len(), "a transaction could not be committed");
                if !self.connection.is_autocommit() {
                    // Fails only when the engine has rolled back by itself, which is the same.
                    let _ = self.step("ROLLBACK");
                }
            }
        }
        for unit in ran {
            unit.answer(committed.clone());
        }
        self.bound_the_log();
        closing
    }

    /// Runs one unit in its savepoint. An error is one of the whole transaction.
    fn run(&self, unit: &mut Queued, changes: &mut Announced) -> Result<(), StoreError> {
        self.step("SAVEPOINT unit")?;
        match unit.run(Engine::Sqlite(&self.connection)) {
            Ok(announced) => {
                for change in announced {
                    changes.add(change);
                }
            }
            // After some failures, of the disk for one, SQLite has given up the whole transaction.
            Err(RolledBack(cause)) if self.connection.is_autocommit() => {
                return Err(cause.unwrap_or(StoreError::Aborted));
            }
            Err(RolledBack(_)) => self.step("ROLLBACK TO unit")?,
        }
        self.step("RELEASE unit")
    }

    fn step(&self, sql: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.raw_execute())
            .map(drop)
            .map_err(store_error)
    }

    fn rest(&mut self) -> bool {
        let idle = self.batches.wrapping_sub(self.rested_at) < IDLE;
        self.rested_at = self.batches;
        if idle && let Err(failure) = self.connection.execute_batch("PRAGMA shrink_memory") {
            tracing::debug!(%failure, "cannot give the page cache back");
        }
        idle
    }

    // The automatic checkpoints never wait for readers, so that a stream of overlapping reads could let the log grow.
    fn bound_the_log(&mut self) {
        self.batches = self.batches.wrapping_add(1);
        if !self.batches.is_multiple_of(LOG_CHECK) {
            return;
        }
        let size = std::fs::metadata(&self.log).map_or(0, |log| log.len());
        if size <= LARGEST_LOG {
            return;
        }
        if let Err(failure) = self.fold() {
            tracing::warn!(%failure, size, "cannot fold the write-ahead log back into the database");
        }
    }

    fn fold(&self) -> rusqlite::Result<()> {
        self.connection.busy_timeout(FOLDING)?;
        let folded = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        self.connection.busy_timeout(open::BUSY)?;
        folded.map(drop)
    }
}
