//! Passkeys of people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A passkey that somebody logs in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Passkey {
    /// Its id here; not what authenticators know it by.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// What the person calls it.
    pub name: String,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it was last used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used: Option<Timestamp>,
    /// Whether whoever keeps it for the person may copy it to their other devices; else it stays on one.
    pub synced: bool,
    /// Whether it was backed up when it was last used.
    pub backed_up: bool,
    /// Whether its device verified the person at registration (by PIN, finger, face): only then it logs in alone.
    pub verifies_user: bool,
    /// Whether it can be used without a name typed; absent when the browser did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discoverable: Option<bool>,
    /// `ES256`, `EdDSA` or `RS256`.
    pub algorithm: String,
    /// The model of the authenticator (AAGUID), when it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub model: Option<Uuid>,
    /// How its device is reached: `internal`, `hybrid`, `usb`, `nfc`, `ble`, `smart-card`.
    #[serde(default)]
    pub transports: Vec<String>,
    /// When its counter went back: there may be a copy, and it is not accepted any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub copied: Option<Timestamp>,
}

/// Another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeyChange {
    /// 1 to 60 characters.
    pub name: String,
}

/// How many were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PasskeysRemoved {
    /// Passkeys that were there and no longer are.
    pub removed: u64,
}
