//! What a token may say of a user.

use uuid::Uuid;

use crate::{Role, User};

/// Everything about one user that the rules need to issue a token, decide access or check a right, read at one
/// moment. Never holds a credential.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The user.
    pub user: User,
    /// Names of all groups the user is in, through nesting too, sorted without regard to case, as they are written.
    pub groups: Vec<String>,
    /// Ids of the same groups, in the same order.
    pub group_ids: Vec<Uuid>,
    /// Roles granted to the user or to one of these groups, sorted, each once.
    pub roles: Vec<Role>,
    /// Groups whose membership the user may change as a group manager: those granted, and all nested below them.
    pub managed_groups: Vec<Uuid>,
}

impl Facts {
    /// Whether the user is in the group of this name (compared without regard to case), through nesting too.
    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|name| name.eq_ignore_ascii_case(group))
    }
}
