//! The server's certificate: read from files, read again when they change.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

/// How often the files' modification times are looked at.
const CHECK_EVERY: Duration = Duration::from_secs(2);

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
    pub fn server_config(self) -> Result<Arc<ServerConfig>, TlsError> {
        let key = self.load()?;
        let stamp = self.stamp();
        let current = Arc::new(Current {
            files: self,
            key: ArcSwap::from_pointee(key),
        });
        tokio::spawn(watch(Arc::clone(&current), stamp));
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Mismatch(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(current);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
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
