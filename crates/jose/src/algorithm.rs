//! The signature algorithms that Doorward signs and verifies with.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::JoseError;
use crate::error::shown;

/// A signature algorithm by its JOSE name (RFC 7518 §3.1, RFC 8037 §3.1). There is no `none` and no HMAC: a value of
/// this type always means an asymmetric key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what OpenID Connect takes for granted.
    RS256,
    /// RSASSA-PSS with SHA-256, salt as long as the digest.
    PS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

impl Algorithm {
    /// Every algorithm, in the order in which metadata lists them.
    pub const ALL: &'static [Algorithm] = &[Self::RS256, Self::PS256, Self::ES256, Self::EdDSA];

    /// The JOSE name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::PS256 => "PS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }

    /// The algorithm with this JOSE name (exact, case-sensitive), if we have it. `Ed25519` is what RFC 9864 §2.2 calls `EdDSA`
    /// on that curve, the only one that we have.
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "Ed25519" {
            return Some(Self::EdDSA);
        }
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = JoseError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::from_name(name).ok_or_else(|| JoseError::AlgorithmNotAllowed {
            received: shown(name),
            allowed: names(Self::ALL),
        })
    }
}

/// "RS256, ES256": for messages.
pub(crate) fn names(algorithms: &[Algorithm]) -> String {
    let names: Vec<_> = algorithms.iter().map(|algorithm| algorithm.name()).collect();
    names.join(", ")
}
