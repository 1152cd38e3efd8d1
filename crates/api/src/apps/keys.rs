//! What follows from keys that an application holds.

use serde::{Deserialize, Serialize};

use crate::Edit;

/// What follows from keys that an application holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeySettings {
    /// Where it publishes its public keys, in the place of `jwks` (RFC 7591 §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(examples("https://billing.example.com/jwks.json"))]
    pub jwks_uri: Option<String>,
    /// The address, and those of its request objects, may be in a private network although their names do not look like that.
    #[serde(default)]
    pub weaken_private_address: bool,
    /// Whether a refresh replaces the refresh token.
    #[serde(default)]
    pub refresh_tokens: RefreshTokens,
}

/// Whether a refresh replaces the refresh token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RefreshTokens {
    /// Each use replaces it.
    #[default]
    Rotate,
    /// It stays the same; only for applications that prove a key with each use.
    Stay,
}

/// What to change about it. Absent members stay, `null` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeySettingsChange {
    /// Where it publishes its public keys; forgets those that were given.
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub jwks_uri: Edit<String>,
    /// Whether the address, and those of its request objects, may be in a private network although their names do not look like that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weaken_private_address: Option<bool>,
    /// Whether a refresh replaces the refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_tokens: Option<RefreshTokens>,
}
