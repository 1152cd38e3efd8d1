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
