//! Whose authenticators are let in, where that is asked: a chain of certificates leads to a root that an administrator chose
//! (Web Authentication §7.1 steps 22 and 23).

use std::time::Duration;

use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime, pem::PemObject};
use webpki::{
    ALL_VERIFICATION_ALGS, EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, anchor_from_trusted_cert,
};

use crate::{Attestation, PasskeyError};

/// Some dozens of certificates.
const MAX_BYTES: usize = 256 * 1024;

/// The roots that count.
#[derive(Debug, Clone)]
pub struct TrustAnchors {
    anchors: Vec<TrustAnchor<'static>>,
}

impl TrustAnchors {
    /// Reads certificates in PEM, one after another.
    ///
    /// # Errors
    /// [`PasskeyError::TooLarge`], or [`PasskeyError::Attestation`] when there is none, or one that cannot be read.
    pub fn parse(pem: &str) -> Result<Self, PasskeyError> {
        if pem.len() > MAX_BYTES {
            return Err(PasskeyError::TooLarge {
                what: "attestation roots",
                received: pem.len(),
                limit: MAX_BYTES,
            });
        }
        let unread = |detail: String| PasskeyError::Attestation { detail };
        let mut anchors = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|error| unread(format!("expected PEM certificates: {error}")))?;
            let number = anchors.len() + 1;
            let anchor = anchor_from_trusted_cert(&certificate)
                .map_err(|error| unread(format!("certificate {number} cannot be read: {error}")))?;
            anchors.push(anchor.to_owned());
        }
        if anchors.is_empty() {
            return Err(unread(
                "expected at least one certificate in PEM, received none".to_owned(),
            ));
        }
        Ok(Self { anchors })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.anchors.len()
    }

    /// Whether one of them vouches for the authenticator at this time, in seconds since the epoch.
    ///
    /// # Errors
    /// [`PasskeyError::Untrusted`].
    pub fn vouch(&self, attestation: &Attestation, now: i64) -> Result<(), PasskeyError> {
        let untrusted = |detail: String| PasskeyError::Untrusted { detail };
        let chain = match attestation {
            Attestation::Certified { chain } => chain,
            Attestation::None => return Err(untrusted("it says nothing of who made it".to_owned())),
            Attestation::SelfSigned => return Err(untrusted("only the passkey itself vouches for it".to_owned())),
        };
        let chain: Vec<CertificateDer<'_>> = chain.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let Some((own, others)) = chain.split_first() else {
            return Err(untrusted("its chain is empty".to_owned()));
        };
        let time = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now).unwrap_or_default()));
        EndEntityCert::try_from(own)
            .and_then(|own| {
                own.verify_for_usage(
                    ALL_VERIFICATION_ALGS,
                    &self.anchors,
                    others,
                    time,
                    AnyPurpose,
                    None,
                    None,
                )
                .map(|_| ())
            })
            .map_err(|error| untrusted(format!("its certificates lead to none of the chosen roots: {error}")))
    }
}

/// §8.2.1 asks for no purpose of an attestation certificate.
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}
