//! One public key as JSON (RFC 7517, RFC 7518 §6, RFC 8037 §2).

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::error::shown;
use crate::{Algorithm, JoseError, base64url, sha256, strict_json};

/// Longest single key in bytes: an RSA key of 8192 bits is about 1.4 kB of JSON; certificates make some longer.
const MAX_BYTES: usize = 32 * 1024;
/// RSA modulus sizes in bits: below is breakable (RFC 7518 §3.3), above is a way to burn our time.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// Members that only private or symmetric keys have (RFC 7518 §6.2.2, §6.3.2, §6.4.1, RFC 8037 §2).
pub(crate) const PRIVATE_MEMBERS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A public key for verifying signatures, parsed once. Cloning is cheap.
#[derive(Clone)]
pub struct Jwk(Arc<Inner>);

struct Inner {
    kid: Option<String>,
    alg: Option<Algorithm>,
    material: Material,
    parsed: Vec<(Algorithm, ParsedPublicKey)>,
}

/// The members that make the key what it is, in their canonical encoding.
#[derive(Clone, PartialEq, Eq)]
enum Material {
    Rsa { n: String, e: String },
    P256 { x: String, y: String },
    Ed25519 { x: String },
}

impl Jwk {
    /// Parses one public key. Members that we do not know are ignored (RFC 7517 §4).
    ///
    /// # Errors
    /// [`JoseError::UnsupportedKey`], [`JoseError::InvalidKey`], [`JoseError::PrivateKey`], or an error of the JSON.
    pub fn parse(json: &[u8]) -> Result<Self, JoseError> {
        if json.len() > MAX_BYTES {
            return Err(JoseError::Json {
                what: "key",
                detail: format!("{} bytes, at most {MAX_BYTES} are read", json.len()),
            });
        }
        Self::from_members(&strict_json::parse_object(json, "key")?)
    }

    pub(crate) fn from_members(members: &Map<String, Value>) -> Result<Self, JoseError> {
        if let Some(member) = PRIVATE_MEMBERS.iter().find(|name| members.contains_key(**name)) {
            return Err(JoseError::PrivateKey { member });
        }
        let kid = optional_text(members, "kid")?.map(str::to_owned);
        let alg = match optional_text(members, "alg")? {
            None => None,
            Some(name) => Some(Algorithm::from_name(name).ok_or_else(|| unsupported("alg", name))?),
        };
        is_for_verification(members)?;
        let material = match required_text(members, "kty")? {
            "RSA" => Material::Rsa {
                n: required_text(members, "n")?.to_owned(),
                e: required_text(members, "e")?.to_owned(),
            },
            "EC" => match required_text(members, "crv")? {
                "P-256" => Material::P256 {
                    x: required_text(members, "x")?.to_owned(),
                    y: required_text(members, "y")?.to_owned(),
                },
                curve => return Err(unsupported("crv", curve)),
            },
            "OKP" => match required_text(members, "crv")? {
                "Ed25519" => Material::Ed25519 {
                    x: required_text(members, "x")?.to_owned(),
                },
                curve => return Err(unsupported("crv", curve)),
            },
            kty => return Err(unsupported("kty", kty)),
        };
        Self::new(kid, alg, material)
    }

    fn new(kid: Option<String>, alg: Option<Algorithm>, material: Material) -> Result<Self, JoseError> {
        if let Some(alg) = alg
            && !material.algorithms().contains(&alg)
        {
            return Err(JoseError::InvalidKey {
                detail: format!("alg {alg} does not belong to kty {}", material.kty()),
            });
        }
        let algorithms = material.algorithms().iter().copied();
        let parsed = algorithms
            .filter(|one| alg.is_none_or(|alg| alg == *one))
            .map(|one| Ok((one, material.parse(one)?)))
            .collect::<Result<_, JoseError>>()?;
        Ok(Self(Arc::new(Inner {
            kid,
            alg,
            material,
            parsed,
        })))
    }

    pub(crate) fn rsa(kid: String, alg: Algorithm, n: &[u8], e: &[u8]) -> Result<Self, JoseError> {
        let (n, e) = (base64url::encode(n), base64url::encode(e));
        Self::new(Some(kid), Some(alg), Material::Rsa { n, e })
    }

    pub(crate) fn p256(kid: String, x: &[u8], y: &[u8]) -> Result<Self, JoseError> {
        let (x, y) = (base64url::encode(x), base64url::encode(y));
        Self::new(Some(kid), Some(Algorithm::ES256), Material::P256 { x, y })
    }

    pub(crate) fn ed25519(kid: String, x: &[u8]) -> Result<Self, JoseError> {
        let x = base64url::encode(x);
        Self::new(Some(kid), Some(Algorithm::EdDSA), Material::Ed25519 { x })
    }

    /// The key's name, if it has one.
    pub fn kid(&self) -> Option<&str> {
        self.0.kid.as_deref()
    }

    /// The same key under another name.
    pub fn with_kid(&self, kid: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kid: Some(kid.into()),
            alg: self.0.alg,
            material: self.0.material.clone(),
            parsed: self.0.parsed.clone(),
        }))
    }

    /// The one algorithm that the key is for, when it says so.
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.0.alg
    }

    /// Whether signatures of this algorithm can be verified with the key.
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        self.0.parsed.iter().any(|(one, _)| *one == algorithm)
    }

    /// The key's thumbprint (RFC 7638, SHA-256), base64url.
    pub fn thumbprint(&self) -> String {
        // The members are ASCII without anything to escape, in lexicographic order as RFC 7638 §3 wants.
        let canonical = match &self.0.material {
            Material::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
            Material::P256 { x, y } => format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#),
            Material::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
        };
        base64url::encode(sha256(canonical.as_bytes()))
    }

    /// Verifies a bare signature.
    ///
    /// # Errors
    /// [`JoseError::Signature`], also when the key is not for this algorithm.
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), JoseError> {
        self.0
            .parsed
            .iter()
            .find(|(one, _)| *one == algorithm)
            .and_then(|(_, key)| key.verify_sig(message, signature).ok())
            .ok_or(JoseError::Signature {
                algorithm: algorithm.name(),
            })
    }

    /// Whether both are the same public key, whatever they are called.
    pub fn is_same_key(&self, other: &Self) -> bool {
        self.0.material == other.0.material
    }
}

impl Material {
    const fn kty(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "RSA",
            Self::P256 { .. } => "EC",
            Self::Ed25519 { .. } => "OKP",
        }
    }

    const fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::Rsa { .. } => &[Algorithm::RS256, Algorithm::PS256],
            Self::P256 { .. } => &[Algorithm::ES256],
            Self::Ed25519 { .. } => &[Algorithm::EdDSA],
        }
    }

    fn parse(&self, algorithm: Algorithm) -> Result<ParsedPublicKey, JoseError> {
        match self {
            Self::Rsa { n, e } => {
                let (n, e) = (rsa_modulus(n)?, rsa_exponent(e)?);
                let parameters = if algorithm == Algorithm::PS256 {
                    &RSA_PSS_2048_8192_SHA256
                } else {
                    &RSA_PKCS1_2048_8192_SHA256
                };
                PublicKeyComponents { n, e }.to_parsed_public_key(parameters)
            }
            Self::P256 { x, y } => {
                // SEC 1 §2.3.3, uncompressed; the library refuses a point that is not on the curve.
                let mut point = vec![4];
                point.extend(coordinate("x", x)?);
                point.extend(coordinate("y", y)?);
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            }
            Self::Ed25519 { x } => ParsedPublicKey::new(&ED25519, coordinate("x", x)?),
        }
        .map_err(|_| JoseError::InvalidKey {
            detail: format!("the {} members do not make a public key", self.kty()),
        })
    }
}

pub(crate) fn rsa_modulus(text: &str) -> Result<Vec<u8>, JoseError> {
    let n = positive("n", text)?;
    let bits = n.len() * 8 - n.first().map_or(0, |byte| byte.leading_zeros() as usize);
    if !RSA_BITS.contains(&bits) {
        return Err(JoseError::InvalidKey {
            detail: format!("expected an RSA modulus of 2048 to 8192 bits, received {bits}"),
        });
    }
    if n.last().is_some_and(|byte| byte % 2 == 0) {
        return Err(JoseError::InvalidKey {
            detail: "the RSA modulus is even".to_owned(),
        });
    }
    Ok(n)
}

pub(crate) fn rsa_exponent(text: &str) -> Result<Vec<u8>, JoseError> {
    let e = positive("e", text)?;
    let odd = e.last().is_some_and(|byte| byte % 2 == 1);
    // Larger exponents exist only to make verification slow.
    if !odd || e == [1] || e.len() > 4 {
        return Err(JoseError::InvalidKey {
            detail: "expected an odd RSA exponent of at least 3 and at most 32 bits".to_owned(),
        });
    }
    Ok(e)
}

/// A Base64urlUInt (RFC 7518 §2): big-endian, in as few bytes as possible.
fn positive(member: &'static str, text: &str) -> Result<Vec<u8>, JoseError> {
    let bytes = base64url::decode(text)?;
    match bytes.first() {
        None => Err(JoseError::InvalidKey {
            detail: format!("\"{member}\" is empty"),
        }),
        Some(0) => Err(JoseError::InvalidKey {
            detail: format!("\"{member}\" starts with a zero byte (RFC 7518 §2 wants as few bytes as possible)"),
        }),
        Some(_) => Ok(bytes),
    }
}

/// A coordinate: exactly 32 bytes (RFC 7518 §6.2.1.2, RFC 8032 §5.1.5).
pub(crate) fn coordinate(member: &'static str, text: &str) -> Result<Vec<u8>, JoseError> {
    let bytes = base64url::decode(text)?;
    if bytes.len() == 32 {
        return Ok(bytes);
    }
    Err(JoseError::InvalidKey {
        detail: format!("expected 32 bytes in \"{member}\", received {}", bytes.len()),
    })
}

/// `use` and `key_ops` (RFC 7517 §4.2, §4.3): a key for encryption verifies nothing.
fn is_for_verification(members: &Map<String, Value>) -> Result<(), JoseError> {
    if let Some(usage) = optional_text(members, "use")?
        && usage != "sig"
    {
        return Err(unsupported("use", usage));
    }
    match members.get("key_ops") {
        None => Ok(()),
        Some(Value::Array(operations)) if operations.iter().any(|one| one == "verify") => Ok(()),
        Some(_) => Err(JoseError::UnsupportedKey {
            detail: "key_ops does not list \"verify\"".to_owned(),
        }),
    }
}

fn unsupported(member: &str, value: &str) -> JoseError {
    JoseError::UnsupportedKey {
        detail: format!("{member} {}", shown(value)),
    }
}

pub(crate) fn required_text<'m>(members: &'m Map<String, Value>, name: &'static str) -> Result<&'m str, JoseError> {
    optional_text(members, name)?.ok_or_else(|| JoseError::InvalidKey {
        detail: format!("\"{name}\" is missing"),
    })
}

pub(crate) fn optional_text<'m>(
    members: &'m Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'m str>, JoseError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JoseError::InvalidKey {
            detail: format!("\"{name}\" must be a string"),
        }),
    }
}

impl Serialize for Jwk {
    /// The public members, with `use` and, where known, `alg` and `kid`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kty", self.0.material.kty())?;
        map.serialize_entry("use", "sig")?;
        if let Some(alg) = self.0.alg {
            map.serialize_entry("alg", &alg)?;
        }
        if let Some(kid) = &self.0.kid {
            map.serialize_entry("kid", kid)?;
        }
        match &self.0.material {
            Material::Rsa { n, e } => {
                map.serialize_entry("n", n)?;
                map.serialize_entry("e", e)?;
            }
            Material::P256 { x, y } => {
                map.serialize_entry("crv", "P-256")?;
                map.serialize_entry("x", x)?;
                map.serialize_entry("y", y)?;
            }
            Material::Ed25519 { x } => {
                map.serialize_entry("crv", "Ed25519")?;
                map.serialize_entry("x", x)?;
            }
        }
        map.end()
    }
}

impl<'de> serde::Deserialize<'de> for Jwk {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = strict_json::StrictObject::deserialize(deserializer)?;
        Self::from_members(&members.0).map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kty", &self.0.material.kty())
            .field("kid", &self.0.kid)
            .field("alg", &self.0.alg)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Jwk {
    /// Same key, same name, same algorithm.
    fn eq(&self, other: &Self) -> bool {
        self.0.material == other.0.material && self.0.kid == other.0.kid && self.0.alg == other.0.alg
    }
}

impl Eq for Jwk {}
