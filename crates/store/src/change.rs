//! Changes that caches must hear of.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError, RwLock};

use uuid::Uuid;

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Applications, their scope maps and secrets.
    Apps,
    /// Signing keys.
    Keys,
    /// Users and service accounts.
    People,
    /// Groups and memberships.
    Groups,
    /// Settings of the server.
    Settings,
    /// Upstreams and the groups that log in through them.
    Upstreams,
    /// Letters that wait to be sent.
    Mail,
    /// The server's certificates and the private authority.
    Certificates,
    /// Applications that wait to be told of a logout.
    Logouts,
}

impl Topic {
    /// Every topic: what a node announces to itself after it may have missed something.
    pub const ALL: [Self; 9] = [
        Self::Apps,
        Self::Keys,
        Self::People,
        Self::Groups,
        Self::Settings,
        Self::Upstreams,
        Self::Mail,
        Self::Certificates,
        Self::Logouts,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Apps => "apps",
            Self::Keys => "keys",
            Self::People => "people",
            Self::Groups => "groups",
            Self::Settings => "settings",
            Self::Upstreams => "upstreams",
            Self::Mail => "mail",
            Self::Certificates => "certificates",
            Self::Logouts => "logouts",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.name() == name)
    }
}

/// Something that was committed. `id` is the row it concerns; `None` means that anything of the topic may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The topic.
    pub topic: Topic,
    /// The row, if one.
    pub id: Option<Uuid>,
}

impl Change {
    /// A change of one row.
    pub fn of(topic: Topic, id: Uuid) -> Self {
        Self { topic, id: Some(id) }
    }

    /// A change of anything in the topic.
    pub fn any(topic: Topic) -> Self {
        Self { topic, id: None }
    }
}

/// Changes of one topic that are told one by one; of more it is said that anything may have changed.
const ONE_BY_ONE: usize = 256;

/// What was announced, each once.
#[derive(Default)]
pub(crate) struct Announced(Vec<Change>);

impl Announced {
    pub(crate) fn add(&mut self, change: Change) {
        let any = Change::any(change.topic);
        if self.0.contains(&change) || self.0.contains(&any) {
            return;
        }
        let same = |one: &Change| one.topic == change.topic;
        if change.id.is_none() || self.0.iter().filter(|one| same(one)).count() >= ONE_BY_ONE {
            self.0.retain(|one| !same(one));
            self.0.push(any);
        } else {
            self.0.push(change);
        }
    }

    pub(crate) fn list(&self) -> &[Change] {
        &self.0
    }

    pub(crate) fn into_list(self) -> Vec<Change> {
        self.0
    }
}

/// A function that is told of changes.
pub type Hook = Arc<dyn Fn(&Change) + Send + Sync>;

#[derive(Clone, Default)]
pub(crate) struct Hooks(Arc<RwLock<Vec<Hook>>>);

impl Hooks {
    pub(crate) fn add(&self, hook: Hook) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(hook);
    }

    pub(crate) fn call(&self, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        let hooks = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        for hook in &hooks {
            for change in changes {
                // What was committed stays committed: a hook that fails must not take the writer with it.
                if catch_unwind(AssertUnwindSafe(|| hook(change))).is_err() {
                    tracing::error!(topic = change.topic.name(), "a change hook panicked");
                }
            }
        }
    }
}
