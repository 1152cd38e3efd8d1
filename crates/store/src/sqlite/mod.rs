//! The embedded engine: one writer thread, readers wherever they are asked.

mod backup;
mod failure;
mod open;
mod readers;
mod statement;
mod trying;
mod writer;

use std::path::PathBuf;

use jiff::Timestamp;

pub(crate) use failure::store_error;
pub(crate) use open::Options;
pub(crate) use statement::{all, column, execute, one};
#[cfg(feature = "testing")]
pub(crate) use trying::LEFT_OUT;

use crate::StoreError;
use crate::change::Hooks;
use crate::writing::{Mode, Queued, Unit};

/// An open SQLite database.
pub(crate) struct Database {
    writer: writer::Writer,
    readers: std::sync::Arc<readers::Readers>,
    options: Options,
    /// One copy at a time: it is as large as what it is of.
    copy: std::sync::Arc<tokio::sync::Mutex<()>>,
}

impl Database {
    pub(crate) async fn open(options: Options, now: Timestamp, hooks: Hooks) -> Result<Self, StoreError> {
        on_blocking_thread(move || {
            let (connection, lock) = open::for_writing(&options)?;
            open::migrate(&connection, &options, now)?;
            let readers = std::sync::Arc::new(readers::Readers::new(options.clone()));
            let writer = writer::Writer::start(connection, lock, &options, hooks)?;
            Ok(Self {
                writer,
                readers,
                options,
                copy: std::sync::Arc::default(),
            })
        })
        .await
    }

    /// Has a unit run on another thread, which answers its caller: the writer's, or one where reading delays nobody.
    pub(crate) async fn run(&self, mode: Mode, mut queued: Queued) -> Result<(), StoreError> {
        match mode {
            Mode::Try if trying::fits(&self.options) => return self.try_out(queued).await,
            Mode::Write | Mode::Try => return self.writer.write(queued).await,
            Mode::Snapshot | Mode::Single => {}
        }
        let readers = std::sync::Arc::clone(&self.readers);
        on_blocking_thread(move || {
            let read = readers.read_queued(&mut queued);
            queued.answer(read);
            Ok(())
        })
        .await
    }

    async fn try_out(&self, mut queued: Queued) -> Result<(), StoreError> {
        let turn = std::sync::Arc::clone(&self.copy).lock_owned().await;
        let options = self.options.clone();
        on_blocking_thread(move || {
            let tried = trying::run(&options, &mut queued);
            drop(turn);
            queued.answer(tried);
            Ok(())
        })
        .await
    }

    /// Runs a reading unit on this thread.
    pub(crate) fn read(&self, unit: &mut dyn Unit) -> Result<(), StoreError> {
        self.readers.read(unit)
    }

    pub(crate) async fn backup(&self, to: PathBuf) -> Result<(), StoreError> {
        let readers = std::sync::Arc::clone(&self.readers);
        on_blocking_thread(move || readers.with(|connection| backup::copy(connection, &to))).await
    }

    pub(crate) async fn rest(&self) {
        if self.writer.rest().await {
            self.readers.rest();
        }
    }

    pub(crate) async fn close(&self) {
        self.writer.close().await;
        self.readers.close();
    }
}

async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(failure) => Err(StoreError::Panicked(failure.to_string())),
    }
}
