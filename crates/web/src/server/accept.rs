//! Accepting connections, within bounds, until told to stop; then letting the open ones finish.

use std::{
    convert::Infallible,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    sync::{Semaphore, mpsc, watch},
};

use super::{
    Certificate, Front, Peer, TlsError, TrustedProxies, UnixError,
    connection::converse,
    patience::{Limits, Patience},
    places::{self, Guests},
    tls::Handshakes,
    unix,
};
use crate::certificate::{MAX_CHAIN, PresentedChain};

/// How long open requests may take to finish after a stop was asked for.
const DRAIN: Duration = Duration::from_secs(20);

/// Something that accepts connections.
pub struct Listener(Kind);

enum Kind {
    Tcp {
        listener: TcpListener,
        tls: Option<Handshakes>,
        guests: Arc<Guests>,
    },
    Unix {
        listener: UnixListener,
        path: PathBuf,
        own_user: u32,
    },
}

impl Listener {
    /// Plain HTTP, or HTTPS when there is a certificate. One address may hold 256 connections; `proxies` and
    /// loopback any number.
    pub async fn tcp(
        address: SocketAddr,
        certificate: Option<Certificate>,
        proxies: TrustedProxies,
    ) -> Result<Self, ListenError> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| ListenError::Bind { address, source })?;
        let tls = certificate.map(Handshakes::new).transpose()?;
        let guests = Guests::new(proxies);
        Ok(Self(Kind::Tcp { listener, tls, guests }))
    }

    /// HTTPS that asks each client for a certificate and takes whichever comes, or none (RFC 8705): who it makes of them is
    /// decided with the request.
    pub async fn asking_for_certificates(
        address: SocketAddr,
        certificate: Certificate,
        proxies: TrustedProxies,
    ) -> Result<Self, ListenError> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| ListenError::Bind { address, source })?;
        let tls = Some(Handshakes::asking_for_certificates(certificate)?);
        let guests = Guests::new(proxies);
        Ok(Self(Kind::Tcp { listener, tls, guests }))
    }

    /// The Unix socket at `path`, for root and the user that this process runs as.
    pub fn unix(path: &Path) -> Result<Self, ListenError> {
        let own_user = unix::own_user().map_err(|source| UnixError::Io {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self(Kind::Unix {
            listener: unix::bind(path)?,
            path: path.to_owned(),
            own_user,
        }))
    }

    /// The bound TCP address: tells the port that the system chose for port 0.
    pub fn local_address(&self) -> Option<SocketAddr> {
        match &self.0 {
            Kind::Tcp { listener, .. } => listener.local_addr().ok(),
            Kind::Unix { .. } => None,
        }
    }
}

/// Why a listener could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The Unix socket cannot be used.
    #[error(transparent)]
    Unix(#[from] UnixError),
}

/// A request to stop, seen by every listener.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Sender<bool>);

impl Default for Shutdown {
    fn default() -> Self {
        Self(watch::channel(false).0)
    }
}

impl Shutdown {
    /// Stops accepting and drains.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Waits until a stop was asked for.
    pub async fn requested(&self) {
        let mut receiver = self.0.subscribe();
        // An error means that the sender is gone, which cannot be while `self` holds it.
        let _ = receiver.wait_for(|stop| *stop).await;
    }
}

/// Serves all listeners until `shutdown`, then waits for open requests to finish, at most 20 seconds.
pub async fn serve(listeners: Vec<Listener>, front: impl Into<Front>, shutdown: Shutdown) {
    let front = front.into();
    // Every connection holds a sender; when the last one is gone, the receiver hears it.
    let (open, mut closed) = mpsc::channel::<Infallible>(1);
    let tasks: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let house = House {
                front: front.clone(),
                shutdown: shutdown.clone(),
                open: open.clone(),
            };
            tokio::spawn(async move {
                tokio::select! {
                    () = accept(&listener, &house) => {}
                    () = house.shutdown.requested() => {}
                }
                if let Kind::Unix { path, .. } = &listener.0 {
                    unix::remove(path);
                }
            })
        })
        .collect();
    drop(open);
    for task in tasks {
        let _ = task.await;
    }
    if tokio::time::timeout(DRAIN, closed.recv()).await.is_err() {
        tracing::warn!(
            "some requests did not finish within {} s and were cut off",
            DRAIN.as_secs()
        );
    }
}

/// What every connection needs.
#[derive(Clone)]
struct House {
    front: Front,
    shutdown: Shutdown,
    open: mpsc::Sender<Infallible>,
}

async fn accept(listener: &Listener, house: &House) {
    // Each listener has places of its own: strangers on the network cannot take those of the administrator at the socket.
    let places = Arc::new(Semaphore::new(match listener.0 {
        Kind::Tcp { .. } => places::network(),
        Kind::Unix { .. } => places::LOCAL,
    }));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let accepted = match &listener.0 {
            Kind::Tcp { listener, tls, guests } => listener.accept().await.map(|(stream, address)| {
                if let Some(guest) = guests.admit(address.ip()) {
                    let (tls, house) = (tls.clone(), house.clone());
                    tokio::spawn(async move {
                        over_network(stream, Peer::Tcp(address.ip()), tls, &house).await;
                        drop((guest, place));
                    });
                }
            }),
            Kind::Unix { listener, own_user, .. } => listener.accept().await.map(|(stream, _)| {
                if let Some(peer) = local_peer(&stream, *own_user) {
                    let house = house.clone();
                    tokio::spawn(async move {
                        let patience = Patience::new(Limits::SERVER);
                        converse(stream, peer, house.front, patience, &house.shutdown).await;
                        drop((house.open, place));
                    });
                }
            }),
        };
        if let Err(error) = accepted {
            // The machine's (too many open files): waiting lets it pass, spinning does not.
            tracing::warn!(%error, "accepting a connection failed");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn over_network(stream: TcpStream, peer: Peer, tls: Option<Handshakes>, house: &House) {
    let _ = stream.set_nodelay(true);
    let patience = Patience::new(Limits::SERVER);
    let mut front = house.front.clone();
    let Some(tls) = tls else {
        return converse(stream, peer, front, patience, &house.shutdown).await;
    };
    let handshake = tokio::select! {
        handshake = tokio::time::timeout_at(patience.deadline(), tls.accept(stream)) => handshake,
        () = house.shutdown.requested() => return,
    };
    if let Ok(Ok(Some(stream))) = handshake {
        let presented = stream.get_ref().1.peer_certificates();
        front.certificate = presented.map(|chain| {
            let chain = chain.iter().take(MAX_CHAIN).map(|certificate| certificate.to_vec());
            PresentedChain(Arc::new(chain.collect()))
        });
        converse(stream, peer, front, patience, &house.shutdown).await;
    }
}

fn local_peer(stream: &UnixStream, own_user: u32) -> Option<Peer> {
    match stream.peer_cred() {
        Ok(credentials) if unix::may_connect(credentials.uid(), own_user) => {
            Some(Peer::Local { uid: credentials.uid() })
        }
        Ok(credentials) => {
            tracing::warn!(
                uid = credentials.uid(),
                "turned away at the socket, which is for root and uid {own_user} alone"
            );
            None
        }
        Err(error) => {
            tracing::warn!(%error, "a local caller without credentials was turned away");
            None
        }
    }
}
