//! Groups: named sets of users and of other groups.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::GroupName;

/// A group. Members of a group nested below it count as its members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Chosen once, never changed.
    pub id: Uuid,
    /// Unique without regard to case; travels in the `groups` claim as it is written.
    pub name: GroupName,
    /// For administrators, free text.
    pub description: String,
    /// When the group was added.
    pub created: Timestamp,
    /// When its name or description was last changed.
    pub updated: Timestamp,
}

/// A group to be added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewGroup {
    /// See [`Group::name`]; checked by [`GroupName::parse`].
    pub name: String,
    /// At most 1,000 characters.
    pub description: String,
}

/// A change of a group; `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupEdit {
    /// A new name: applications see it from the next token on.
    pub name: Option<String>,
    /// A new description.
    pub description: Option<String>,
}

/// What a group is connected to, directly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupMembers {
    /// Groups that are members of this one.
    pub groups: Vec<Group>,
    /// Groups that this one is a member of.
    pub parents: Vec<Group>,
    /// How many users are direct members.
    pub direct_users: u64,
}
