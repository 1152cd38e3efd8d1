//! Root and leaf certificates: pure but for the keys' own randomness.

use doorward_jose::{Random, Secret};
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, PublicKeyData,
    SanType, SerialNumber,
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};

use crate::{CertificatesError, Name, Permitted, x509};

/// Clocks of other machines may be behind by this much.
const BEHIND: SignedDuration = SignedDuration::from_hours(1);

/// A new P-256 key: what every client of the last fifteen years can verify.
pub(crate) fn key() -> Result<KeyPair, CertificatesError> {
    Ok(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?)
}

/// A root that can sign.
pub(crate) struct Root {
    issuer: Issuer<'static, KeyPair>,
    not_after: Timestamp,
}

impl Root {
    /// Makes one; its certificate as PEM comes with it.
    pub(crate) fn make(
        name: &str,
        permitted: &[Permitted],
        random: &dyn Random,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<(String, Secret<Vec<u8>>), CertificatesError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.serial_number = Some(serial(random));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        // Constraints bind names of hosts only: without this, a stolen key signs programs and letters.
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.name_constraints = Some(constraints(permitted));
        x509::set_validity(&mut params, now.saturating_sub(BEHIND).unwrap_or(now), until);
        let key = key()?;
        let certificate = params.self_signed(&key)?;
        Ok((certificate.pem(), Secret::new(key.serialize_der())))
    }

    /// From its certificate and key.
    pub(crate) fn open(pem: &str, pkcs8: &[u8], not_after: Timestamp) -> Result<Self, CertificatesError> {
        let key = KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(pkcs8), &PKCS_ECDSA_P256_SHA256)?;
        let chain = x509::certificates(pem)?;
        let der: &CertificateDer<'static> = chain
            .first()
            .ok_or_else(|| x509::unreadable("there is no certificate"))?;
        Ok(Self {
            issuer: Issuer::from_ca_cert_der(der, key)?,
            not_after,
        })
    }

    /// A certificate for these names and this key, as PEM. It never outlives the root.
    pub(crate) fn issue(
        &self,
        names: &[Name],
        public: &impl PublicKeyData,
        random: &dyn Random,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<String, CertificatesError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        // At most 64 characters (RFC 5280 A.1), and never an address: OpenSSL would hold it against the permitted names.
        let is_name = |name: &&Name| !matches!(name, Name::Address(_));
        if let Some(first) = names
            .iter()
            .find(is_name)
            .map(ToString::to_string)
            .filter(|name| name.len() <= 64)
        {
            params.distinguished_name.push(DnType::CommonName, first);
        }
        params.subject_alt_names = names.iter().map(alternative).collect::<Result<_, _>>()?;
        params.serial_number = Some(serial(random));
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        x509::set_validity(
            &mut params,
            now.saturating_sub(BEHIND).unwrap_or(now),
            until.min(self.not_after),
        );
        Ok(params.signed_by(public, &self.issuer)?.pem())
    }
}

fn alternative(name: &Name) -> Result<SanType, rcgen::Error> {
    Ok(match name {
        Name::Address(address) => SanType::IpAddress(*address),
        name => SanType::DnsName(name.to_string().try_into()?),
    })
}

/// 127 random bits, positive (RFC 5280 §4.1.2.2 asks for uniqueness, the CA/Browser Forum for 64 random bits).
fn serial(random: &dyn Random) -> SerialNumber {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    if let Some(first) = bytes.first_mut() {
        *first = *first & 0x7f | 0x40;
    }
    SerialNumber::from_slice(&bytes)
}

/// A kind of name without an entry would be free (RFC 5280 §4.2.1.10), so what is not permitted at all is excluded.
fn constraints(permitted: &[Permitted]) -> NameConstraints {
    let subtree = |permitted: &Permitted| match permitted {
        Permitted::Domain(domain) => GeneralSubtree::DnsName(domain.clone()),
        Permitted::Network(network) => {
            GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(network.network(), network.prefix_len()))
        }
    };
    let mut excluded = vec![];
    if !permitted.iter().any(|one| matches!(one, Permitted::Network(_))) {
        excluded.push(GeneralSubtree::IpAddress(CidrSubnet::V4([0; 4], [0; 4])));
        excluded.push(GeneralSubtree::IpAddress(CidrSubnet::V6([0; 16], [0; 16])));
    }
    if !permitted.iter().any(|one| matches!(one, Permitted::Domain(_))) {
        excluded.push(GeneralSubtree::DnsName(String::new()));
    }
    NameConstraints {
        permitted_subtrees: permitted.iter().map(subtree).collect(),
        excluded_subtrees: excluded,
    }
}

#[cfg(test)]
mod tests {
    use doorward_jose::SystemRandom;
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::ServerCertVerifier;
    use rustls::crypto::aws_lc_rs;
    use rustls::pki_types::{ServerName, UnixTime};

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_767_225_600, 0);

    /// Whether a client that trusts a root with these permissions accepts a certificate that its key signs for the name.
    fn is_accepted(permitted: &[&str], name: &str) -> bool {
        let until = NOW.checked_add(SignedDuration::from_hours(24 * 30)).unwrap();
        let permitted: Vec<_> = permitted.iter().map(|text| Permitted::parse(text).unwrap()).collect();
        let (pem, pkcs8) = Root::make("Doorward test", &permitted, &SystemRandom, (NOW, until)).unwrap();
        let root = Root::open(&pem, pkcs8.expose(), until).unwrap();
        // Past the check of the service: what counts is what clients do with a key that was stolen.
        let parsed = Name::parse(name).unwrap();
        let leaf = root
            .issue(&[parsed], &key().unwrap(), &SystemRandom, (NOW, until))
            .unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(x509::certificates(&pem).unwrap().remove(0)).unwrap();
        let provider = std::sync::Arc::new(aws_lc_rs::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider)
            .build()
            .unwrap();
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(NOW.as_second().try_into().unwrap()));
        let server = ServerName::try_from(name.to_owned()).unwrap();
        let leaf = x509::certificates(&leaf).unwrap().remove(0);
        verifier.verify_server_cert(&leaf, &[], &server, &[], time).is_ok()
    }

    #[test]
    fn clients_accept_what_the_root_may_vouch_for_and_nothing_else() {
        assert!(is_accepted(&["home.lan"], "sso.home.lan"));
        assert!(!is_accepted(&["home.lan"], "www.example.com"));
        assert!(!is_accepted(&["home.lan"], "192.168.1.1"));
        assert!(is_accepted(&["192.168.0.0/16"], "192.168.1.1"));
        assert!(!is_accepted(&["192.168.0.0/16"], "10.0.0.1"));
        assert!(!is_accepted(&["192.168.0.0/16"], "sso.home.lan"));
        assert!(is_accepted(&["home.lan", "10.0.0.0/8"], "10.0.0.1"));
    }

    #[test]
    fn what_a_root_issues_ends_with_it() {
        let until = NOW.checked_add(SignedDuration::from_hours(24)).unwrap();
        let (pem, pkcs8) = Root::make(
            "Doorward test",
            &[Permitted::parse("lan").unwrap()],
            &SystemRandom,
            (NOW, until),
        )
        .unwrap();
        let root = Root::open(&pem, pkcs8.expose(), until).unwrap();
        let later = until.checked_add(SignedDuration::from_hours(24)).unwrap();
        let leaf = root
            .issue(
                &[Name::parse("a.lan").unwrap()],
                &key().unwrap(),
                &SystemRandom,
                (NOW, later),
            )
            .unwrap();
        assert_eq!(x509::facts(&leaf).unwrap().not_after, until);
    }
}
