//! Hearing of what other nodes committed. A connection of its own listens; while it was lost anything may have changed, so
//! after each reconnection everything is announced and every cache loads again.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Client, Config, Notification};
use uuid::Uuid;

use super::failure::store_error;
use super::session::Session;
use super::tls::Tls;
use crate::change::Hooks;
use crate::{Change, StoreError, Topic};

/// A silent connection is asked for a sign of life this often, and given this long: it bounds how stale a node can get.
const ALIVE: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How to connect.
pub(super) struct Listener {
    pub(super) config: Config,
    pub(super) tls: Tls,
}

struct Connected {
    // Closing the client closes the connection.
    client: Client,
    notifications: mpsc::UnboundedReceiver<Notification>,
}

/// Listens before it returns, then goes on in the background until the store is closed.
pub(super) async fn start(
    listener: Listener,
    channel: Arc<str>,
    node: Arc<str>,
    hooks: Hooks,
    mut closed: watch::Receiver<bool>,
) -> Result<(), StoreError> {
    let mut connected = listener.connect(&channel).await?;
    tokio::spawn(async move {
        let forever = async {
            loop {
                connected.relay(&node, &hooks).await;
                tracing::warn!("lost the connection that listens for changes of other nodes");
                connected = listener.reconnect(&channel).await;
                let everything = Topic::ALL.map(Change::any);
                hooks.call(&everything);
            }
        };
        tokio::select! {
            () = forever => {}
            // Also when the store is gone.
            _ = closed.wait_for(|closed| *closed) => {}
        }
    });
    Ok(())
}

/// Puts the changes of a unit into its transaction, so that they are heard exactly if it commits.
pub(super) fn notify(session: &Session, channel: &str, node: &str, changes: &[Change]) -> Result<(), StoreError> {
    for change in changes {
        session.query(
            "SELECT pg_notify($1, $2)::text",
            &[channel.into(), encode(node, change).as_str().into()],
        )?;
    }
    Ok(())
}

impl Listener {
    async fn connect(&self, channel: &str) -> Result<Connected, StoreError> {
        let failed = |error| store_error(&error);
        let (client, mut connection) = self.config.connect(self.tls.clone()).await.map_err(failed)?;
        let (sender, notifications) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
                match message {
                    Ok(AsyncMessage::Notification(notification)) => {
                        if sender.send(notification).is_err() {
                            return;
                        }
                    }
                    Ok(_) => {}
                    Err(_) => return,
                }
            }
        });
        // A quoted identifier: the name of a schema may hold anything.
        let quoted = channel.replace('"', "\"\"");
        client
            .batch_execute(&format!("LISTEN \"{quoted}\""))
            .await
            .map_err(failed)?;
        Ok(Connected { client, notifications })
    }

    async fn reconnect(&self, channel: &str) -> Connected {
        let mut pause = FIRST_PAUSE;
        loop {
            match timeout(PATIENCE, self.connect(channel)).await {
                Ok(Ok(connected)) => return connected,
                Ok(Err(failure)) => tracing::debug!(%failure, "cannot listen for changes of other nodes"),
                Err(_) => tracing::debug!("no answer from the database"),
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

impl Connected {
    /// Calls the hooks until the connection is lost.
    async fn relay(&mut self, node: &str, hooks: &Hooks) {
        loop {
            match timeout(ALIVE, self.notifications.recv()).await {
                Ok(Some(notification)) => {
                    if let Some(change) = decode(node, notification.payload()) {
                        hooks.call(&[change]);
                    }
                }
                Ok(None) => return,
                Err(_) => {
                    if !matches!(timeout(PATIENCE, self.client.batch_execute("")).await, Ok(Ok(()))) {
                        return;
                    }
                }
            }
        }
    }
}

fn encode(node: &str, change: &Change) -> String {
    let id = change.id.map(|id| id.to_string()).unwrap_or_default();
    format!("{node} {} {id}", change.topic.name())
}

/// The change, unless this node made it. A word of a newer node that this one does not know means nothing to its caches.
fn decode(node: &str, payload: &str) -> Option<Change> {
    let mut words = payload.split(' ');
    if words.next()? == node {
        return None;
    }
    let topic = Topic::from_name(words.next()?)?;
    let id = words.next().and_then(|id| Uuid::parse_str(id).ok());
    Some(Change { topic, id })
}
