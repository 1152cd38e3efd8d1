//! Accepting connections, within bounds, until told to stop; then letting the open ones finish.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, UnixListener},
    sync::{Semaphore, watch},
};
use tokio_rustls::TlsAcceptor;
use tower::{ServiceBuilder, ServiceExt, util::MapRequestLayer};

use super::{CertificateFiles, Peer, TlsError, UnixError, unix};

/// Open connections at the most; further ones wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 4096;
/// A client that takes longer to send its request head or to finish the TLS handshake is cut off.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// How long open requests may take to finish after a stop was asked for.
const DRAIN: Duration = Duration::from_secs(20);

/// Something that accepts connections.
pub struct Listener(Kind);

enum Kind {
    Tcp {
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
    },
    Unix {
        listener: UnixListener,
        path: PathBuf,
    },
}

impl Listener {
    /// Plain HTTP, or HTTPS when certificate files are given.
    pub async fn tcp(address: SocketAddr, certificate: Option<CertificateFiles>) -> Result<Self, ListenError> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| ListenError::Bind { address, source })?;
        let tls = certificate
            .map(CertificateFiles::server_config)
            .transpose()?
            .map(TlsAcceptor::from);
        Ok(Self(Kind::Tcp { listener, tls }))
    }

    /// The Unix socket at `path`.
    pub fn unix(path: &Path) -> Result<Self, ListenError> {
        Ok(Self(Kind::Unix {
            listener: unix::bind(path)?,
            path: path.to_owned(),
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
pub async fn serve(listeners: Vec<Listener>, router: Router, shutdown: Shutdown) {
    let graceful = Arc::new(GracefulShutdown::new());
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let tasks: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let (router, graceful, permits) = (router.clone(), Arc::clone(&graceful), Arc::clone(&permits));
            let shutdown = shutdown.clone();
            tokio::spawn(async move {
                tokio::select! {
                    () = accept(&listener, router, &graceful, permits) => {}
                    () = shutdown.requested() => {}
                }
                if let Kind::Unix { path, .. } = &listener.0 {
                    let _ = std::fs::remove_file(path);
                }
            })
        })
        .collect();
    for task in tasks {
        let _ = task.await;
    }
    let Some(graceful) = Arc::into_inner(graceful) else {
        return;
    };
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!(
            "some requests did not finish within {} s and were cut off",
            DRAIN.as_secs()
        );
    }
}

async fn accept(listener: &Listener, router: Router, graceful: &GracefulShutdown, permits: Arc<Semaphore>) {
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
            return;
        };
        match &listener.0 {
            Kind::Tcp { listener, tls } => match listener.accept().await {
                Ok((stream, address)) => {
                    let _ = stream.set_nodelay(true);
                    let peer = Peer::Tcp(address.ip());
                    match tls.clone() {
                        None => connection(stream, peer, router.clone(), graceful, permit),
                        Some(acceptor) => {
                            let (router, watcher) = (router.clone(), graceful.watcher());
                            tokio::spawn(async move {
                                let handshake = tokio::time::timeout(HEAD_TIMEOUT, acceptor.accept(stream)).await;
                                if let Ok(Ok(stream)) = handshake {
                                    let served = builder()
                                        .serve_connection(TokioIo::new(stream), service(router, peer))
                                        .into_owned();
                                    let _ = watcher.watch(served).await;
                                }
                                drop(permit);
                            });
                        }
                    }
                }
                Err(error) => pause_after(&error).await,
            },
            Kind::Unix { listener, .. } => match listener.accept().await {
                Ok((stream, _)) => match stream.peer_cred() {
                    Ok(credentials) => {
                        let peer = Peer::Local { uid: credentials.uid() };
                        connection(stream, peer, router.clone(), graceful, permit);
                    }
                    Err(error) => tracing::warn!(%error, "a local caller without credentials was turned away"),
                },
                Err(error) => pause_after(&error).await,
            },
        }
    }
}

/// An accept error is the machine's (too many open files): waiting lets it pass, spinning does not.
async fn pause_after(error: &std::io::Error) {
    tracing::warn!(%error, "accepting a connection failed");
    tokio::time::sleep(Duration::from_millis(100)).await;
}

fn connection<S>(
    stream: S,
    peer: Peer,
    router: Router,
    graceful: &GracefulShutdown,
    permit: tokio::sync::OwnedSemaphorePermit,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let served = builder()
        .serve_connection(TokioIo::new(stream), service(router, peer))
        .into_owned();
    let served = graceful.watch(served);
    tokio::spawn(async move {
        let _ = served.await;
        drop(permit);
    });
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(64 * 1024)
        .max_headers(100);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .max_header_list_size(64 * 1024);
    builder
}

type Incoming = http::Request<hyper::body::Incoming>;

fn service(
    router: Router,
    peer: Peer,
) -> TowerToHyperService<
    impl tower::Service<
        Incoming,
        Response = axum::response::Response,
        Error = std::convert::Infallible,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static,
> {
    let service = ServiceBuilder::new()
        .layer(MapRequestLayer::new(move |mut request: Incoming| {
            request.extensions_mut().insert(peer);
            request.map(axum::body::Body::new)
        }))
        .service(router);
    TowerToHyperService::new(service.map_response(std::convert::identity))
}
