//! Settings of the whole server that are state, not configuration.

use serde::{Deserialize, Serialize};

use crate::Edit;

/// The settings in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Settings {
    /// How many days events are kept.
    pub event_retention_days: u32,
    /// How many days traces are kept.
    pub trace_retention_days: u32,
    /// What people may change of themselves.
    #[serde(default)]
    pub own_profile: Vec<OwnField>,
    /// Days until a deleted person is gone for good; 0 for at once.
    #[serde(default)]
    pub deletion_grace_days: u32,
    /// Whether people may delete their own account.
    #[serde(default)]
    pub own_deletion: bool,
    /// How many days a signing key signs; absent when keys turn by hand alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_rotation_days: Option<u32>,
    /// Whose authenticators may be registered as passkeys: certificates of their makers in PEM. Absent when any will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation_roots: Option<String>,
}

/// Something of a person that they may change themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnField {
    /// The full name.
    Name,
    /// The e-mail address, once it was proved by a letter.
    Email,
    /// The language of letters.
    Language,
}

/// Settings to change; absent ones stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    /// How many days events are kept, 1 to 36500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_retention_days: Option<u32>,
    /// How many days traces are kept, 1 to 3650.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_retention_days: Option<u32>,
    /// What people may change of themselves; an empty list for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_profile: Option<Vec<OwnField>>,
    /// Days until a deleted person is gone for good, 0 to 365. Who is being deleted already keeps their date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_grace_days: Option<u32>,
    /// Whether people may delete their own account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_deletion: Option<bool>,
    /// How many days a signing key signs, 7 to 3650; `null` when keys are to turn by hand alone.
    #[schema(value_type = Option<u32>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub key_rotation_days: Edit<u32>,
    /// Whose authenticators may be registered as passkeys: certificates in PEM; `null` when any will do.
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub attestation_roots: Edit<String>,
}
