//! Sends events to a syslog receiver as they are committed, each at least once.
//!
//! How far the export has come is a row of the database: a restart goes on there, and of several nodes one sends at a
//! time. What was sent but not yet noted when a process ended is sent again; the event's id tells.

use std::future::Future;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use doorward_jose::Random;
use doorward_store::{Store, StoreError, Tx, new_id};
use jiff::{SignedDuration, Timestamp};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UdpSocket, UnixDatagram};
use uuid::Uuid;

use crate::{EventFilter, EventFollower, RecordedEvent, events, syslog};

const POLL_EVERY: Duration = Duration::from_millis(500);
const SLOWEST_RETRY: Duration = Duration::from_secs(30);
/// How long a node that does not answer keeps the others from sending.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// What fits a datagram everywhere (RFC 5426 §3.2 asks receivers for 2 KiB; more is cut by some).
const LONGEST_DATAGRAM: usize = 8 * 1024;

/// Where events go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `udp://host:514` (RFC 5426).
    Udp(String),
    /// `tcp://host:601` with length framing (RFC 6587).
    Tcp(String),
    /// `unix:///dev/log`, a datagram socket.
    Unix(PathBuf),
}

/// The text is no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected udp://host:port, tcp://host:port or unix:///path, received {0:?}")]
pub struct TargetError(pub String);

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || TargetError(text.to_owned());
        let (scheme, rest) = text.split_once("://").ok_or_else(error)?;
        let is_address = || {
            let port = rest.rsplit_once(':').map(|(host, port)| (host, port.parse::<u16>()));
            matches!(port, Some((host, Ok(port))) if !host.is_empty() && port > 0)
        };
        match scheme {
            "udp" if is_address() => Ok(Self::Udp(rest.to_owned())),
            "tcp" if is_address() => Ok(Self::Tcp(rest.to_owned())),
            "unix" if rest.starts_with('/') => Ok(Self::Unix(rest.into())),
            _ => Err(error()),
        }
    }
}

/// One export to one target.
#[derive(Debug)]
pub struct Export {
    store: Store,
    target: Target,
    hostname: String,
    /// This process, for the lease.
    me: Uuid,
}

/// Why a round of an export ended well.
enum Paused {
    /// The process ends.
    Stopped,
    /// Another node has the lease.
    NotOurs,
}

/// Why a round of an export failed. It is tried again.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl Export {
    /// An export of all events. `hostname` is what the messages name as their origin.
    pub fn new(store: Store, target: Target, hostname: impl Into<String>, random: &dyn Random, now: Timestamp) -> Self {
        Self {
            store,
            target,
            hostname: hostname.into(),
            me: new_id(now, random),
        }
    }

    /// Sends until `stop` is ready. The first time it begins with what is committed from now on.
    pub async fn run(self, clock: impl Fn() -> Timestamp, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut wait = POLL_EVERY;
        let mut sender = None;
        loop {
            tokio::select! {
                () = &mut stop => break,
                () = tokio::time::sleep(wait) => {}
            }
            // A follower does not survive losing the lease: another node may have gone on.
            match self.send_while_held(&clock, &mut sender, stop.as_mut()).await {
                Ok(Paused::Stopped) => break,
                Ok(Paused::NotOurs) => wait = POLL_EVERY,
                Err(error) => {
                    sender = None;
                    wait = (wait * 2).min(SLOWEST_RETRY);
                    tracing::warn!(%error, target = ?self.target, "events could not be sent; trying again");
                }
            }
        }
        if let Err(error) = self.release(clock()).await {
            tracing::debug!(%error, "the export's lease runs out by itself");
        }
    }

    async fn send_while_held<S: Future<Output = ()>>(
        &self,
        clock: &impl Fn() -> Timestamp,
        sender: &mut Option<Sender>,
        mut stop: std::pin::Pin<&mut S>,
    ) -> Result<Paused, ExportError> {
        let Some(position) = self.hold(clock()).await? else {
            return Ok(Paused::NotOurs);
        };
        let mut follower = EventFollower::after(self.store.clone(), EventFilter::default(), position);
        loop {
            let fresh = follower.next().await?;
            for event in &fresh {
                self.send(event, sender).await?;
            }
            let Some(furthest) = fresh.iter().map(|event| event.id).max() else {
                // Keep the lease while idle, and look again soon.
                if self.hold(clock()).await?.is_none() {
                    return Ok(Paused::NotOurs);
                }
                tokio::select! {
                    () = stop.as_mut() => return Ok(Paused::Stopped),
                    () = tokio::time::sleep(POLL_EVERY) => continue,
                }
            };
            if !self.advance(furthest, clock()).await? {
                return Ok(Paused::NotOurs);
            }
        }
    }

    async fn send(&self, event: &RecordedEvent, sender: &mut Option<Sender>) -> Result<(), ExportError> {
        if sender.is_none() {
            *sender = Some(Sender::connect(&self.target).await?);
        }
        if let Some(sender) = sender {
            sender.send(event, &self.hostname).await?;
        }
        Ok(())
    }

    /// Takes or keeps the lease; the position when we have it.
    async fn hold(&self, now: Timestamp) -> Result<Option<Uuid>, StoreError> {
        let (name, me, until) = (self.name(), self.me, later(now));
        self.store
            .write(now, move |tx| {
                tx.one(
                    "INSERT INTO event_exports (name, position, holder, held_until) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
                     WHERE event_exports.holder = excluded.holder OR event_exports.held_until < $5
                     RETURNING position",
                    &[
                        name.as_str().into(),
                        events::first_id_at(now).into(),
                        me.into(),
                        until.into(),
                        now.into(),
                    ],
                    |row| row.get(0),
                )
            })
            .await
    }

    /// Notes how far we are; whether we still hold the lease.
    async fn advance(&self, to: Uuid, now: Timestamp) -> Result<bool, StoreError> {
        let (name, me, until) = (self.name(), self.me, later(now));
        self.store
            .write(now, move |tx| {
                let changed = tx.execute(
                    "UPDATE event_exports SET position = CASE WHEN position < $1 THEN $1 ELSE position END, held_until = $2
                     WHERE name = $3 AND holder = $4",
                    &[to.into(), until.into(), name.as_str().into(), me.into()],
                )?;
                Ok(changed == 1)
            })
            .await
    }

    async fn release(&self, now: Timestamp) -> Result<(), StoreError> {
        let (name, me) = (self.name(), self.me);
        self.store
            .write(now, move |tx: &mut Tx<'_>| {
                tx.execute(
                    "UPDATE event_exports SET held_until = 0 WHERE name = $1 AND holder = $2",
                    &[name.as_str().into(), me.into()],
                )
            })
            .await?;
        Ok(())
    }

    fn name(&self) -> String {
        match &self.target {
            Target::Udp(address) => format!("udp://{address}"),
            Target::Tcp(address) => format!("tcp://{address}"),
            Target::Unix(path) => format!("unix://{}", path.display()),
        }
    }
}

fn later(now: Timestamp) -> Timestamp {
    now.checked_add(LEASE).unwrap_or(Timestamp::MAX)
}

#[derive(Debug)]
enum Sender {
    Udp(UdpSocket),
    Tcp(TcpStream),
    Unix(UnixDatagram),
}

impl Sender {
    async fn connect(target: &Target) -> std::io::Result<Self> {
        let connect = async {
            match target {
                Target::Udp(address) => {
                    let peer = tokio::net::lookup_host(address).await?.next();
                    let peer = peer.ok_or_else(|| std::io::Error::other("the name has no address"))?;
                    let any = if peer.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
                    let socket = UdpSocket::bind(any).await?;
                    socket.connect(peer).await?;
                    Ok(Self::Udp(socket))
                }
                Target::Tcp(address) => TcpStream::connect(address).await.map(Self::Tcp),
                Target::Unix(path) => {
                    let socket = UnixDatagram::unbound()?;
                    socket.connect(path)?;
                    Ok(Self::Unix(socket))
                }
            }
        };
        tokio::time::timeout(CONNECT_WITHIN, connect)
            .await
            .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
    }

    async fn send(&mut self, event: &RecordedEvent, hostname: &str) -> std::io::Result<()> {
        let message = syslog::message(event, hostname);
        match self {
            Self::Tcp(stream) => {
                let framed = syslog::frame(&message);
                let written = tokio::time::timeout(CONNECT_WITHIN, stream.write_all(framed.as_bytes()));
                written
                    .await
                    .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
            }
            Self::Udp(socket) => socket
                .send(datagram(event, hostname, &message).as_bytes())
                .await
                .map(drop),
            Self::Unix(socket) => socket
                .send(datagram(event, hostname, &message).as_bytes())
                .await
                .map(drop),
        }
    }
}

/// What does not fit a datagram goes without its data.
fn datagram(event: &RecordedEvent, hostname: &str, message: &str) -> String {
    if message.len() <= LONGEST_DATAGRAM {
        return message.to_owned();
    }
    let mut short = event.clone();
    short.event.data = serde_json::json!({ "omitted": "too long for a datagram" });
    syslog::message(&short, hostname)
}
