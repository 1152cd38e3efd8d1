//! How an application learns of a logout, and whether it has.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Edit;

/// How an application learns that a session is over.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AppLogout {
    /// Where it takes logout tokens (OpenID Connect Back-Channel Logout).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(examples("https://cloud.example.com/index.php/apps/user_oidc/backchannel-logout/1"))]
    pub backchannel_uri: Option<String>,
    /// What the page after a logout loads in a frame (OpenID Connect Front-Channel Logout). Whether that ends anything is up to
    /// the browser, and not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frontchannel_uri: Option<String>,
    /// Its pages ask a frame of ours whether the session goes on (OpenID Connect Session Management).
    #[serde(default)]
    pub session_management: bool,
    /// The address may be in a private network although its name does not look like that.
    #[serde(default)]
    pub weaken_private_address: bool,
}

/// What to change about it. Absent members stay, `null` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppLogoutChange {
    /// Where it takes logout tokens.
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub backchannel_uri: Edit<String>,
    /// What the page after a logout loads in a frame, of the origin of one of its redirect URIs.
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub frontchannel_uri: Edit<String>,
    /// Whether its pages ask a frame of ours whether the session goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_management: Option<bool>,
    /// Whether the address may be in a private network although its name does not look like that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weaken_private_address: Option<bool>,
}

/// How an application's logouts stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Logouts {
    /// Logouts that it does not know of yet.
    pub waiting: u64,
    /// Logouts that it was told of within the last day.
    pub told: u64,
    /// Logouts that were given up within the last two weeks.
    pub given_up: u64,
    /// Single ones: those that wait first, then those that were given up, then the latest that arrived; 100 at most.
    pub items: Vec<Logout>,
}

/// How a logout stands at an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LogoutState {
    /// The application does not know yet.
    Waiting,
    /// It was told.
    Told,
    /// It is not tried any more.
    GivenUp,
}

/// Why a session at an application is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LogoutCause {
    /// The session here ended.
    Ended,
    /// The session here expired.
    Expired,
    /// What the application had been given was taken back.
    Revoked,
    /// The person is in no group any more that lets them into it.
    NoAccess,
    /// A code or a refresh token of it came from somebody who should not have it.
    Stolen,
    /// The application is disabled, or has been removed.
    NoApp,
}

/// One logout of which an application is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Logout {
    /// The session: `sid` in the application's tokens.
    #[schema(value_type = String, format = "uuid")]
    pub session: Uuid,
    /// The person, as the application knows them: `sub`.
    pub subject: String,
    /// How it stands.
    pub state: LogoutState,
    /// Why the session is over.
    pub cause: LogoutCause,
    /// When it ended.
    #[schema(value_type = String, format = DateTime)]
    pub ended: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next; when it was told or given up.
    #[schema(value_type = String, format = DateTime)]
    pub due: Timestamp,
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The trace of the logout, if a person logged out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// How many logouts are tried again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LogoutsRetried {
    /// How many.
    pub retried: u64,
}
