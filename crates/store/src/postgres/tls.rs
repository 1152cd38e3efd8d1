//! The connection URL and what it says about TLS.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::Config;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::StoreError;

pub(super) type Tls = MakeRustlsConnect;

/// Reads the URL. `sslmode=disable` and `prefer` (the default) are as everywhere; `require`, `verify-ca` and
/// `verify-full` all demand TLS with a certificate for this host name by a known authority: there is no mode that demands
/// encryption and then believes anybody. `sslrootcert` names a file with the authorities to believe instead of the system's.
pub(super) fn configure(url: &str) -> Result<(Config, Tls), StoreError> {
    let unusable = |detail: String| StoreError::Location(detail);
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let mut demanded = false;
    let mut roots = None;
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", "require" | "verify-ca" | "verify-full")) => {
                demanded = true;
                kept.push("sslmode=require");
            }
            Some(("sslmode", "allow")) => {
                return Err(unusable(
                    "sslmode=allow is not supported; use prefer or require".to_owned(),
                ));
            }
            Some(("sslrootcert", path)) => roots = Some(PathBuf::from(path)),
            _ => kept.push(pair),
        }
    }
    let url = if kept.is_empty() {
        base.to_owned()
    } else {
        format!("{base}?{}", kept.join("&"))
    };
    // The error of the parser names the parameter, never the password.
    let config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        unusable(cause.unwrap_or_else(|| error.to_string()))
    })?;
    let tls = client(demanded, roots)?;
    Ok((config, MakeRustlsConnect::new(tls)))
}

fn client(verified: bool, roots: Option<PathBuf>) -> Result<ClientConfig, StoreError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let failed = |error: rustls::Error| StoreError::Location(format!("TLS cannot be set up: {error}"));
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let builder = match roots {
        Some(path) => builder.with_root_certificates(read_roots(&path)?),
        None if verified => builder.with_platform_verifier().map_err(failed)?,
        None => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Opportunistic::new(&provider))),
    };
    Ok(builder.with_no_client_auth())
}

fn read_roots(path: &std::path::Path) -> Result<RootCertStore, StoreError> {
    let unusable = |detail: String| StoreError::Location(format!("sslrootcert {}: {detail}", path.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unusable(error.to_string()))? {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unusable("no certificate in it".to_owned()));
    }
    Ok(roots)
}

/// `sslmode=prefer` encrypts if the server can and promises nothing about who it is; without TLS it would go on in the
/// clear, so checking the certificate would protect from nobody.
#[derive(Debug)]
struct Opportunistic(WebPkiSupportedAlgorithms);

impl Opportunistic {
    fn new(provider: &CryptoProvider) -> Self {
        Self(provider.signature_verification_algorithms)
    }
}

impl ServerCertVerifier for Opportunistic {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
