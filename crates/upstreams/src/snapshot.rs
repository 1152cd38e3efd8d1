//! All upstreams as one immutable value, swapped when something changed. Reading it takes no lock and no query.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use doorward_directory::Facts;
use doorward_oidc::Refusal;
use doorward_store::{Store, StoreError, Topic};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{Upstream, refusals, rows};

/// All upstreams at one moment, in the order of their names.
#[derive(Debug, Default)]
pub struct Snapshot {
    list: Vec<Arc<Upstream>>,
    generation: u64,
}

impl Snapshot {
    fn new(upstreams: Vec<Upstream>, generation: u64) -> Self {
        let mut list: Vec<_> = upstreams.into_iter().map(Arc::new).collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        Self { list, generation }
    }

    /// The upstream of this name.
    pub fn find(&self, name: &str) -> Option<&Arc<Upstream>> {
        self.list.iter().find(|upstream| upstream.name == name)
    }

    /// The upstream of this id.
    pub fn by_id(&self, id: Uuid) -> Option<&Arc<Upstream>> {
        self.list.iter().find(|upstream| upstream.id == id)
    }

    /// As [`Snapshot::find`]; the refusal suggests the name that was meant. For administrators.
    pub fn require(&self, name: &str) -> Result<&Arc<Upstream>, Refusal> {
        self.find(name)
            .ok_or_else(|| rows::unknown_upstream(name, self.list.iter().map(|upstream| upstream.name.as_str())))
    }

    /// In the order of their names.
    pub fn list(&self) -> &[Arc<Upstream>] {
        &self.list
    }

    /// Those that the login page has a button for.
    pub fn buttons(&self) -> impl Iterator<Item = &Arc<Upstream>> {
        self.list.iter().filter(|upstream| upstream.enabled && upstream.button)
    }

    /// Where somebody who typed this address or name is sent: the upstream of the domain behind the last `@`.
    pub fn for_login(&self, typed: &str) -> Option<&Arc<Upstream>> {
        let (_, domain) = typed.trim().rsplit_once('@')?;
        self.list.iter().find(|upstream| {
            upstream.enabled && upstream.domains.iter().any(|known| known.eq_ignore_ascii_case(domain))
        })
    }

    /// The upstream through which this person always logs in, because of a group that they are in, nesting included.
    pub fn always_for(&self, facts: &Facts) -> Option<&Arc<Upstream>> {
        self.list.iter().find(|upstream| {
            upstream.enabled && upstream.groups.iter().any(|group| facts.group_ids.contains(&group.id))
        })
    }

    /// What a person of such a group is told who proved a password; `None` when the password may log them in. To be asked
    /// after the password was right, so that nobody learns who is in which group.
    pub fn password_refusal(&self, facts: &Facts) -> Option<(&Arc<Upstream>, Refusal)> {
        let upstream = self.always_for(facts)?;
        let groups: Vec<&str> = upstream
            .groups
            .iter()
            .filter(|group| facts.group_ids.contains(&group.id))
            .map(|group| group.name.as_str())
            .collect();
        let refusal = Refusal::page(
            &refusals::PASSWORD_LOGIN_OFF,
            format!(
                "{} is in {}, whose members log in through the upstream {}",
                facts.user.name,
                groups.join(", "),
                upstream.name
            ),
        )
        .with_remedy(format!(
            "Use the button “{}”. An administrator of this server gets in at /login?backup=1; to allow passwords again: \
             doorward upstream edit {} --groups \"\"",
            upstream.title, upstream.name
        ));
        Some((upstream, refusal))
    }
}

/// Holds the current [`Snapshot`]. A committed change of an upstream or a group makes it stale before the writer has its
/// answer; the next reader loads it anew, one for all.
#[derive(Clone)]
pub struct Snapshots(Arc<Inner>);

struct Inner {
    store: Store,
    current: ArcSwap<Snapshot>,
    /// Counts the changes heard of; a snapshot loaded before the last of them is stale.
    generation: AtomicU64,
    loading: Mutex<()>,
}

impl std::fmt::Debug for Snapshots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshots")
            .field("upstreams", &self.0.current.load().list.len())
            .finish_non_exhaustive()
    }
}

impl Snapshots {
    /// Listens to the store from now on. The first use loads.
    pub fn new(store: &Store) -> Self {
        let inner = Arc::new(Inner {
            store: store.clone(),
            current: ArcSwap::from_pointee(Snapshot::default()),
            generation: AtomicU64::new(1),
            loading: Mutex::new(()),
        });
        let listener = Arc::downgrade(&inner);
        store.on_change(Arc::new(move |change| {
            // Groups too: upstreams name them, and a rename shows.
            if matches!(change.topic, Topic::Upstreams | Topic::Groups)
                && let Some(inner) = listener.upgrade()
            {
                inner.generation.fetch_add(1, Ordering::AcqRel);
            }
        }));
        Self(inner)
    }

    /// The upstreams, no older than the last committed change.
    pub async fn current(&self) -> Result<Arc<Snapshot>, StoreError> {
        if let Some(fresh) = self.fresh() {
            return Ok(fresh);
        }
        let _one_at_a_time = self.0.loading.lock().await;
        if let Some(fresh) = self.fresh() {
            return Ok(fresh);
        }
        // Read before the rows are: a change that commits in between makes this snapshot stale again.
        let generation = self.0.generation.load(Ordering::Acquire);
        let upstreams = self.0.store.scan(rows::all).await?;
        let snapshot = Arc::new(Snapshot::new(upstreams, generation));
        self.0.current.store(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// As they were when somebody looked last.
    pub fn last(&self) -> Arc<Snapshot> {
        self.0.current.load_full()
    }

    fn fresh(&self) -> Option<Arc<Snapshot>> {
        let snapshot = self.0.current.load();
        (snapshot.generation == self.0.generation.load(Ordering::Acquire)).then(|| Arc::clone(&snapshot))
    }
}
