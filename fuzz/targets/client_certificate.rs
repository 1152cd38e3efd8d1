//! Certificates that clients present, and the names that they are registered by.

use doorward_certificates::ClientAuthorities;
use doorward_oidc::CertificateName;

pub(crate) fn run(data: &[u8]) {
    let authorities = ClientAuthorities::default();
    let read = authorities.read(&[data.to_vec()], jiff::Timestamp::UNIX_EPOCH);
    if let Ok(certificate) = &read {
        assert!(!certificate.is_vouched_for);
        assert_eq!(certificate.thumbprint.len(), 43);
    }
    let Ok(name) = CertificateName::parse(std::str::from_utf8(data).unwrap_or_default()) else {
        return;
    };
    // What is shown is read again as the same.
    assert_eq!(CertificateName::parse(&name.to_string()), Ok(name));
}
