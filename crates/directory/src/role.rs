//! Administrator roles, and the rights they consist of.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A role of an administrator, granted to a user or to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "role", content = "group")]
pub enum Role {
    /// Everything, granting roles included.
    Full,
    /// Applications only.
    Apps,
    /// People and groups only, except those that carry a role.
    People,
    /// Sees everything, changes nothing.
    ReadOnly,
    /// Changes who is in one group, and in the groups nested below it.
    GroupManager(Uuid),
}

impl Role {
    /// The word on the command line and in the store: `full`, `apps`, `people`, `read-only`, `group-manager`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Apps => "apps",
            Self::People => "people",
            Self::ReadOnly => "read-only",
            Self::GroupManager(_) => "group-manager",
        }
    }

    /// The managed group of a group manager.
    pub fn group(self) -> Option<Uuid> {
        match self {
            Self::GroupManager(group) => Some(group),
            _ => None,
        }
    }

    /// The role of that word; `group` must be given for `group-manager` and for no other.
    pub fn from_parts(word: &str, group: Option<Uuid>) -> Option<Self> {
        match (word, group) {
            ("full", None) => Some(Self::Full),
            ("apps", None) => Some(Self::Apps),
            ("people", None) => Some(Self::People),
            ("read-only", None) => Some(Self::ReadOnly),
            ("group-manager", Some(group)) => Some(Self::GroupManager(group)),
            _ => None,
        }
    }

    /// Whether this role brings the right. Membership of a managed group is decided by [`crate::Actor::require`], which knows
    /// the nesting.
    pub fn brings(self, right: Right) -> bool {
        match self {
            Self::Full => true,
            Self::Apps => matches!(
                right,
                Right::ChangeApps | Right::ReadApps | Right::ReadPeople | Right::ReadAudit
            ),
            Self::People => matches!(
                right,
                Right::ChangePeople | Right::ChangeMembers(_) | Right::ReadPeople | Right::ReadAudit
            ),
            Self::ReadOnly => matches!(
                right,
                Right::ReadApps | Right::ReadPeople | Right::ReadAudit | Right::ReadSettings
            ),
            Self::GroupManager(_) => matches!(right, Right::ReadPeople),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing an actor may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// Grant roles; change users and groups that carry roles; change settings and keys.
    Full,
    /// Add, change and remove applications; see and rotate their secrets.
    ChangeApps,
    /// Add, change and remove users and groups without roles; enrolment and reset links; end sessions.
    ChangePeople,
    /// Change who is in this group.
    ChangeMembers(Uuid),
    /// See applications, without secrets.
    ReadApps,
    /// See users and groups.
    ReadPeople,
    /// See events and traces.
    ReadAudit,
    /// See settings and keys, without secrets.
    ReadSettings,
}

impl Right {
    /// The stable word that a denial names: `full`, `change-apps`, …
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::ChangeApps => "change-apps",
            Self::ChangePeople => "change-people",
            Self::ChangeMembers(_) => "change-members",
            Self::ReadApps => "read-apps",
            Self::ReadPeople => "read-people",
            Self::ReadAudit => "read-audit",
            Self::ReadSettings => "read-settings",
        }
    }

    /// The smallest role that brings this right, as a word.
    pub fn smallest_role(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::ChangeApps => "apps",
            Self::ChangePeople => "people",
            Self::ChangeMembers(_) => "group-manager",
            Self::ReadApps | Self::ReadPeople | Self::ReadAudit | Self::ReadSettings => "read-only",
        }
    }
}

/// Who holds a role directly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum RoleHolder {
    /// A user.
    User(Uuid),
    /// A group: each of its members, through nesting too.
    Group(Uuid),
}

/// A granted role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleGrant {
    /// Identifies the grant.
    pub id: Uuid,
    /// What was granted.
    pub role: Role,
    /// To whom.
    pub holder: RoleHolder,
    /// Name of the user or group, as it is now.
    pub holder_name: String,
    /// Name of the managed group of a `group-manager`.
    pub group_name: Option<String>,
    /// When.
    pub created: Timestamp,
}
