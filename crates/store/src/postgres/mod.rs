//! PostgreSQL: the engine of clusters.

mod failure;
mod listen;
mod open;
mod session;
mod tls;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::watch;

pub(crate) use session::{Session, column};

use crate::change::Hooks;
use crate::tx::Engine;
use crate::writing::{self, RolledBack};
use crate::{StoreError, Tx};

/// A pool of connections, and one more that listens for what other nodes committed.
pub(crate) struct Database {
    pool: deadpool_postgres::Pool,
    channel: Arc<str>,
    node: Arc<str>,
    hooks: Hooks,
    closing: watch::Sender<bool>,
}

/// How a transaction begins.
#[derive(Clone, Copy)]
enum Mode {
    Write,
    /// One state of the database for all statements.
    Snapshot,
    /// No transaction: each statement for itself, reading only.
    Single,
}

impl Mode {
    fn begin(self) -> Option<&'static str> {
        match self {
            Self::Write => Some("BEGIN"),
            Self::Snapshot => Some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
            Self::Single => None,
        }
    }
}

impl Database {
    pub(crate) async fn open(url: &str, now: Timestamp, hooks: Hooks) -> Result<Self, StoreError> {
        let opened = open::open(url, now).await?;
        let (closing, closed) = watch::channel(false);
        listen::start(
            opened.listener,
            Arc::clone(&opened.channel),
            Arc::clone(&opened.node),
            hooks.clone(),
            closed,
        )
        .await?;
        Ok(Self {
            pool: opened.pool,
            channel: opened.channel,
            node: opened.node,
            hooks,
            closing,
        })
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
        self.unit(Mode::Write, now, work).await
    }

    pub(crate) async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.unit(Mode::Single, Timestamp::MAX, work).await
    }

    pub(crate) async fn scan<T, E>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.unit(Mode::Snapshot, Timestamp::MAX, work).await
    }

    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
        self.pool.close();
    }

    async fn unit<T, E>(
        &self,
        mode: Mode,
        now: Timestamp,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        // Waiting for a connection happens here, so that no more threads block than there are connections.
        let client = self.pool.get().await.map_err(|error| failure::of_pool(&error))?;
        let session = Session::new(client, Handle::current(), matches!(mode, Mode::Single));
        let hooks = self.hooks.clone();
        let (channel, node) = (Arc::clone(&self.channel), Arc::clone(&self.node));
        let unit = move || {
            if let Some(begin) = mode.begin() {
                session.begin(begin);
            }
            let (outcome, changes) = writing::run(Engine::Postgres(&session), now, work);
            match changes {
                Ok(changes) => {
                    let committed = listen::notify(&session, &channel, &node, &changes).and_then(|()| session.commit());
                    if let Err(failure) = committed {
                        session.abandon();
                        return Err(failure.into());
                    }
                    hooks.call(&changes);
                }
                Err(RolledBack(_)) => session.abandon(),
            }
            outcome
        };
        match tokio::task::spawn_blocking(unit).await {
            Ok(result) => result,
            Err(failure) => Err(StoreError::Panicked(failure.to_string()).into()),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.close();
    }
}
