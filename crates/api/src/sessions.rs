//! Login sessions at this server.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A browser in which a person is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Session {
    /// Its id; the `sid` of ID tokens is derived from it.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// Whose it is, by name.
    pub user: String,
    /// When they logged in.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it was used last, to within a minute.
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
    /// When it ends whatever happens.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
    /// Address it was started from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Browser that started it, as it named itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// How they proved who they are (RFC 8176): `pwd`, …
    #[serde(default)]
    pub methods: Vec<String>,
}

/// Whose sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SessionQuery {
    /// Only this person's, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Entries per page, 1 to 500; 100 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// How many were ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Ended {
    /// Sessions that were live and no longer are.
    pub ended: u64,
    /// Grants to applications that were revoked with them, also those of sessions long gone.
    pub grants: u64,
}
