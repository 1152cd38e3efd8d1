//! A set of public keys (RFC 7517 §5).

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::error::shown;
use crate::{Header, JoseError, Jwk, strict_json};

/// Longest key set that is read, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// Most keys of a set.
const MAX_KEYS: usize = 100;

/// The keys of one issuer or client, each parsed once. Cloning is cheap enough for a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JwkSet {
    keys: Vec<Jwk>,
    skipped: Vec<SkippedKey>,
}

/// A member of a set that was left out, and why: for the operator who wonders why a key is "not there".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedKey {
    /// Its place in the set, counted from 0.
    pub index: usize,
    /// Its name, if it has one.
    pub kid: Option<String>,
    /// What is wrong with it, or what we do not support.
    pub reason: JoseError,
}

impl JwkSet {
    /// A set of our own keys.
    ///
    /// # Errors
    /// [`JoseError::ConflictingKeys`] as for [`JwkSet::parse`].
    pub fn new(keys: impl IntoIterator<Item = Jwk>) -> Result<Self, JoseError> {
        let mut set = Self::default();
        for key in keys {
            set.push(key)?;
        }
        Ok(set)
    }

    /// Parses a foreign set. Keys that we cannot use (other types, curves or uses, too small, malformed) are left
    /// out and listed by [`JwkSet::skipped`], as RFC 7517 §5 says; the rest stays usable.
    ///
    /// # Errors
    /// When the whole is not a key set, too large, or holds two different keys with the same `kid` and algorithm:
    /// then nobody can say which one a token means.
    pub fn parse(json: &[u8]) -> Result<Self, JoseError> {
        if json.len() > MAX_BYTES {
            return Err(JoseError::Json {
                what: "key set",
                detail: format!("{} bytes, at most {MAX_BYTES} are read", json.len()),
            });
        }
        Self::from_members(&strict_json::parse_object(json, "key set")?)
    }

    fn from_members(members: &Map<String, Value>) -> Result<Self, JoseError> {
        let Some(Value::Array(entries)) = members.get("keys") else {
            return Err(JoseError::Json {
                what: "key set",
                detail: "expected an array \"keys\"".to_owned(),
            });
        };
        if entries.len() > MAX_KEYS {
            return Err(JoseError::Json {
                what: "key set",
                detail: format!("{} keys, at most {MAX_KEYS} are read", entries.len()),
            });
        }
        let mut set = Self::default();
        for (index, entry) in entries.iter().enumerate() {
            let parsed = entry.as_object().map_or_else(
                || {
                    Err(JoseError::InvalidKey {
                        detail: "expected an object".to_owned(),
                    })
                },
                Jwk::from_members,
            );
            match parsed {
                Ok(key) => set.push(key)?,
                Err(reason) => set.skipped.push(SkippedKey {
                    index,
                    kid: entry.get("kid").and_then(Value::as_str).map(str::to_owned),
                    reason,
                }),
            }
        }
        Ok(set)
    }

    fn push(&mut self, key: Jwk) -> Result<(), JoseError> {
        if self.keys.contains(&key) {
            return Ok(());
        }
        if let Some(kid) = key.kid() {
            let same_name = self.keys.iter().filter(|other| other.kid() == Some(kid));
            for other in same_name.filter(|other| !other.is_same_key(&key)) {
                let shared = crate::Algorithm::ALL
                    .iter()
                    .find(|alg| other.fits(**alg) && key.fits(**alg));
                if let Some(algorithm) = shared {
                    return Err(JoseError::ConflictingKeys {
                        kid: shown(kid),
                        algorithm: algorithm.name(),
                    });
                }
            }
        }
        self.keys.push(key);
        Ok(())
    }

    /// The usable keys, in the set's order.
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The members that were left out by [`JwkSet::parse`].
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// The key with this name that fits the algorithm.
    pub fn find(&self, kid: &str, algorithm: crate::Algorithm) -> Option<&Jwk> {
        self.keys
            .iter()
            .find(|key| key.kid() == Some(kid) && key.fits(algorithm))
    }

    /// The key that a header means: the one with its `kid`; without `kid`, the only one that fits.
    pub(crate) fn key_for(&self, header: &Header) -> Result<&Jwk, JoseError> {
        if let Some(kid) = &header.kid {
            return self.find(kid, header.alg).ok_or_else(|| JoseError::UnknownKey {
                kid: shown(kid),
                algorithm: header.alg.name(),
                known: self.names(),
            });
        }
        let mut fitting = self.keys.iter().filter(|key| key.fits(header.alg));
        match (fitting.next(), fitting.count()) {
            (Some(key), 0) => Ok(key),
            (first, more) => Err(JoseError::AmbiguousKey {
                algorithm: header.alg.name(),
                fitting: usize::from(first.is_some()) + more,
            }),
        }
    }

    fn names(&self) -> String {
        const SHOWN: usize = 8;
        let mut names: Vec<_> = self
            .keys
            .iter()
            .take(SHOWN)
            .map(|key| {
                let algorithm = key.algorithm().map_or("any", crate::Algorithm::name);
                format!("{} ({algorithm})", key.kid().map_or_else(|| "no kid".to_owned(), shown))
            })
            .collect();
        if self.keys.len() > SHOWN {
            names.push(format!("{} more", self.keys.len() - SHOWN));
        }
        if names.is_empty() {
            names.push("no usable key".to_owned());
        }
        names.join(", ")
    }
}

impl Serialize for JwkSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut set = serializer.serialize_struct("JwkSet", 1)?;
        set.serialize_field("keys", &self.keys)?;
        set.end()
    }
}

impl<'de> serde::Deserialize<'de> for JwkSet {
    /// With the rules of [`JwkSet::parse`].
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = strict_json::StrictObject::deserialize(deserializer)?;
        Self::from_members(&members.0).map_err(serde::de::Error::custom)
    }
}
