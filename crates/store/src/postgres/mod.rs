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

use crate::StoreError;
use crate::change::Hooks;
use crate::tx::Engine;
use crate::writing::{Mode, Queued};

/// A pool of connections, and one more that listens for what other nodes committed.
pub(crate) struct Database {
    pool: deadpool_postgres::Pool,
    channel: Arc<str>,
    node: Arc<str>,
    hooks: Hooks,
    closing: watch::Sender<bool>,
}

/// How the transaction of a unit begins; none where each statement stands for itself.
fn beginning(mode: Mode) -> Option<&'static str> {
    match mode {
        Mode::Write | Mode::Try => Some("BEGIN"),
        Mode::Snapshot => Some("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
        Mode::Single => None,
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

    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
        self.pool.close();
    }

    /// Runs a unit and answers its caller. An error is why it could not be run.
    pub(crate) async fn run(&self, mode: Mode, mut queued: Queued) -> Result<(), StoreError> {
        // Waiting for a connection happens here, so that no more threads block than there are connections.
        let client = self.pool.get().await.map_err(|error| failure::of_pool(&error))?;
        let session = Session::new(client, Handle::current(), matches!(mode, Mode::Single));
        let hooks = self.hooks.clone();
        let (channel, node) = (Arc::clone(&self.channel), Arc::clone(&self.node));
        let unit = move || {
            if let Some(begin) = beginning(mode) {
                session.begin(begin);
            }
            let committed = if let Ok(changes) = queued.run(Engine::Postgres(&session)) {
                listen::notify(&session, &channel, &node, &changes)
                    .and_then(|()| session.commit())
                    .map(|()| hooks.call(&changes))
                    .inspect_err(|_| session.abandon())
            } else {
                session.abandon();
                Ok(())
            };
            // The connection is free before its caller goes on.
            drop(session);
            queued.answer(committed);
        };
        tokio::task::spawn_blocking(unit)
            .await
            .map_err(|failure| StoreError::Panicked(failure.to_string()))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.close();
    }
}
