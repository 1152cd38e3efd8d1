//! People who come by themselves.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whether and how people register themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Registration {
    /// Whether anybody may.
    pub open: bool,
    /// Domains of the mail addresses that may; `*` stands for all. A subdomain counts only by itself.
    #[schema(examples(json!(["example.com"])))]
    pub domains: Vec<String>,
    /// Whether an administrator decides about each.
    pub approval: bool,
    /// Names of the groups that newcomers are put into.
    pub groups: Vec<String>,
}

/// What to change; absent members stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationChange {
    /// Whether anybody may. Needs a mail server and a domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
    /// All domains that may, or `*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domains: Option<Vec<String>>,
    /// Whether an administrator decides about each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<bool>,
    /// Names of all groups that newcomers are put into; none that brings an administrator role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
}

/// Somebody who registered and waits for an administrator's word. What they typed is theirs alone: the address is proved,
/// the names are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RegistrationRequest {
    /// Names it.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// The mail address, which they have proved.
    pub email: String,
    /// The user name that they chose.
    pub name: String,
    /// Their full name.
    pub display_name: String,
    /// The network address from which they asked.
    pub address: String,
    /// When they asked.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it is forgotten, undecided.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
}

/// Lets somebody in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistrationApproval {
    /// Another user name than the one that they chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Somebody who has been let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RegistrationApproved {
    /// The user name.
    pub name: String,
    /// Where the link goes with which they choose a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailed_to: Option<String>,
}
