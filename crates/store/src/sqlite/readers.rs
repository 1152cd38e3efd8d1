//! Connections for reading. As many exist as reads run at once, which is one per thread; the most recently used goes out
//! first, so that its page cache and its prepared statements are warm.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::Connection;

use super::{Options, open, store_error};
use crate::tx::Engine;
use crate::writing::{self, Queued, RolledBack, Unit};
use crate::{Change, StoreError};

/// More than this many idle connections are closed.
const IDLE: usize = 16;

pub(super) struct Readers {
    options: Options,
    idle: Mutex<Option<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            idle: Mutex::new(Some(Vec::new())),
        }
    }

    /// Runs a unit on one state of the database.
    pub(super) fn read(&self, unit: &mut dyn Unit) -> Result<(), StoreError> {
        self.on_one_state(|engine| writing::run(engine, Timestamp::MAX, unit))
    }

    /// The same for one whose caller waits elsewhere.
    pub(super) fn read_queued(&self, queued: &mut Queued) -> Result<(), StoreError> {
        self.on_one_state(|engine| queued.run(engine))
    }

    fn on_one_state(&self, run: impl FnOnce(Engine<'_>) -> Result<Vec<Change>, RolledBack>) -> Result<(), StoreError> {
        let connection = self.take()?;
        step(&connection, "BEGIN")?;
        // Nothing to commit or to announce; the outcome is the unit's.
        let _ = run(Engine::Sqlite(&connection));
        step(&connection, "COMMIT")?;
        self.give_back(connection);
        Ok(())
    }

    /// Lends a connection outside of any transaction.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let connection = self.take()?;
        let result = work(&connection);
        self.give_back(connection);
        result
    }

    /// Closes the connections that nobody uses now.
    pub(super) fn rest(&self) {
        if let Some(idle) = &mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner) {
            idle.clear();
            idle.shrink_to_fit();
        }
    }

    pub(super) fn close(&self) {
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let idle = match &mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner) {
            None => return Err(StoreError::Closed),
            Some(idle) => idle.pop(),
        };
        idle.map_or_else(|| open::for_reading(&self.options), Ok)
    }

    fn give_back(&self, connection: Connection) {
        if let Some(idle) = &mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner)
            && idle.len() < IDLE
        {
            idle.push(connection);
        }
    }
}

fn step(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.raw_execute())
        .map(drop)
        .map_err(store_error)
}
