//! The server and the caller.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the server says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Status {
    /// Version of the server.
    pub version: String,
    /// Public URL, which is also the issuer.
    pub issuer: String,
    /// The server's clock.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    /// Who is asking.
    pub actor: ActorView,
    /// How many applications there are, for callers that may see them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apps: Option<u64>,
}

/// Who is calling, and what they may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ActorView {
    /// Name in the audit log.
    pub name: String,
    /// How they were recognised: `socket`, `token` or `session`.
    pub via: String,
    /// The rights they have, by the words that a denial uses.
    #[serde(default)]
    pub rights: Vec<String>,
}
