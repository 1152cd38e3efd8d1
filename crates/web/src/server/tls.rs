//! The server's certificate: read from files and again when they change, or kept by the service, which gets the next by itself.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use doorward_certificates::Certificates;
use rustls::{
    DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::{
        ClientHello, ResolvesServerCert,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::CertifiedKey,
};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::{LazyConfigAcceptor, server::TlsStream};

use crate::clock::Clock;

/// How often the files' modification times are looked at.
const CHECK_EVERY: Duration = Duration::from_secs(2);

/// What an authority speaks that comes to see whether a name is ours (RFC 8737 §6.2).
const ACME_TLS: &[u8] = b"acme-tls/1";

/// Where the certificate of a listener comes from.
#[derive(Clone)]
pub enum Certificate {
    /// From files that somebody else keeps.
    Files(CertificateFiles),
    /// From the service, as it is at each handshake; with the clock by which it answers authorities.
    Kept(Certificates, Arc<dyn Clock>),
}

/// Where the certificate chain and its private key are, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain, leaf first.
    pub certificate: PathBuf,
    /// The private key, PKCS#8, SEC1 or PKCS#1.
    pub key: PathBuf,
}

/// Why the certificate could not be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file could not be read or held no PEM of the expected kind.
    #[error("cannot use {path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// Certificate and key do not belong together, or the key's kind is not supported.
    #[error("certificate and key do not fit: {0}")]
    Mismatch(String),
}

/// The certificate in use; replaced as a whole when the files change.
#[derive(Debug)]
struct Current {
    files: CertificateFiles,
    key: ArcSwap<CertifiedKey>,
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.key.load_full())
    }
}

impl CertificateFiles {
    /// A TLS configuration with these files' certificate, and a task that reloads them when they change. A
    /// changed file that cannot be used is logged, and the old certificate stays.
    pub(super) fn server_config(self, asks: Asks) -> Result<Arc<ServerConfig>, TlsError> {
        let key = self.load()?;
        let stamp = self.stamp();
        let current = Arc::new(Current {
            files: self,
            key: ArcSwap::from_pointee(key),
        });
        tokio::spawn(watch(Arc::clone(&current), stamp));
        config(current, &[b"h2", b"http/1.1"], asks)
    }

    fn load(&self) -> Result<CertifiedKey, TlsError> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect)
            .map_err(|error| file_error(&self.certificate, &error))?;
        if chain.is_empty() {
            return Err(file_error(
                &self.certificate,
                &"expected at least one PEM CERTIFICATE, found none",
            ));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| file_error(&self.key, &error))?;
        let certified = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
            .map_err(|error| TlsError::Mismatch(error.to_string()))?;
        Ok(certified)
    }

    fn stamp(&self) -> [Option<SystemTime>; 2] {
        [&self.certificate, &self.key].map(|path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok())
    }
}

/// Whether a listener asks clients for their certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    Nothing,
    ForCertificates,
}

/// Takes any certificate whose private half the client proves to hold, and none.
#[derive(Debug)]
struct Whichever(Arc<CryptoProvider>);

impl ClientCertVerifier for Whichever {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    // Who it is, and whether somebody vouches for it, is asked with each request, by the rules for its application.
    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

fn config(
    resolver: Arc<dyn ResolvesServerCert>,
    protocols: &[&[u8]],
    asks: Asks,
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Mismatch(error.to_string()))?;
    let builder = match asks {
        Asks::Nothing => builder.with_no_client_auth(),
        Asks::ForCertificates => builder.with_client_cert_verifier(Arc::new(Whichever(provider))),
    };
    let mut config = builder.with_cert_resolver(resolver);
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Ok(Arc::new(config))
}

/// Presents what the service has at this moment.
struct Kept(Certificates);

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Kept")
    }
}

impl ResolvesServerCert for Kept {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.current()
    }
}

/// Presents one certificate.
#[derive(Debug)]
struct One(Arc<CertifiedKey>);

impl ResolvesServerCert for One {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// The TLS of a listener.
#[derive(Clone)]
pub(super) struct Handshakes {
    config: Arc<ServerConfig>,
    /// Who answers authorities, where one may come.
    answering: Option<(Certificates, Arc<dyn Clock>)>,
}

impl Handshakes {
    pub(super) fn new(certificate: Certificate) -> Result<Self, TlsError> {
        Self::that_asks(certificate, Asks::Nothing)
    }

    /// The same, and each client is asked for a certificate.
    pub(super) fn asking_for_certificates(certificate: Certificate) -> Result<Self, TlsError> {
        Self::that_asks(certificate, Asks::ForCertificates)
    }

    fn that_asks(certificate: Certificate, asks: Asks) -> Result<Self, TlsError> {
        Ok(match certificate {
            Certificate::Files(files) => Self {
                config: files.server_config(asks)?,
                answering: None,
            },
            Certificate::Kept(certificates, clock) => Self {
                config: config(Arc::new(Kept(certificates.clone())), &[b"h2", b"http/1.1"], asks)?,
                answering: certificates.asks_authorities().then_some((certificates, clock)),
            },
        })
    }

    /// The stream after the handshake; `None` after one that was an authority's look at us and nothing more.
    pub(super) async fn accept(&self, stream: TcpStream) -> std::io::Result<Option<TlsStream<TcpStream>>> {
        let start = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await?;
        let hello = start.client_hello();
        let is_look = hello
            .alpn()
            .is_some_and(|mut protocols| protocols.any(|protocol| protocol == ACME_TLS));
        let name = hello.server_name().map(str::to_owned);
        if !is_look {
            return start.into_stream(Arc::clone(&self.config)).await.map(Some);
        }
        let (Some((certificates, clock)), Some(name)) = (&self.answering, name) else {
            return Ok(None);
        };
        if let Some(key) = certificates.challenge_certificate(&name, clock.now()).await {
            tracing::info!(name, "the certificate authority came to look");
            let config = config(Arc::new(One(key)), &[ACME_TLS], Asks::Nothing).map_err(std::io::Error::other)?;
            // It closes the connection without another word (RFC 8737 §3).
            start.into_stream(config).await?.shutdown().await?;
        }
        Ok(None)
    }
}

fn file_error(path: &std::path::Path, reason: &dyn std::fmt::Display) -> TlsError {
    TlsError::File {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

async fn watch(current: Arc<Current>, mut seen: [Option<SystemTime>; 2]) {
    loop {
        tokio::time::sleep(CHECK_EVERY).await;
        let stamp = current.files.stamp();
        if stamp == seen {
            continue;
        }
        match current.files.load() {
            Ok(key) => {
                current.key.store(Arc::new(key));
                seen = stamp;
                tracing::info!(certificate = %current.files.certificate.display(), "certificate reloaded");
            }
            Err(error) => tracing::error!(%error, "the changed certificate cannot be used; the old one stays"),
        }
    }
}
