//! Answers to an authority that comes to look.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use rcgen::{CertificateParams, CustomExtension, DistinguishedName};
use rustls::sign::CertifiedKey;

use crate::{CertificatesError, authority, x509};

/// The kind of rows whose name is a host and whose answer is a digest.
pub(crate) const TLS_ALPN: &str = "tls-alpn-01";
/// The kind of rows whose name is a token and whose answer is a key authorization.
pub(crate) const HTTP: &str = "http-01";

/// The self-signed certificate that holds the digest of the key authorization (RFC 8737 §3).
pub(crate) fn certificate(host: &str, digest: &str) -> Result<Arc<CertifiedKey>, CertificatesError> {
    let digest = HEXLOWER.decode(digest.as_bytes()).map_err(x509::unreadable)?;
    if digest.len() != 32 {
        return Err(x509::unreadable("the digest of a challenge has 32 bytes"));
    }
    let mut params = CertificateParams::new([host.to_owned()])?;
    params.distinguished_name = DistinguishedName::new();
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(&digest)];
    let key = authority::key()?;
    let pem = params.self_signed(&key)?.pem();
    x509::certified(&pem, key.serialized_der())
}
