//! People.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::Edit;

/// How pages look to a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Whatever the browser prefers.
    #[default]
    Browser,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The word: `browser`, `light` or `dark`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// A person, with what a token may say of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct User {
    /// Chosen once, never changed; `sub` in the tokens of every application that has no imported subject.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// What they log in with.
    #[schema(examples("alice"))]
    pub name: String,
    /// Full name (`name` in tokens).
    pub display_name: String,
    /// Address (`email`).
    #[serde(default)]
    pub email: Option<String>,
    /// Whether somebody has checked that the address is theirs (`email_verified`).
    #[serde(default)]
    pub email_verified: bool,
    /// Further claims by name: the standard ones of OpenID Connect Core §5.1 and any of your own.
    #[schema(value_type = Object)]
    #[serde(default)]
    pub attributes: BTreeMap<String, Value>,
    /// Groups they were put into themselves.
    #[serde(default)]
    pub groups: Vec<String>,
    /// All groups that count for them, nested ones included, sorted.
    #[serde(default)]
    pub effective_groups: Vec<String>,
    /// A disabled person cannot log in, and what they had is revoked.
    #[serde(default)]
    pub disabled: bool,
    /// From then on the account is closed; it has no end when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires: Option<Timestamp>,
    /// They were deleted: the account is closed, and gone for good then. Until then it can be restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deletion: Option<Timestamp>,
    /// How pages look to them while they are logged in.
    #[serde(default)]
    pub theme: Theme,
    /// Whether a password is set; without one they need an enrolment link.
    #[serde(default)]
    pub has_password: bool,
    /// When they were added.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When anything about them was changed last.
    #[schema(value_type = String, format = DateTime)]
    pub updated: Timestamp,
    /// When they logged in last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_login: Option<Timestamp>,
    /// Logins at upstreams that are theirs. A new password takes none of them away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logins: Vec<UserLogin>,
}

/// A login at an upstream that is a person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UserLogin {
    /// The upstream's name.
    #[schema(examples("corp"))]
    pub upstream: String,
    /// What the upstream calls them.
    pub shown_name: String,
    /// The command that takes the login away, with the sessions that it opened.
    pub unlink: String,
    /// When they last came through it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_login: Option<Timestamp>,
}

/// A person in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UserSummary {
    /// The person's id.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// What they log in with.
    pub name: String,
    /// Full name.
    pub display_name: String,
    /// Address.
    #[serde(default)]
    pub email: Option<String>,
    /// Whether they are disabled.
    #[serde(default)]
    pub disabled: bool,
    /// From then on the account is closed; it has no end when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires: Option<Timestamp>,
    /// They were deleted: the account is closed, and gone for good then. Until then it can be restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deletion: Option<Timestamp>,
    /// Whether a password is set.
    #[serde(default)]
    pub has_password: bool,
}

/// A person to add.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// What they log in with: 1 to 64 of `a-z 0-9 . _ -`, starting with a letter or digit.
    #[schema(examples("alice"))]
    pub name: String,
    /// Full name; the name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the address is known to be theirs; true when absent, since an administrator typed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// Further claims by name.
    #[schema(value_type = Object)]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Value>,
    /// Groups to put them into; each must exist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// When the account is closed; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires: Option<Timestamp>,
    /// How long the enrolment link lives; 3 days when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_seconds: Option<u32>,
    /// Mail the link to the address, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mail: bool,
}

/// What adding a person answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UserAdded {
    /// The person as stored.
    pub user: User,
    /// The link with which they choose a password: give it to them, it is shown only now.
    pub enrolment: Link,
}

/// What to change about a person. Absent members stay, `null` clears.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// Another login name; the id, and so `sub`, stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Another address, or none.
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub email: Edit<String>,
    /// Whether the address is known to be theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// Attributes to set by name; `null` removes one, those not named stay.
    #[schema(value_type = Object)]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Value>,
    /// Disable (their sessions and grants end at once) or enable again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// When the account is closed, in the future, or never. Sessions and grants end at that time; the person is told a week before.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub expires: Edit<Timestamp>,
    /// How pages look to them while they are logged in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
}

/// How to delete a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DeleteQuery {
    /// For good now, without the days of grace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<bool>,
}

/// What deleting a person answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UserDeleted {
    /// When they are gone for good; they are gone when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deletion: Option<Timestamp>,
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// The person's first password.
    Enrolment,
    /// A new password in place of a lost one; the old one works until then.
    Reset,
}

/// A link to make.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// What for; enrolment when the person has no password, else reset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<LinkPurpose>,
    /// How long it lives; 3 days for enrolment and 1 hour for reset when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_seconds: Option<u32>,
    /// Mail it to the person's address, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mail: bool,
}

/// A single-use, time-limited link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Link {
    /// What it is for.
    pub purpose: LinkPurpose,
    /// The address to open; shown only now.
    pub url: String,
    /// Where it is mailed to as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailed_to: Option<String>,
    /// When it stops working.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
}

/// Which people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UserQuery {
    /// Only whose name, address or a word of whose full name begins with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Entries per page, 1 to 500; 100 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}
