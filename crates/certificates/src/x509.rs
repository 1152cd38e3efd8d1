//! What a certificate says.

use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXUPPER;
use doorward_jose::sha256;
use jiff::Timestamp;
use rcgen::{CertificateParams, date_time_ymd};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use crate::CertificatesError;

/// The facts of a certificate that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) names: Vec<String>,
    pub(crate) issuer: String,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    pub(crate) fingerprint: String,
}

/// The facts of the first certificate of a PEM chain.
pub(crate) fn facts(chain: &str) -> Result<Facts, CertificatesError> {
    let chain = certificates(chain)?;
    let der = chain.first().ok_or_else(|| unreadable("there is no certificate"))?;
    let (_, certificate) = parse_x509_certificate(der).map_err(unreadable)?;
    let names = certificate.subject_alternative_name().map_err(unreadable)?;
    let names = names.map(|names| names.value.general_names.iter().filter_map(name).collect());
    let instant = |seconds: i64| Timestamp::from_second(seconds).map_err(unreadable);
    Ok(Facts {
        names: names.unwrap_or_default(),
        issuer: certificate.issuer().to_string(),
        not_before: instant(certificate.validity().not_before.timestamp())?,
        not_after: instant(certificate.validity().not_after.timestamp())?,
        fingerprint: fingerprint(der),
    })
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => <[u8; 4]>::try_from(*bytes)
                .ok()
                .map(|b| std::net::IpAddr::from(b).to_string()),
            _ => <[u8; 16]>::try_from(*bytes)
                .ok()
                .map(|b| std::net::IpAddr::from(b).to_string()),
        },
        _ => None,
    }
}

/// The certificates of a PEM chain.
pub(crate) fn certificates(chain: &str) -> Result<Vec<CertificateDer<'static>>, CertificatesError> {
    CertificateDer::pem_slice_iter(chain.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| unreadable(format!("expected PEM certificates: {error}")))
}

/// Chain and key for the TLS acceptor; refuses a key that is not the certificate's.
pub(crate) fn certified(chain: &str, pkcs8: &[u8]) -> Result<Arc<CertifiedKey>, CertificatesError> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8.to_vec()));
    let chain = certificates(chain)?;
    Ok(Arc::new(CertifiedKey::from_der(
        chain,
        key,
        &aws_lc_rs::default_provider(),
    )?))
}

/// SHA-256 over the certificate, as browsers and openssl print it.
pub(crate) fn fingerprint(der: &[u8]) -> String {
    let digits = HEXUPPER.encode(&sha256(der));
    let pairs: Vec<&str> = (0..digits.len())
        .step_by(2)
        .filter_map(|at| digits.get(at..at + 2))
        .collect();
    pairs.join(":")
}

/// Says from when until when a certificate is good; whole seconds, not before 1970.
pub(crate) fn set_validity(params: &mut CertificateParams, from: Timestamp, until: Timestamp) {
    let instant =
        |at: Timestamp| date_time_ymd(1970, 1, 1) + Duration::from_secs(at.as_second().try_into().unwrap_or(0));
    params.not_before = instant(from);
    params.not_after = instant(until);
}

pub(crate) fn unreadable(why: impl std::fmt::Display) -> CertificatesError {
    CertificatesError::Certificate(why.to_string())
}
