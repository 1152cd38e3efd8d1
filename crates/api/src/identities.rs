//! Who somebody from an upstream is here, and who would become whom.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::LinkRule;

/// A subject of an upstream and the user it is here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Identity {
    /// The row.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// The issuer.
    pub issuer: String,
    /// The subject.
    pub subject: String,
    /// The user's id.
    #[schema(value_type = String, format = "uuid")]
    pub user_id: Uuid,
    /// The user's name.
    pub user: String,
    /// How the two came together: `created`, `email`, `confirmed`, `administrator`.
    pub origin: String,
    /// What was said of the person last, cut to what helps to recognise them.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub claims: Map<String, Value>,
    /// When they came together.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When the person last came through the upstream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_login: Option<Timestamp>,
}

/// Says that a subject is a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityLink {
    /// The issuer, where it is not the upstream's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The subject.
    pub subject: String,
    /// The user, by name or id.
    pub user: String,
}

/// Forgets who a subject is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityUnlink {
    /// The issuer; absent for whichever it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The subject.
    pub subject: String,
}

/// What linking would do, before anybody logs in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinkDryRun {
    /// Under this rule in place of the stored one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<LinkRule>,
    /// People of the upstream, each as the claims that a login would carry. Without any, everybody here with an address is
    /// looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub people: Vec<Map<String, Value>>,
}

/// Who would become whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WouldBe {
    /// The subject, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// `known`, `linked`, `created` or `refused`.
    pub outcome: String,
    /// The user, or the name that a new one would be made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Why nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}
