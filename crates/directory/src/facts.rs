//! What a token may say of a user.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use doorward_store::{Change, StoreError, Topic, Tx};
use jiff::Timestamp;
use moka::sync::Cache;
use uuid::Uuid;

use crate::{Actor, Directory, Role, User, Via, directory::Result, groups, roles, terms, users};

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
    /// Names of those that the user is in directly, sorted alike.
    pub direct_groups: Vec<String>,
    /// Roles granted to the user or to one of these groups, sorted, each once.
    pub roles: Vec<Role>,
    /// Groups whose membership the user may change as a group manager: those granted, and all nested below them.
    pub managed_groups: Vec<Uuid>,
    /// The newest version of the terms that the user has accepted; 0 for none.
    pub accepted_terms: u32,
}

impl Facts {
    /// Whether the user is in the group of this name (compared without regard to case), through nesting too.
    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|name| name.eq_ignore_ascii_case(group))
    }
}

impl Directory {
    /// What a token may say of a user, from a cache that every change clears. Also for accounts that are closed: the caller asks
    /// [`User::closed`].
    pub async fn facts(&self, user: Uuid) -> Result<Option<Arc<Facts>>> {
        if let Some(facts) = self.facts_cache().find(user) {
            return Ok(Some(facts));
        }
        let before = self.facts_cache().generation(user);
        let facts = self.read(move |tx| load(tx, user)).await?.map(Arc::new);
        if let Some(facts) = &facts {
            self.facts_cache().keep(user, before, Arc::clone(facts));
        }
        Ok(facts)
    }

    /// A user as an actor, with the roles they hold now; `None` when there is no such user or the account is closed.
    pub async fn actor(&self, user: Uuid, via: Via, now: Timestamp) -> Result<Option<Actor>> {
        let facts = self.facts(user).await?;
        Ok(facts
            .filter(|facts| facts.user.closed(now).is_none())
            .map(|facts| Actor::user(&facts, via)))
    }
}

pub(crate) fn load(tx: &mut Tx<'_>, user: Uuid) -> Result<Option<Facts>, StoreError> {
    let Some(user) = users::by_id(tx, user)? else {
        return Ok(None);
    };
    let mine = groups::of_user(tx, user.id)?;
    let direct = mine.iter().filter(|group| group.is_direct);
    let direct_groups = direct.map(|group| group.name.clone()).collect();
    let (group_ids, groups) = mine.into_iter().map(|group| (group.id, group.name)).unzip();
    let roles = roles::of_user(tx, user.id)?;
    let managed_groups = roles::managed_groups(tx, &roles)?;
    let accepted_terms = terms::newest_accepted(tx, user.id)?;
    Ok(Some(Facts {
        user,
        groups,
        group_ids,
        direct_groups,
        roles,
        managed_groups,
        accepted_terms,
    }))
}

/// How many people are kept in memory, and how long a node of a cluster may believe what it read when the connection on
/// which it hears of changes is silent.
const MOST_KEPT: u64 = 10_000;
const LONGEST_KEPT: Duration = Duration::from_secs(5);
const STRIPES: usize = 256;

/// Facts by user. An entry counts only while nothing about its user, and no group, has changed since before it was read:
/// so a change that commits between a read and its caching is never lost.
pub(crate) struct FactsCache {
    entries: Cache<Uuid, (Generation, Arc<Facts>)>,
    /// Counts changes of groups and of everything at once.
    all: AtomicU64,
    /// Counts changes of users, in stripes by id.
    users: Vec<AtomicU64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generation(u64, u64);

impl Default for FactsCache {
    fn default() -> Self {
        Self {
            entries: Cache::builder()
                .max_capacity(MOST_KEPT)
                .time_to_live(LONGEST_KEPT)
                .build(),
            all: AtomicU64::new(0),
            users: (0..STRIPES).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl FactsCache {
    pub(crate) fn hear(&self, change: &Change) {
        match (change.topic, change.id) {
            (Topic::People, Some(user)) => {
                if let Some(stripe) = self.stripe(user) {
                    stripe.fetch_add(1, Ordering::AcqRel);
                }
            }
            (Topic::People | Topic::Groups, _) => {
                self.all.fetch_add(1, Ordering::AcqRel);
            }
            _ => {}
        }
    }

    fn generation(&self, user: Uuid) -> Generation {
        let stripe = self.stripe(user).map_or(0, |stripe| stripe.load(Ordering::Acquire));
        Generation(self.all.load(Ordering::Acquire), stripe)
    }

    fn find(&self, user: Uuid) -> Option<Arc<Facts>> {
        let (read_at, facts) = self.entries.get(&user)?;
        (read_at == self.generation(user)).then_some(facts)
    }

    fn keep(&self, user: Uuid, read_at: Generation, facts: Arc<Facts>) {
        self.entries.insert(user, (read_at, facts));
    }

    fn stripe(&self, user: Uuid) -> Option<&AtomicU64> {
        // The last byte of a UUIDv7 is random.
        self.users.get(usize::from(user.as_bytes()[15]) % STRIPES)
    }
}
