//! What the authorization requests of an application may look like.

use serde::{Deserialize, Serialize};

use crate::Edit;

/// A profile that an application keeps: one word switches on all that it requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AppProfile {
    /// OAuth 2.1.
    Oauth21,
    /// FAPI 2.0 Security Profile.
    Fapi2,
    /// FAPI 2.0 Security Profile with Message Signing.
    Fapi2Signing,
}

/// The settings that authorization requests are judged by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct RequestSettings {
    /// The profile that it keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<AppProfile>,
    /// What that profile requires, one by one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profile_requirements: Vec<ProfileRequirement>,
    /// Requests that were not pushed are refused (RFC 9126).
    pub require_pushed: bool,
    /// Requests without a signed request object are refused (RFC 9101).
    pub require_signed: bool,
    /// Requests that do not ask for a signed answer are refused (JARM).
    pub require_signed_response: bool,
    /// Addresses that request objects are fetched from.
    pub request_uris: Vec<String>,
    /// Resource servers that it may name beside its audiences (RFC 8707).
    pub resources: Vec<String>,
    /// Types of authorization details that it may ask for (RFC 9396).
    pub detail_types: Vec<String>,
    /// Where the start page's tile begins a login (OpenID Connect Core §4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
}

/// One thing that a profile requires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProfileRequirement {
    /// What, and where it is written.
    pub what: String,
    /// Whether the application keeps it.
    pub holds: bool,
    /// What to type where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// What to change about them. Absent members stay, `null` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestSettingsChange {
    /// The profile: switches on all that it requires, and keeps it on. Cleared, the settings stay as they are.
    #[schema(value_type = Option<AppProfile>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub profile: Edit<AppProfile>,
    /// Whether requests have to be pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_pushed: Option<bool>,
    /// Whether requests have to be signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_signed: Option<bool>,
    /// Whether a signed answer has to be asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub require_signed_response: Option<bool>,
    /// All addresses that request objects are fetched from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_uris: Option<Vec<String>>,
    /// Some to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_request_uris: Vec<String>,
    /// Some to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_request_uris: Vec<String>,
    /// All resource servers that it may name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<String>>,
    /// Some to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_resources: Vec<String>,
    /// Some to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_resources: Vec<String>,
    /// All types of authorization details that it may ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail_types: Option<Vec<String>>,
    /// Some to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_detail_types: Vec<String>,
    /// Some to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_detail_types: Vec<String>,
    /// Where the start page's tile begins a login.
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub initiate_login_uri: Edit<String>,
}
