//! What a person has let applications know.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An application that may know something of a person: all its live grants and the remembered consent together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AppGrants {
    /// Client id.
    pub app: String,
    /// Name for people.
    pub app_name: String,
    /// What it may read: the scopes of its live grants, and those that it would get without asking again.
    pub scopes: Vec<String>,
    /// The earliest of these that is still known.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// When the person last logged in there, as far as a grant of it lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_login: Option<Timestamp>,
    /// Grants that live.
    pub grants: u64,
    /// When the person last agreed on the consent page; absent where nobody is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub consented: Option<Timestamp>,
}

/// What was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GrantsRevoked {
    /// Grants that lived: tokens, also those for absence, ended with them.
    pub grants: u64,
    /// Whether a consent was remembered and is forgotten: the next login asks again.
    pub consent: bool,
}
