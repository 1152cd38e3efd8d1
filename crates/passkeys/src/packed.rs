//! The packed attestation statement (Web Authentication §8.2): signed by the passkey itself, or by a certificate.

use aws_lc_rs::signature::ParsedPublicKey;
use x509_parser::{
    certificate::X509Certificate,
    der_parser::{Oid, oid},
    prelude::FromDer,
    x509::X509Version,
};

use crate::{Attestation, AttestedCredential, CoseAlgorithm, PasskeyError, cbor::Reader};

const WHAT: &str = "packed attestation statement";
/// A chain has two or three certificates.
const LONGEST_CHAIN: u64 = 6;
/// id-fido-gen-ce-aaguid (§8.2.1).
const AAGUID: Oid<'static> = oid!(1.3.6.1.4.1.45724.1.1.4);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    algorithm: CoseAlgorithm,
    signature: Vec<u8>,
    chain: Vec<Vec<u8>>,
}

impl Statement {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, PasskeyError> {
        let mut reader = Reader::new(bytes, WHAT);
        let (mut algorithm, mut signature, mut chain) = (None, None, None);
        for _ in 0..reader.map()? {
            let name = reader.text()?;
            let again = match name {
                "alg" => algorithm.replace(reader.integer()?).is_some(),
                "sig" => signature.replace(reader.bytes()?.to_vec()).is_some(),
                "x5c" => chain.replace(certificates(&mut reader)?).is_some(),
                other => {
                    return Err(wrong(format!(
                        "the statement has a member {}",
                        crate::error::shown(other)
                    )));
                }
            };
            if again {
                return Err(reader.wrong(format!("{name} stands there twice")));
            }
        }
        reader.end()?;
        let (Some(number), Some(signature)) = (algorithm, signature) else {
            return Err(wrong("alg or sig is absent"));
        };
        let algorithm = CoseAlgorithm::from_number(number)
            .ok_or_else(|| wrong(format!("expected alg -7, -8 or -257, received {number}")))?;
        Ok(Self {
            algorithm,
            signature,
            chain: chain.unwrap_or_default(),
        })
    }

    pub(crate) fn verify(&self, credential: &AttestedCredential, message: &[u8]) -> Result<Attestation, PasskeyError> {
        let Some(own) = self.chain.first() else {
            if self.algorithm != credential.public_key.algorithm() {
                return Err(wrong("alg is not that of the passkey"));
            }
            return match credential.public_key.verify(message, &self.signature) {
                Ok(()) => Ok(Attestation::SelfSigned),
                Err(_) => Err(wrong("the signature is not by the passkey")),
            };
        };
        let certificate = certificate(own)?;
        ParsedPublicKey::new(self.algorithm.verification(), certificate.public_key().raw)
            .and_then(|key| Ok(key.verify_sig(message, &self.signature)?))
            .map_err(|_| wrong("the signature is not by the certificate"))?;
        is_of_an_authenticator(&certificate)?;
        is_of_this_model(&certificate, credential)?;
        Ok(Attestation::Certified {
            chain: self.chain.clone(),
        })
    }
}

fn certificates(reader: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, PasskeyError> {
    let length = reader.array()?;
    if !(1..=LONGEST_CHAIN).contains(&length) {
        return Err(wrong(format!(
            "a chain of {length} certificates, expected 1 to {LONGEST_CHAIN}"
        )));
    }
    (0..length).map(|_| Ok(reader.bytes()?.to_vec())).collect()
}

fn certificate(der: &[u8]) -> Result<X509Certificate<'_>, PasskeyError> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(wrong("the first of x5c is not a certificate")),
    }
}

/// §8.2.1: what every certificate of an authenticator has.
fn is_of_an_authenticator(certificate: &X509Certificate<'_>) -> Result<(), PasskeyError> {
    if certificate.version() != X509Version::V3 {
        return Err(wrong("the certificate is not of version 3"));
    }
    let subject = certificate.subject();
    let has = |found: Option<bool>| found == Some(true);
    let is_text = |attribute: &x509_parser::x509::AttributeTypeAndValue<'_>| {
        attribute.as_str().is_ok_and(|text| !text.is_empty())
    };
    let unit = subject.iter_organizational_unit().next();
    let is_complete = has(subject.iter_country().next().map(is_text))
        && has(subject.iter_organization().next().map(is_text))
        && has(subject.iter_common_name().next().map(is_text))
        && has(unit.map(|unit| unit.as_str() == Ok("Authenticator Attestation")));
    if !is_complete {
        return Err(wrong("the certificate's subject is not that of an authenticator"));
    }
    match certificate.basic_constraints() {
        Ok(Some(constraints)) if !constraints.value.ca => Ok(()),
        _ => Err(wrong(
            "the certificate may issue others, or does not say that it may not",
        )),
    }
}

/// §8.2.1: where the certificate names a model, it is that of the authenticator data.
fn is_of_this_model(certificate: &X509Certificate<'_>, credential: &AttestedCredential) -> Result<(), PasskeyError> {
    let extension = certificate
        .get_extension_unique(&AAGUID)
        .map_err(|_| wrong("the certificate names its model twice"))?;
    let Some(extension) = extension else { return Ok(()) };
    if extension.critical {
        return Err(wrong("the certificate's extension for its model is critical"));
    }
    // The value is an OCTET STRING of 16 bytes, inside of the extension's own.
    let expected = [&[0x04, 0x10], credential.aaguid.as_bytes().as_slice()].concat();
    if extension.value == expected {
        return Ok(());
    }
    Err(wrong("the certificate is of another model"))
}

fn wrong(detail: impl Into<String>) -> PasskeyError {
    PasskeyError::Attestation { detail: detail.into() }
}
