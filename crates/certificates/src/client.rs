//! Certificates that clients present (RFC 8705): what they say, and whether an authority vouches for them.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use doorward_jose::{Jwk, base64url, sha256};
use doorward_oidc::{AlternativeName, ClientCertificate, DistinguishedName};
use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime, pem::PemObject};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Name;

/// Longest certificate in bytes.
const MAX_BYTES: usize = 16 * 1024;
/// Most alternative names that are read.
const MAX_NAMES: usize = 100;
/// Longest file of authorities in bytes.
const MAX_FILE: usize = 256 * 1024;

/// The authorities whose certificates clients may authenticate with. Empty: nobody's.
#[derive(Debug, Clone, Default)]
pub struct ClientAuthorities(Vec<TrustAnchor<'static>>);

impl ClientAuthorities {
    /// Certificates in PEM, one after another.
    ///
    /// # Errors
    /// None, too many, or one that cannot be read.
    pub fn parse(pem: &[u8]) -> Result<Self, String> {
        if pem.len() > MAX_FILE {
            return Err(format!("expected at most {MAX_FILE} bytes, found {}", pem.len()));
        }
        let mut anchors = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| error.to_string())?;
            let anchor = anchor_from_trusted_cert(&certificate).map_err(|error| error.to_string())?;
            anchors.push(anchor.to_owned());
        }
        if anchors.is_empty() {
            return Err("expected at least one PEM CERTIFICATE, found none".to_owned());
        }
        Ok(Self(anchors))
    }

    /// What the first certificate of a chain says. Whoever presented it has proved, to us or to a trusted proxy, that the
    /// private half is theirs.
    ///
    /// # Errors
    /// It is no certificate, or larger than any.
    pub fn read(&self, chain: &[Vec<u8>], now: Timestamp) -> Result<ClientCertificate, String> {
        let leaf = chain.first().ok_or("there is no certificate")?;
        if leaf.len() > MAX_BYTES {
            return Err(format!("expected at most {MAX_BYTES} bytes, received {}", leaf.len()));
        }
        let (rest, certificate) = parse_x509_certificate(leaf).map_err(|error| error.to_string())?;
        if !rest.is_empty() {
            return Err("something follows the certificate".to_owned());
        }
        let seconds = now.as_second();
        let validity = certificate.validity();
        Ok(ClientCertificate {
            thumbprint: BASE64URL_NOPAD.encode(&sha256(leaf)),
            subject: subject(certificate.subject()),
            names: names(&certificate),
            key: key(&certificate),
            is_current: (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&seconds),
            is_vouched_for: self.vouch(leaf, chain.get(1..).unwrap_or_default(), seconds),
        })
    }

    fn vouch(&self, leaf: &[u8], others: &[Vec<u8>], now: i64) -> bool {
        let leaf = CertificateDer::from(leaf);
        let others: Vec<CertificateDer<'_>> = others.iter().map(|one| CertificateDer::from(one.as_slice())).collect();
        let Ok(end) = EndEntityCert::try_from(&leaf) else {
            return false;
        };
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now.unsigned_abs()));
        end.verify_for_usage(
            ALL_VERIFICATION_ALGS,
            &self.0,
            &others,
            now,
            KeyUsage::client_auth(),
            None,
            None,
        )
        .is_ok()
    }
}

/// RFC 4514 writes the most specific part first, certificates have it last.
fn subject(name: &X509Name<'_>) -> String {
    let mut parts: Vec<Vec<(String, String)>> = name
        .iter_rdn()
        .map(|relative| {
            let attributes = relative.iter().map(|attribute| {
                let kind = short_name(&attribute.attr_type().to_id_string());
                let text = attribute.as_str().map(str::to_owned);
                // A value of a kind that has no text is named by its bytes (RFC 4514 §2.4): no text can equal it.
                let value =
                    text.unwrap_or_else(|_| format!("#{}", data_encoding::HEXLOWER.encode(attribute.as_slice())));
                (kind, value)
            });
            attributes.collect()
        })
        .collect();
    parts.reverse();
    DistinguishedName::of(parts).0
}

/// The short names of RFC 4514 §3, and the two others that certificates of machines have.
fn short_name(oid: &str) -> String {
    let known = match oid {
        "2.5.4.3" => "CN",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "2.5.4.6" => "C",
        "2.5.4.9" => "STREET",
        "0.9.2342.19200300.100.1.25" => "DC",
        "0.9.2342.19200300.100.1.1" => "UID",
        "2.5.4.5" => "SERIALNUMBER",
        "1.2.840.113549.1.9.1" => "EMAILADDRESS",
        other => other,
    };
    known.to_owned()
}

fn names(certificate: &X509Certificate<'_>) -> Vec<AlternativeName> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let all = extension.value.general_names.iter().take(MAX_NAMES);
    all.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(AlternativeName::Dns(name.to_ascii_lowercase())),
        GeneralName::URI(uri) => Some(AlternativeName::Uri((*uri).to_owned())),
        GeneralName::RFC822Name(email) => Some(AlternativeName::Email((*email).to_owned())),
        GeneralName::IPAddress(bytes) => address(bytes).map(AlternativeName::Ip),
        _ => None,
    })
    .collect()
}

fn address(bytes: &[u8]) -> Option<std::net::IpAddr> {
    <[u8; 4]>::try_from(bytes)
        .map(std::net::IpAddr::from)
        .or_else(|_| <[u8; 16]>::try_from(bytes).map(std::net::IpAddr::from))
        .ok()
}

/// The public key as a JWK, by whose rules weak ones are none.
fn key(certificate: &X509Certificate<'_>) -> Option<Jwk> {
    let info = certificate.public_key();
    let json = match info.parsed() {
        Ok(PublicKey::RSA(rsa)) => {
            let unsigned = |bytes: &[u8]| {
                let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
                base64url::encode(bytes.get(zeros..).unwrap_or_default())
            };
            serde_json::json!({"kty": "RSA", "n": unsigned(rsa.modulus), "e": unsigned(rsa.exponent)})
        }
        Ok(PublicKey::EC(point)) => {
            let (x, y) = point.data().strip_prefix(&[4])?.split_at_checked(32)?;
            serde_json::json!({"kty": "EC", "crv": "P-256", "x": base64url::encode(x), "y": base64url::encode(y)})
        }
        _ if info.algorithm.algorithm.to_id_string() == "1.3.101.112" => {
            let x = base64url::encode(&info.subject_public_key.data);
            serde_json::json!({"kty": "OKP", "crv": "Ed25519", "x": x})
        }
        _ => return None,
    };
    Jwk::parse(json.to_string().as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, SanType,
        date_time_ymd,
    };

    use super::*;

    fn now() -> Timestamp {
        "2026-06-01T00:00:00Z".parse().unwrap()
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::new(vec!["Client.example.com".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CountryName, "DE");
        params
            .distinguished_name
            .push(DnType::OrganizationName, "Example, Inc.");
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2027, 1, 1);
        params
    }

    fn authority() -> CertifiedIssuer<'static, KeyPair> {
        let mut authority = params("authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap()
    }

    fn trusting(authority: &CertifiedIssuer<'static, KeyPair>) -> ClientAuthorities {
        ClientAuthorities::parse(authority.pem().as_bytes()).unwrap()
    }

    #[test]
    fn a_certificate_says_who_it_is_for_and_its_authority_vouches_for_it() {
        let authority = authority();
        let mut client = params("client");
        client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        client
            .subject_alt_names
            .push(SanType::IpAddress("192.0.2.7".parse().unwrap()));
        let key = KeyPair::generate().unwrap();
        let chain = vec![client.signed_by(&key, &authority).unwrap().der().to_vec()];
        let read = trusting(&authority).read(&chain, now()).unwrap();
        assert_eq!(read.subject, "CN=client,O=Example\\, Inc.,C=DE");
        assert_eq!(read.names.len(), 2);
        assert!(
            read.names
                .contains(&AlternativeName::Dns("client.example.com".to_owned()))
        );
        assert_eq!(read.thumbprint, BASE64URL_NOPAD.encode(&sha256(&chain[0])));
        assert!(read.key.is_some() && read.is_current && read.is_vouched_for);
        let nobody = ClientAuthorities::default().read(&chain, now()).unwrap();
        assert!(!nobody.is_vouched_for);
        let other = self::authority();
        assert!(
            !trusting(&other).read(&chain, now()).unwrap().is_vouched_for,
            "another of the same name"
        );
        let later = "2027-06-01T00:00:00Z".parse().unwrap();
        let ended = trusting(&authority).read(&chain, later).unwrap();
        assert!(!ended.is_current && !ended.is_vouched_for);
    }

    #[test]
    fn a_certificate_for_servers_vouches_for_no_client() {
        let authority = authority();
        let mut server = params("server");
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().unwrap();
        let chain = vec![server.signed_by(&key, &authority).unwrap().der().to_vec()];
        assert!(!trusting(&authority).read(&chain, now()).unwrap().is_vouched_for);
    }

    #[test]
    fn one_that_is_signed_by_itself_is_read_and_nobody_vouches_for_it() {
        let key = KeyPair::generate().unwrap();
        let chain = vec![params("client").self_signed(&key).unwrap().der().to_vec()];
        let read = trusting(&authority()).read(&chain, now()).unwrap();
        assert!(read.is_current && !read.is_vouched_for && read.key.is_some());
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        let authorities = ClientAuthorities::default();
        for bytes in [
            vec![],
            vec![0x30],
            vec![0x30, 0x80],
            vec![0; 20_000],
            b"-----BEGIN".to_vec(),
        ] {
            assert!(authorities.read(&[bytes], now()).is_err());
        }
        assert!(authorities.read(&[], now()).is_err());
        assert!(ClientAuthorities::parse(b"").is_err());
        assert!(ClientAuthorities::parse(&vec![b'x'; MAX_FILE + 1]).is_err());
    }
}
