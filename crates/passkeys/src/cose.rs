//! Public keys as authenticators write them (RFC 9052 §7, RFC 9053, RFC 8230 §4), and what they sign.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};
use minicbor::data::Type;

use crate::{PasskeyError, cbor::Reader};

const WHAT: &str = "COSE key";
/// RSA modulus sizes in bytes: 2048 to 4096 bits.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

/// The signature algorithms that passkeys may have (IANA COSE algorithms), in the order in which they are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CoseAlgorithm {
    /// ECDSA with P-256 and SHA-256: every authenticator has it.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256: the TPM of older Windows.
    Rs256,
}

impl CoseAlgorithm {
    /// All, the preferred first.
    pub const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// Its number.
    pub const fn number(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }

    /// From its number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.number() == number)
    }

    /// Its usual name: `ES256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }

    pub(crate) fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Es256 => &ECDSA_P256_SHA256_ASN1,
            Self::EdDsa => &ED25519,
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        }
    }
}

/// A passkey's public key: known to be one when this value exists.
#[derive(Clone)]
pub struct CoseKey {
    algorithm: CoseAlgorithm,
    encoded: Vec<u8>,
    key: ParsedPublicKey,
}

impl CoseKey {
    /// Parses one key and nothing after it.
    ///
    /// # Errors
    /// [`PasskeyError::Cbor`], [`PasskeyError::UnsupportedKey`], [`PasskeyError::InvalidKey`].
    pub fn parse(bytes: &[u8]) -> Result<Self, PasskeyError> {
        let (key, length) = Self::read(bytes)?;
        match bytes.len() - length {
            0 => Ok(key),
            left => Err(PasskeyError::Cbor {
                what: WHAT,
                detail: format!("{left} bytes follow its end"),
            }),
        }
    }

    /// Reads the key at the beginning of `bytes`, and says how many of them it is.
    pub(crate) fn read(bytes: &[u8]) -> Result<(Self, usize), PasskeyError> {
        let mut reader = Reader::new(bytes, WHAT);
        let members = Members::read(&mut reader)?;
        let length = reader.position();
        let encoded = bytes.get(..length).unwrap_or_default().to_vec();
        let number = members.integer(ALG)?;
        let algorithm = CoseAlgorithm::from_number(number).ok_or_else(|| PasskeyError::UnsupportedKey {
            detail: format!("expected alg -7, -8 or -257, received {number}"),
        })?;
        let key = match algorithm {
            CoseAlgorithm::Es256 => p256(&members)?,
            CoseAlgorithm::EdDsa => ed25519(&members)?,
            CoseAlgorithm::Rs256 => rsa(&members)?,
        };
        Ok((
            Self {
                algorithm,
                encoded,
                key,
            },
            length,
        ))
    }

    /// What it signs with.
    pub fn algorithm(&self) -> CoseAlgorithm {
        self.algorithm
    }

    /// The key as the authenticator wrote it; [`CoseKey::parse`] reads it again.
    pub fn encoded(&self) -> &[u8] {
        &self.encoded
    }

    /// Verifies a signature over the bytes.
    ///
    /// # Errors
    /// [`PasskeyError::Signature`].
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), PasskeyError> {
        self.key
            .verify_sig(message, signature)
            .map_err(|_| PasskeyError::Signature)
    }
}

impl fmt::Debug for CoseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CoseKey({})", self.algorithm.name())
    }
}

impl PartialEq for CoseKey {
    fn eq(&self, other: &Self) -> bool {
        self.encoded == other.encoded
    }
}

impl Eq for CoseKey {}

/// Labels of RFC 9052 §7.1 and RFC 9053 §7.1; -1 to -3 mean by key type.
const KTY: i64 = 1;
const ALG: i64 = 3;
const CRV_OR_N: i64 = -1;
const X_OR_E: i64 = -2;
const Y: i64 = -3;

enum Member<'b> {
    Integer(i64),
    Bytes(&'b [u8]),
    Other,
}

struct Members<'b>(BTreeMap<i64, Member<'b>>);

impl<'b> Members<'b> {
    fn read(reader: &mut Reader<'b>) -> Result<Self, PasskeyError> {
        let mut members = BTreeMap::new();
        for _ in 0..reader.map()? {
            let label = reader.integer()?;
            let member = match reader.next()? {
                Type::Bytes => Member::Bytes(reader.bytes()?),
                Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
                    Member::Integer(reader.integer()?)
                }
                _ => {
                    reader.skip()?;
                    Member::Other
                }
            };
            if members.insert(label, member).is_some() {
                return Err(reader.wrong(format!("the label {label} stands there twice")));
            }
        }
        Ok(Self(members))
    }

    fn integer(&self, label: i64) -> Result<i64, PasskeyError> {
        match self.0.get(&label) {
            Some(Member::Integer(value)) => Ok(*value),
            _ => Err(invalid(format!("the label {label} is not an integer, or absent"))),
        }
    }

    fn bytes(&self, label: i64) -> Result<&'b [u8], PasskeyError> {
        match self.0.get(&label) {
            Some(Member::Bytes(value)) => Ok(value),
            _ => Err(invalid(format!("the label {label} is not bytes, or absent"))),
        }
    }

    fn is(&self, label: i64, wanted: i64, what: &'static str) -> Result<(), PasskeyError> {
        let received = self.integer(label)?;
        if received == wanted {
            return Ok(());
        }
        Err(PasskeyError::UnsupportedKey {
            detail: format!("expected {what} {wanted} for its alg, received {received}"),
        })
    }

    fn coordinate(&self, label: i64) -> Result<&'b [u8], PasskeyError> {
        let value = self.bytes(label)?;
        if value.len() == 32 {
            return Ok(value);
        }
        Err(invalid(format!(
            "expected 32 bytes at the label {label}, received {}",
            value.len()
        )))
    }
}

fn p256(members: &Members<'_>) -> Result<ParsedPublicKey, PasskeyError> {
    members.is(KTY, 2, "kty")?;
    members.is(CRV_OR_N, 1, "crv")?;
    // SEC 1 §2.3.3, uncompressed: WebAuthn §5.8.5 forbids the compressed form. The library refuses a point off the curve.
    let mut point = vec![4];
    point.extend_from_slice(members.coordinate(X_OR_E)?);
    point.extend_from_slice(members.coordinate(Y)?);
    parsed(CoseAlgorithm::Es256, &point)
}

fn ed25519(members: &Members<'_>) -> Result<ParsedPublicKey, PasskeyError> {
    members.is(KTY, 1, "kty")?;
    members.is(CRV_OR_N, 6, "crv")?;
    parsed(CoseAlgorithm::EdDsa, members.coordinate(X_OR_E)?)
}

fn rsa(members: &Members<'_>) -> Result<ParsedPublicKey, PasskeyError> {
    members.is(KTY, 3, "kty")?;
    let (n, e) = (members.bytes(CRV_OR_N)?, members.bytes(X_OR_E)?);
    if !RSA_BYTES.contains(&n.len()) || n.first().is_none_or(|byte| byte.leading_zeros() > 0) {
        return Err(invalid(
            "expected an RSA modulus of 2048 to 4096 bits without leading zeros",
        ));
    }
    if n.last().is_some_and(|byte| byte % 2 == 0) {
        return Err(invalid("the RSA modulus is even"));
    }
    if e != [1, 0, 1] && e != [3] {
        return Err(invalid("expected the RSA exponent 65537 or 3"));
    }
    PublicKeyComponents { n, e }
        .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
        .map_err(|_| invalid("the members do not make an RSA key"))
}

fn parsed(algorithm: CoseAlgorithm, bytes: &[u8]) -> Result<ParsedPublicKey, PasskeyError> {
    ParsedPublicKey::new(algorithm.verification(), bytes)
        .map_err(|_| invalid(format!("the members do not make an {} key", algorithm.name())))
}

fn invalid(detail: impl Into<String>) -> PasskeyError {
    PasskeyError::InvalidKey { detail: detail.into() }
}
