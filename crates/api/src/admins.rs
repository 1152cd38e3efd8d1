//! Who may administer what.

use serde::{Deserialize, Serialize};

use crate::MemberKind;

/// What an administrator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Everything.
    Full,
    /// Applications, their secrets and who may use them.
    Apps,
    /// People, groups and their sessions.
    People,
    /// See everything, secrets excepted; change nothing.
    ReadOnly,
    /// Change the members of the named group.
    GroupManager,
}

impl Role {
    /// Every role, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Full, Self::Apps, Self::People, Self::ReadOnly, Self::GroupManager];

    /// The word on the wire and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Apps => "apps",
            Self::People => "people",
            Self::ReadOnly => "read-only",
            Self::GroupManager => "group-manager",
        }
    }
}

/// A role that somebody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Admin {
    /// Person, service account or group that has it.
    pub kind: MemberKind,
    /// Its name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The group that a group manager manages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manages: Option<String>,
}

/// A role to grant or to revoke. Exactly one of `user` and `group` says whose it is; granting twice is no error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdminGrant {
    /// The role.
    pub role: Role,
    /// A person or service account, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// A group, by name: every member of it then has the role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// For `group-manager`: the group to manage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manages: Option<String>,
}
