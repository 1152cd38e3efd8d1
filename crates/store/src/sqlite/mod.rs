//! The embedded engine: one writer thread, readers wherever they are asked.

mod backup;
mod failure;
mod open;
mod readers;
mod statement;
mod writer;

use std::path::PathBuf;

use jiff::Timestamp;

pub(crate) use failure::store_error;
pub(crate) use open::Options;
pub(crate) use statement::{all, column, execute, one};

use crate::change::Hooks;
use crate::{StoreError, Tx};

/// An open SQLite database.
pub(crate) struct Database {
    writer: writer::Writer,
    readers: std::sync::Arc<readers::Readers>,
}

impl Database {
    pub(crate) async fn open(options: Options, now: Timestamp, hooks: Hooks) -> Result<Self, StoreError> {
        on_blocking_thread(move || {
            let (connection, lock) = open::for_writing(&options)?;
            open::migrate(&connection, &options, now)?;
            let readers = std::sync::Arc::new(readers::Readers::new(options.clone()));
            let writer = writer::Writer::start(connection, lock, &options, hooks)?;
            Ok(Self { writer, readers })
        })
        .await
    }

    pub(crate) async fn write<T, E>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.write(now, work).await
    }

    pub(crate) fn read<T, E>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        self.readers.read(work)
    }

    pub(crate) async fn scan<T, E>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let readers = std::sync::Arc::clone(&self.readers);
        on_blocking_thread(move || readers.read(work)).await
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

async fn on_blocking_thread<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(failure) => Err(StoreError::Panicked(failure.to_string()).into()),
    }
}
