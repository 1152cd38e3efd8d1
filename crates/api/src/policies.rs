//! What is asked of logins, and what people have to answer with.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Edit;

/// How strong a login is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoginLevel {
    /// One factor: a password, or the word of an upstream.
    #[default]
    Any,
    /// Two factors, whichever.
    Second,
    /// With a passkey.
    Passkey,
}

/// What one place asks of a login. What is absent asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoginPolicy {
    /// How strong it must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factors: Option<LoginLevel>,
    /// Until then `factors` may be put off by people who have no such factor yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub postpone_until: Option<Timestamp>,
    /// How long ago the person may have proved who they are at the most, when an application asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_seconds: Option<u32>,
    /// For how many days a browser may be remembered in which a second factor was proved; without any, not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remember_days: Option<u32>,
    /// Fewest characters of a new password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_min: Option<u32>,
    /// How hard a new password must be to guess: 0 to 4, as zxcvbn counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_strength: Option<u8>,
}

/// What to change; absent members stay, `null` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyChange {
    /// How strong a login must be.
    #[schema(value_type = Option<LoginLevel>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub factors: Edit<LoginLevel>,
    /// Until then `factors` may be put off.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub postpone_until: Edit<Timestamp>,
    /// How long ago the person may have authenticated, 60 to 31536000.
    #[schema(value_type = Option<u32>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub fresh_seconds: Edit<u32>,
    /// For how many days a browser may be remembered, 0 to 365.
    #[schema(value_type = Option<u32>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub remember_days: Edit<u32>,
    /// Fewest characters of a new password, 8 to 128. Not for applications.
    #[schema(value_type = Option<u32>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub password_min: Edit<u32>,
    /// How hard a new password must be to guess, 0 to 4. Not for applications.
    #[schema(value_type = Option<u8>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub password_strength: Edit<u8>,
}

/// The policy of a group or an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NamedPolicy {
    /// The group's name, or the application's client id.
    pub name: String,
    /// What is asked there.
    pub policy: LoginPolicy,
}

/// Every policy. Of all that apply to a login, the strictest counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Policies {
    /// Of the whole server.
    pub default: LoginPolicy,
    /// Of groups that have one, by name.
    #[serde(default)]
    pub groups: Vec<NamedPolicy>,
    /// Of applications that have one, by client id.
    #[serde(default)]
    pub apps: Vec<NamedPolicy>,
}

/// Whose login is asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DemandQuery {
    /// Into this application, by client id; none for the account pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
}

/// What is asked of one person's login, after all policies that apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LoginDemand {
    /// How strong it must be now.
    pub factors: LoginLevel,
    /// How strong it must be when what may be put off has come.
    pub later: LoginLevel,
    /// When the first postponement ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub postponed_until: Option<Timestamp>,
    /// How long ago the person may have authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_seconds: Option<u32>,
    /// For how many days a browser may be remembered; 0 for not at all.
    pub remember_days: u32,
    /// Fewest characters of a new password.
    pub password_min: u32,
    /// How hard a new password must be to guess.
    pub password_strength: u8,
}

/// What a person has beside a password.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UserFactors {
    /// Since when there is an app that makes one-time codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub totp: Option<Timestamp>,
    /// How many passkeys.
    pub passkeys: u32,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
    /// In how many browsers they asked not to be asked again.
    #[serde(default)]
    pub remembered_browsers: u32,
}

/// How many were remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BrowsersForgotten {
    /// Browsers that ask for the second factor again.
    pub forgotten: u64,
}
