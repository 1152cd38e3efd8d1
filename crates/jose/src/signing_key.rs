//! A private key that signs tokens.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
};
use serde::Serialize;

use crate::{Algorithm, JoseError, Jwk, Secret, base64url};

/// A private key, parsed once, with its name and its one algorithm. Cloning is cheap; it cannot be printed.
#[derive(Clone)]
pub struct SigningKey(Arc<Inner>);

struct Inner {
    algorithm: Algorithm,
    kid: String,
    pair: Pair,
    public: Jwk,
}

enum Pair {
    Rsa(rsa::KeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A new key, with the document to seal and store.
pub struct GeneratedKey {
    /// The key, named by its thumbprint.
    pub key: SigningKey,
    /// Its PKCS#8 document, for [`SigningKey::from_pkcs8`].
    pub pkcs8: Secret<Vec<u8>>,
}

impl SigningKey {
    /// Makes a new key: RSA with 2048 bits, P-256, or Ed25519. Its `kid` is its RFC 7638 thumbprint. The library's
    /// own generator gives the randomness. An RSA key takes some 100 ms: not for the thread that answers requests.
    ///
    /// # Errors
    /// [`JoseError::Signing`] when the library cannot.
    pub fn generate(algorithm: Algorithm) -> Result<GeneratedKey, JoseError> {
        let failed = |_| JoseError::Signing {
            detail: format!("could not generate a key for {algorithm}"),
        };
        let pkcs8 = match algorithm {
            Algorithm::RS256 | Algorithm::PS256 => {
                let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).map_err(failed)?;
                let document: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
                document.as_ref().to_vec()
            }
            Algorithm::ES256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?;
                pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec()
            }
            Algorithm::EdDSA => {
                let pair = Ed25519KeyPair::generate().map_err(failed)?;
                pair.to_pkcs8().map_err(failed)?.as_ref().to_vec()
            }
        };
        let pkcs8 = Secret::new(pkcs8);
        let pair = Pair::parse(algorithm, pkcs8.expose())?;
        let kid = pair.public_jwk(algorithm, String::new())?.thumbprint();
        Ok(GeneratedKey {
            key: Self::new(algorithm, kid, pair)?,
            pkcs8,
        })
    }

    /// Takes a stored key.
    ///
    /// # Errors
    /// [`JoseError::InvalidKey`] when the document is not a private key for the algorithm.
    pub fn from_pkcs8(algorithm: Algorithm, kid: impl Into<String>, pkcs8: &[u8]) -> Result<Self, JoseError> {
        Self::new(algorithm, kid.into(), Pair::parse(algorithm, pkcs8)?)
    }

    fn new(algorithm: Algorithm, kid: String, pair: Pair) -> Result<Self, JoseError> {
        let public = pair.public_jwk(algorithm, kid.clone())?;
        Ok(Self(Arc::new(Inner {
            algorithm,
            kid,
            pair,
            public,
        })))
    }

    /// Takes a key that was made elsewhere, named by its thumbprint unless it has a name already; with the document to seal
    /// and store.
    ///
    /// # Errors
    /// [`JoseError::InvalidKey`] when the document is not a private key for the algorithm, or too weak.
    pub fn adopt(algorithm: Algorithm, kid: Option<&str>, pkcs8: Secret<Vec<u8>>) -> Result<GeneratedKey, JoseError> {
        let pair = Pair::parse(algorithm, pkcs8.expose())?;
        let kid = match kid {
            Some(kid) => kid.to_owned(),
            None => pair.public_jwk(algorithm, String::new())?.thumbprint(),
        };
        let key = Self::new(algorithm, kid, pair)?;
        Ok(GeneratedKey { key, pkcs8 })
    }

    /// The key's name.
    pub fn kid(&self) -> &str {
        &self.0.kid
    }

    /// The algorithm that it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    /// The public half, as published.
    pub fn public_jwk(&self) -> &Jwk {
        &self.0.public
    }

    /// The public half of an RSA key as a SubjectPublicKeyInfo document (RFC 5280 §4.1.2.7); `None` for another key.
    pub fn public_der(&self) -> Option<Vec<u8>> {
        let Pair::Rsa(pair) = &self.0.pair else { return None };
        let document: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
        Some(document.as_ref().to_vec())
    }

    /// Signs a token: header `alg`, `kid` and, when given, `typ`; the payload as compact JSON.
    ///
    /// # Errors
    /// [`JoseError::Signing`] when the payload cannot be written as JSON or the library fails.
    pub fn sign(&self, typ: Option<&str>, payload: &impl Serialize) -> Result<String, JoseError> {
        #[derive(Serialize)]
        struct Fields<'a> {
            alg: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            typ: Option<&'a str>,
            kid: &'a str,
        }
        let unwritable = |error: serde_json::Error| JoseError::Signing {
            detail: format!("the payload is not representable as JSON: {error}"),
        };
        let header = serde_json::to_vec(&Fields {
            alg: self.0.algorithm.name(),
            typ,
            kid: &self.0.kid,
        })
        .map_err(unwritable)?;
        let payload = serde_json::to_vec(payload).map_err(unwritable)?;
        self.sign_raw(&header, &payload)
    }

    /// Signs any header and payload as they are, without looking at them. For tests of verifiers: what it makes is
    /// only as sound as what it is given.
    ///
    /// # Errors
    /// [`JoseError::Signing`] when the library fails.
    pub fn sign_raw(&self, header: &[u8], payload: &[u8]) -> Result<String, JoseError> {
        // Four characters for three bytes, and room for the longest signature, so that nothing is copied twice.
        let mut token = String::with_capacity((header.len() + payload.len()) * 4 / 3 + 360);
        base64url::encode_append(header, &mut token);
        token.push('.');
        base64url::encode_append(payload, &mut token);
        let signature = self.sign_message(token.as_bytes())?;
        token.push('.');
        base64url::encode_append(&signature, &mut token);
        Ok(token)
    }

    /// A bare signature over a message, in the form JWS uses.
    ///
    /// # Errors
    /// [`JoseError::Signing`] when the library fails.
    pub fn sign_message(&self, message: &[u8]) -> Result<Vec<u8>, JoseError> {
        let failed = |_| JoseError::Signing {
            detail: format!("the {} key {} could not sign", self.0.algorithm, self.0.kid),
        };
        match &self.0.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let encoding: &'static dyn aws_lc_rs::signature::RsaEncoding = match self.0.algorithm {
                    Algorithm::PS256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                pair.sign(encoding, &SystemRandom::new(), message, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
            Pair::P256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message).map_err(failed)?;
                Ok(signature.as_ref().to_vec())
            }
            Pair::Ed25519(pair) => Ok(pair.try_sign(message).map_err(failed)?.as_ref().to_vec()),
        }
    }
}

impl Pair {
    fn parse(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, JoseError> {
        match algorithm {
            Algorithm::RS256 | Algorithm::PS256 => rsa::KeyPair::from_pkcs8(pkcs8).map(Self::Rsa),
            Algorithm::ES256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map(Self::P256),
            Algorithm::EdDSA => Ed25519KeyPair::from_pkcs8(pkcs8).map(Self::Ed25519),
        }
        .map_err(|rejected| JoseError::InvalidKey {
            detail: format!(
                "expected a PKCS#8 private key for {algorithm} ({}), received one that is not: {rejected}",
                match algorithm {
                    Algorithm::RS256 | Algorithm::PS256 => "RSA, 2048 to 8192 bits",
                    Algorithm::ES256 => "the curve P-256",
                    Algorithm::EdDSA => "Ed25519",
                }
            ),
        })
    }

    fn public_jwk(&self, algorithm: Algorithm, kid: String) -> Result<Jwk, JoseError> {
        let malformed = || JoseError::InvalidKey {
            detail: format!("the {algorithm} key has no readable public half"),
        };
        match self {
            Self::Rsa(pair) => {
                let (n, e) = rsa_components(pair.public_key().as_ref()).ok_or_else(malformed)?;
                Jwk::rsa(kid, algorithm, n, e)
            }
            Self::P256(pair) => {
                let point = pair.public_key().as_ref();
                let coordinates = point.strip_prefix(&[4]).ok_or_else(malformed)?;
                let (x, y) = coordinates.split_at_checked(32).ok_or_else(malformed)?;
                Jwk::p256(kid, x, y)
            }
            Self::Ed25519(pair) => Jwk::ed25519(kid, pair.public_key().as_ref()),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.0.algorithm)
            .field("kid", &self.0.kid)
            .finish_non_exhaustive()
    }
}

/// Modulus and exponent from the RSAPublicKey document (RFC 8017 §A.1.1) that the library gives for its own keys.
fn rsa_components(der: &[u8]) -> Option<(&[u8], &[u8])> {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;
    let (members, rest) = der_element(SEQUENCE, der)?;
    let (n, members) = der_element(INTEGER, members)?;
    let (e, members) = der_element(INTEGER, members)?;
    let unsigned = |integer: &'_ [u8]| -> usize { usize::from(integer.first() == Some(&0)) };
    (rest.is_empty() && members.is_empty()).then_some(())?;
    Some((n.get(unsigned(n)..)?, e.get(unsigned(e)..)?))
}

/// The content of the first element, which must have this tag, and what follows it.
fn der_element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    (*first == tag).then_some(())?;
    let (length, rest) = match *length {
        short @ 0..=0x7f => (usize::from(short), rest),
        0x81 => {
            let (byte, rest) = rest.split_first()?;
            (usize::from(*byte), rest)
        }
        0x82 => {
            let (bytes, rest) = rest.split_at_checked(2)?;
            (usize::from(u16::from_be_bytes(bytes.try_into().ok()?)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}
