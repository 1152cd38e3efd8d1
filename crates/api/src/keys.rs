//! The keys that tokens are signed with.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A signing key, without its private half.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Key {
    /// Its `kid`, as in the key set and in tokens.
    pub kid: String,
    /// The JOSE algorithm.
    #[schema(examples("ES256"))]
    pub alg: String,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it may sign.
    #[schema(value_type = String, format = DateTime)]
    pub activates_at: Timestamp,
    /// When it is no longer published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub retires_at: Option<Timestamp>,
}

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published, does not sign yet.
    Next,
    /// Signs.
    Active,
    /// Signs no more, is published until the last token it signed has ended.
    Retiring,
    /// No longer published.
    Retired,
}

impl KeyState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }
}

/// How to turn keys before their time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyTurn {
    /// The JOSE algorithm whose key turns; all of them when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(examples("ES256"))]
    pub alg: Option<String>,
    /// The next key signs from now on, though applications may not have seen it yet. Otherwise it is published now and signs in two
    /// days.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_once: bool,
}

/// A key that was made elsewhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyImport {
    /// The JOSE algorithm that it signs with: `RS256`, `PS256`, `ES256` or `EdDSA`.
    #[schema(examples("RS256"))]
    pub alg: String,
    /// The private key: PKCS#8 without a password, as PEM.
    pub pem: String,
    /// Its `kid`; its thumbprint (RFC 7638) when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// It signs from now on, in place of the key that does. Otherwise it is published now and signs in two days.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_once: bool,
}

impl std::fmt::Debug for KeyImport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyImport(alg {}, kid {:?})", self.alg, self.kid)
    }
}

/// The master key, never itself: where it comes from, and which ones are at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Master {
    /// Where the server reads it: a file, an environment variable, a systemd credential.
    pub source: String,
    /// The current one first.
    pub keys: Vec<MasterKey>,
}

/// A master key at hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MasterKey {
    /// Tells keys apart; no secret.
    pub id: u8,
    /// It seals from now on; the others only open what they sealed.
    pub current: bool,
    /// The database needs it. One that it does not need is for backups from before.
    pub needed: bool,
}
