//! Answers to an authority that comes to look.

use std::sync::Arc;

use data_encoding::HEXLOWER;
use rcgen::{CertificateParams, CustomExtension, DistinguishedName};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
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
    let certificate = params.self_signed(&key)?;
    // Not compared as other certificates are: the extension is critical, and whoever does not know it must refuse it.
    let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let signing = aws_lc_rs::sign::any_ecdsa_type(&der)?;
    Ok(Arc::new(CertifiedKey::new(vec![certificate.der().clone()], signing)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_certificate_of_a_challenge_has_the_digest_in_a_critical_extension() {
        let made = certificate("sso.example.com", &HEXLOWER.encode(&[7; 32])).unwrap();
        let (_, parsed) = x509_parser::parse_x509_certificate(&made.cert[0]).unwrap();
        let extension = parsed
            .extensions()
            .iter()
            .find(|extension| extension.oid.to_id_string() == "1.3.6.1.5.5.7.1.31")
            .unwrap();
        // An octet string of 32 bytes (RFC 8737 §3).
        assert!(extension.critical && extension.value.starts_with(&[4, 32, 7]));
        assert!(certificate("sso.example.com", "07").is_err());
    }
}
