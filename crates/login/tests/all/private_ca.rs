use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

use crate::browser::builder;
use crate::stub::Stub;

// A CA whose key was thrown away, and a certificate of `localhost` that it signed; both good for a hundred years.
pub(crate) const CA: &[u8] = include_bytes!("private_ca/ca.pem");
const LEAF: &[u8] = include_bytes!("private_ca/leaf.pem");
const KEY: &[u8] = include_bytes!("private_ca/key.pem");

struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.listener.accept().await.unwrap();
            // A client that does not trust us hangs up here.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A provider over TLS whose certificate only a CA of its own vouches for.
pub(crate) async fn private_provider() -> Arc<Stub> {
    let chain = vec![CertificateDer::from_pem_slice(LEAF).unwrap()];
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_slice(KEY).unwrap())
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stub = Arc::new(Stub::at(format!("https://localhost:{port}")));
    let router = stub.router();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move { axum::serve(Tls { listener, acceptor }, router).await });
    stub
}

#[tokio::test]
async fn a_private_ca_is_trusted_when_it_is_configured() {
    let stub = private_provider().await;
    builder(&stub).ca_pem(CA).build().unwrap().check().await.unwrap();
    assert_eq!(stub.key_fetches.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let stub = private_provider().await;
    let error = builder(&stub).build().unwrap().check().await.unwrap_err();
    assert_eq!(error.code(), "tls_untrusted");
    assert!(
        error
            .to_string()
            .contains("unknown issuer: the chain ends at a CA that is not trusted here"),
        "{error}"
    );
    assert_eq!(stub.discoveries.load(Ordering::SeqCst), 0);
}
