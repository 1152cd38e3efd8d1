//! Encrypting for whoever holds a key (RFC 7516, compact): what we send and somebody else reads. Nothing here decrypts.
//!
//! Key management is RSA-OAEP with SHA-256 or ECDH-ES on P-256, the content is encrypted with AES-GCM. RSAES-PKCS1-v1_5 and
//! RSA-OAEP with SHA-1 are not there: the first is broken by whoever may ask often enough (RFC 8725 §3.2).

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap as _};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey, PublicKeyComponents};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::error::shown;
use crate::jwk::{coordinate, optional_text, required_text, rsa_exponent, rsa_modulus};
use crate::{JoseError, Random, base64url, strict_json};

/// Longest key set that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// How the key of the content reaches the recipient (RFC 7518 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyManagement {
    /// RSAES-OAEP with SHA-256.
    #[serde(rename = "RSA-OAEP-256")]
    RsaOaep256,
    /// Agreed directly on P-256.
    #[serde(rename = "ECDH-ES")]
    EcdhEs,
    /// A key agreed on P-256 wraps the key of the content.
    #[serde(rename = "ECDH-ES+A256KW")]
    EcdhEsA256Kw,
}

impl KeyManagement {
    /// All, in the order in which metadata lists them.
    pub const ALL: &'static [Self] = &[Self::RsaOaep256, Self::EcdhEs, Self::EcdhEsA256Kw];

    /// The JOSE name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }
}

/// How the content is encrypted (RFC 7518 §5.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ContentEncryption {
    /// AES-GCM with 128 bits.
    A128GCM,
    /// AES-GCM with 256 bits.
    #[default]
    A256GCM,
}

impl ContentEncryption {
    /// All, in the order in which metadata lists them.
    pub const ALL: &'static [Self] = &[Self::A128GCM, Self::A256GCM];

    /// The JOSE name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128GCM => "A128GCM",
            Self::A256GCM => "A256GCM",
        }
    }

    const fn key_bytes(self) -> usize {
        match self {
            Self::A128GCM => 16,
            Self::A256GCM => 32,
        }
    }

    fn key(self, bytes: &[u8]) -> Result<LessSafeKey, JoseError> {
        let algorithm = match self {
            Self::A128GCM => &AES_128_GCM,
            Self::A256GCM => &AES_256_GCM,
        };
        let key = UnboundKey::new(algorithm, bytes).map_err(|_| failed("the key of the content"))?;
        Ok(LessSafeKey::new(key))
    }
}

/// A public key that somebody else decrypts with. Cloning is cheap.
#[derive(Clone)]
pub struct EncryptionKey(Arc<Inner>);

struct Inner {
    kid: Option<String>,
    alg: Option<KeyManagement>,
    /// The members that make the key, in their canonical encoding.
    members: Material,
    /// The same, ready to encrypt with.
    parsed: Parsed,
}

#[derive(Clone, PartialEq, Eq)]
enum Material {
    Rsa { n: String, e: String },
    P256 { x: String, y: String },
}

enum Parsed {
    Rsa(OaepPublicEncryptingKey),
    /// The point, uncompressed. Whether it is one is found at the first agreement.
    P256(Vec<u8>),
}

impl Material {
    fn parse(&self) -> Result<Parsed, JoseError> {
        match self {
            Self::Rsa { n, e } => {
                let components = PublicKeyComponents {
                    n: rsa_modulus(n)?,
                    e: rsa_exponent(e)?,
                };
                let public: PublicEncryptingKey = components.try_into().map_err(|_| failed("the RSA key"))?;
                let public = OaepPublicEncryptingKey::new(public).map_err(|_| failed("the RSA key"))?;
                Ok(Parsed::Rsa(public))
            }
            Self::P256 { x, y } => {
                let (x, y) = (coordinate("x", x)?, coordinate("y", y)?);
                Ok(Parsed::P256([&[4][..], &x, &y].concat()))
            }
        }
    }
}

impl EncryptionKey {
    /// The first key of a JWK set, or the one JWK, that is for encryption: `use` is `enc` or absent.
    ///
    /// # Errors
    /// No such key, or one that is weak or malformed.
    pub fn parse(json: &[u8]) -> Result<Self, JoseError> {
        if json.len() > MAX_BYTES {
            return Err(JoseError::Json {
                what: "key",
                detail: format!("{} bytes, at most {MAX_BYTES} are read", json.len()),
            });
        }
        let members = strict_json::parse_object(json, "key")?;
        let Some(Value::Array(keys)) = members.get("keys") else {
            return Self::from_members(&members)?.tried();
        };
        let mut reason = JoseError::InvalidKey {
            detail: "the set has no key with use enc".to_owned(),
        };
        for key in keys.iter().filter_map(Value::as_object) {
            match Self::from_members(key).and_then(Self::tried) {
                Ok(key) => return Ok(key),
                Err(error) => reason = error,
            }
        }
        Err(reason)
    }

    fn from_members(members: &Map<String, Value>) -> Result<Self, JoseError> {
        if let Some(member) = crate::jwk::PRIVATE_MEMBERS
            .iter()
            .find(|name| members.contains_key(**name))
        {
            return Err(JoseError::PrivateKey { member });
        }
        if let Some(usage) = optional_text(members, "use")?
            && usage != "enc"
        {
            return Err(JoseError::UnsupportedKey {
                detail: format!("use {}, expected enc", shown(usage)),
            });
        }
        let material = match required_text(members, "kty")? {
            "RSA" => {
                let (n, e) = (required_text(members, "n")?, required_text(members, "e")?);
                Material::Rsa {
                    n: n.to_owned(),
                    e: e.to_owned(),
                }
            }
            "EC" if optional_text(members, "crv")? == Some("P-256") => {
                let (x, y) = (required_text(members, "x")?, required_text(members, "y")?);
                Material::P256 {
                    x: x.to_owned(),
                    y: y.to_owned(),
                }
            }
            kty => {
                return Err(JoseError::UnsupportedKey {
                    detail: format!("kty {}: expected RSA, or EC with crv P-256", shown(kty)),
                });
            }
        };
        let alg = match optional_text(members, "alg")? {
            None => None,
            Some(name) => {
                let known = KeyManagement::ALL.iter().copied().find(|alg| alg.name() == name);
                Some(known.ok_or_else(|| JoseError::UnsupportedKey {
                    detail: format!("alg {}", shown(name)),
                })?)
            }
        };
        let key = Self(Arc::new(Inner {
            kid: optional_text(members, "kid")?.map(str::to_owned),
            alg,
            parsed: material.parse()?,
            members: material,
        }));
        if let Some(alg) = alg
            && !key.fits(alg)
        {
            return Err(JoseError::InvalidKey {
                detail: format!("alg {} does not belong to this kind of key", alg.name()),
            });
        }
        Ok(key)
    }

    /// A point that is not on the curve, or a modulus that is none, is found when the key is given and not at the first login.
    fn tried(self) -> Result<Self, JoseError> {
        self.encrypt(
            self.usual(),
            ContentEncryption::A256GCM,
            None,
            b"",
            &crate::SystemRandom,
        )?;
        Ok(self)
    }

    /// Whether the key management goes with this kind of key, and with what the key says it is for.
    pub fn fits(&self, alg: KeyManagement) -> bool {
        let is_of_its_kind = match self.0.members {
            Material::Rsa { .. } => alg == KeyManagement::RsaOaep256,
            Material::P256 { .. } => alg != KeyManagement::RsaOaep256,
        };
        is_of_its_kind && self.0.alg.is_none_or(|own| own == alg)
    }

    /// The key management that the key says it is for, or the usual one for its kind.
    pub fn usual(&self) -> KeyManagement {
        self.0.alg.unwrap_or(match self.0.members {
            Material::Rsa { .. } => KeyManagement::RsaOaep256,
            Material::P256 { .. } => KeyManagement::EcdhEs,
        })
    }

    /// Encrypts: `cty` says what the plaintext is, `JWT` for a signed token (RFC 7519 §5.2).
    ///
    /// # Errors
    /// The key management does not go with the key, or the library fails.
    pub fn encrypt(
        &self,
        alg: KeyManagement,
        enc: ContentEncryption,
        cty: Option<&str>,
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<String, JoseError> {
        if !self.fits(alg) {
            return Err(JoseError::InvalidKey {
                detail: format!("{} does not go with this key", alg.name()),
            });
        }
        let mut header = Map::new();
        header.insert("alg".to_owned(), Value::from(alg.name()));
        header.insert("enc".to_owned(), Value::from(enc.name()));
        if let Some(kid) = &self.0.kid {
            header.insert("kid".to_owned(), Value::from(kid.as_str()));
        }
        if let Some(cty) = cty {
            header.insert("cty".to_owned(), Value::from(cty));
        }
        let (content_key, encrypted_key) = self.content_key(alg, enc, &mut header, random)?;
        let header = base64url::encode(Value::Object(header).to_string());
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut ciphertext = plaintext.to_vec();
        let tag = enc
            .key(&content_key)?
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(header.as_bytes()),
                &mut ciphertext,
            )
            .map_err(|_| failed("the content"))?;
        let rest = [&encrypted_key[..], &nonce, &ciphertext, tag.as_ref()].map(base64url::encode);
        Ok(format!("{header}.{}", rest.join(".")))
    }

    /// The key of the content, and what of it travels.
    fn content_key(
        &self,
        alg: KeyManagement,
        enc: ContentEncryption,
        header: &mut Map<String, Value>,
        random: &dyn Random,
    ) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>), JoseError> {
        let mut fresh = Zeroizing::new(vec![0; enc.key_bytes()]);
        match (&self.0.parsed, alg) {
            (Parsed::Rsa(public), _) => {
                random.fill(&mut fresh);
                let encrypted = wrap_by_rsa(public, &fresh)?;
                Ok((fresh, encrypted))
            }
            (Parsed::P256(point), KeyManagement::EcdhEs) => {
                let agreed = agree(point, enc.name(), enc.key_bytes(), header)?;
                Ok((agreed, Vec::new()))
            }
            (Parsed::P256(point), _) => {
                random.fill(&mut fresh);
                let wrapping = agree(point, alg.name(), 32, header)?;
                let mut wrapped = vec![0; fresh.len() + 8];
                let length = AesKek::new(&AES_256, &wrapping)
                    .and_then(|key| key.wrap(&fresh, &mut wrapped).map(|wrapped| wrapped.len()))
                    .map_err(|_| failed("wrapping the key"))?;
                wrapped.truncate(length);
                Ok((fresh, wrapped))
            }
        }
    }
}

fn wrap_by_rsa(public: &OaepPublicEncryptingKey, key: &[u8]) -> Result<Vec<u8>, JoseError> {
    let mut encrypted = vec![0; public.ciphertext_size()];
    let length = public
        .encrypt(&OAEP_SHA256_MGF1SHA256, key, &mut encrypted, None)
        .map_err(|_| failed("wrapping the key"))?
        .len();
    encrypted.truncate(length);
    Ok(encrypted)
}

/// A key agreed with a fresh key of ours, which goes into the header (RFC 7518 §4.6). The library makes that key with its
/// own generator.
fn agree(
    point: &[u8],
    purpose: &str,
    bytes: usize,
    header: &mut Map<String, Value>,
) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    let own = agreement::PrivateKey::generate(&ECDH_P256).map_err(|_| failed("a fresh key"))?;
    let public = own.compute_public_key().map_err(|_| failed("a fresh key"))?;
    let coordinates = public
        .as_ref()
        .strip_prefix(&[4])
        .and_then(|point| point.split_at_checked(32));
    let (own_x, own_y) = coordinates.ok_or_else(|| failed("a fresh key"))?;
    let epk = json!({
        "kty": "EC",
        "crv": "P-256",
        "x": base64url::encode(own_x),
        "y": base64url::encode(own_y),
    });
    header.insert("epk".to_owned(), epk);
    let peer = agreement::UnparsedPublicKey::new(&ECDH_P256, point);
    let invalid = || JoseError::InvalidKey {
        detail: "x and y are no point of P-256".to_owned(),
    };
    agreement::agree(&own, peer, invalid(), |secret| {
        Ok(concat_kdf(secret, purpose, b"", b"", bytes))
    })
}

/// The one round of the Concat KDF that keys of up to 256 bits need (RFC 7518 §4.6.2, NIST SP 800-56A §5.8.1).
fn concat_kdf(secret: &[u8], purpose: &str, apu: &[u8], apv: &[u8], bytes: usize) -> Zeroizing<Vec<u8>> {
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
    let input = Zeroizing::new(
        [
            &1_u32.to_be_bytes()[..],
            secret,
            &length(purpose.len()),
            purpose.as_bytes(),
            &length(apu.len()),
            apu,
            &length(apv.len()),
            apv,
            &length(bytes * 8),
        ]
        .concat(),
    );
    let mut key = crate::sha256(&input).to_vec();
    key.truncate(bytes);
    Zeroizing::new(key)
}

fn failed(what: &str) -> JoseError {
    JoseError::Signing {
        detail: format!("encrypting: {what} could not be made"),
    }
}

impl Serialize for EncryptionKey {
    /// The public members, with `use` and, where known, `alg` and `kid`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let kty = match self.0.members {
            Material::Rsa { .. } => "RSA",
            Material::P256 { .. } => "EC",
        };
        map.serialize_entry("kty", kty)?;
        map.serialize_entry("use", "enc")?;
        if let Some(alg) = self.0.alg {
            map.serialize_entry("alg", alg.name())?;
        }
        if let Some(kid) = &self.0.kid {
            map.serialize_entry("kid", kid)?;
        }
        match &self.0.members {
            Material::Rsa { n, e } => {
                map.serialize_entry("n", n)?;
                map.serialize_entry("e", e)?;
            }
            Material::P256 { x, y } => {
                map.serialize_entry("crv", "P-256")?;
                map.serialize_entry("x", x)?;
                map.serialize_entry("y", y)?;
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for EncryptionKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = strict_json::StrictObject::deserialize(deserializer)?;
        Self::from_members(&members.0).map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncryptionKey")
            .field("kid", &self.0.kid)
            .field("alg", &self.0.alg)
            .finish_non_exhaustive()
    }
}

impl PartialEq for EncryptionKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.members == other.0.members && self.0.kid == other.0.kid && self.0.alg == other.0.alg
    }
}

impl Eq for EncryptionKey {}

#[cfg(test)]
mod tests;
