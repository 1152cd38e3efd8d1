//! Who is acting, with what rights, through which door.

use doorward_oidc::Refusal;
use uuid::Uuid;

use crate::{Facts, Right, Role};

/// Through which door an actor came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// The Unix socket, as the owner of the data directory.
    Socket,
    /// A browser session.
    Session(Uuid),
    /// An API token.
    ApiToken(Uuid),
    /// The server itself: first start, demo, background work.
    Server,
}

/// Somebody who administers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user; `None` for the owner of the data directory and the server itself.
    pub id: Option<Uuid>,
    /// For events: the user's name, or the local account's.
    pub name: String,
    /// Roles held when the actor was resolved.
    pub roles: Vec<Role>,
    /// Groups whose membership the actor may change as a group manager, nested ones included.
    pub managed_groups: Vec<Uuid>,
    /// Through which door.
    pub via: Via,
}

impl Actor {
    /// The owner of the data directory, at the Unix socket: may do everything. `account` is the operating system's name for
    /// them.
    pub fn local(account: &str) -> Self {
        Self {
            id: None,
            name: account.to_owned(),
            roles: vec![Role::Full],
            managed_groups: Vec::new(),
            via: Via::Socket,
        }
    }

    /// The server itself.
    pub fn server() -> Self {
        Self {
            via: Via::Server,
            ..Self::local("doorward")
        }
    }

    /// A user, with the roles they hold now.
    pub fn user(facts: &Facts, via: Via) -> Self {
        Self {
            id: Some(facts.user.id),
            name: facts.user.name.to_string(),
            roles: facts.roles.clone(),
            managed_groups: facts.managed_groups.clone(),
            via,
        }
    }

    /// Whether the actor has the right.
    pub fn has(&self, right: Right) -> bool {
        self.roles.iter().any(|role| role.brings(right))
            || matches!(right, Right::ChangeMembers(group) if self.managed_groups.contains(&group))
    }

    /// Refuses, naming the missing right and the smallest role that brings it.
    pub fn require(&self, right: Right) -> Result<(), Refusal> {
        if self.has(right) {
            Ok(())
        } else {
            Err(crate::error::missing_right(self, right))
        }
    }
}

/// As events name who acted: what other subjects record for the same actor.
impl From<&Actor> for doorward_audit::Actor {
    fn from(actor: &Actor) -> Self {
        Self {
            id: actor.id,
            name: actor.name.clone(),
            via: actor.via.as_str().into(),
        }
    }
}
