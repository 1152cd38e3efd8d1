//! All applications as one immutable value, swapped when something changed. Reading it takes no lock and no query.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use doorward_oidc::Refusal;
use doorward_store::{Store, StoreError, Topic};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{AliasAddress, App, ClientRegistration, IssuerStyle, alias, registration, rows};

/// All applications at one moment.
#[derive(Debug, Default)]
pub struct Snapshot {
    by_client_id: HashMap<String, Arc<App>>,
    by_id: HashMap<Uuid, Arc<App>>,
    registration: ClientRegistration,
    aliases: Vec<AliasAddress>,
    generation: u64,
}

impl Snapshot {
    /// A snapshot of these applications: what tests of pure rules start from.
    pub fn new(apps: impl IntoIterator<Item = App>) -> Self {
        let mut snapshot = Self::default();
        for app in apps {
            let app = Arc::new(app);
            snapshot.by_id.insert(app.id, Arc::clone(&app));
            snapshot.by_client_id.insert(app.client_id.clone(), app);
        }
        snapshot
    }

    /// The application with this client id, compared as bytes.
    pub fn find(&self, client_id: &str) -> Option<&Arc<App>> {
        self.by_client_id.get(client_id)
    }

    /// Whether applications may register themselves.
    pub fn client_registration(&self) -> &ClientRegistration {
        &self.registration
    }

    /// The issuers of earlier providers at which this server answers, by address.
    pub fn aliases(&self) -> &[AliasAddress] {
        &self.aliases
    }

    /// The applications that have this alias as their issuer, in the order of their client ids.
    pub fn at_alias(&self, address: &AliasAddress) -> Vec<&Arc<App>> {
        let mut list = self.list();
        list.retain(|app| matches!(&app.issuer_style, IssuerStyle::Alias(named) if named == address));
        list
    }

    /// The application with this id.
    pub fn by_id(&self, id: Uuid) -> Option<&Arc<App>> {
        self.by_id.get(&id)
    }

    /// As [`Snapshot::find`]; the refusal suggests the name that was meant. For administrators: to the public it would
    /// tell which applications exist.
    pub fn require(&self, client_id: &str) -> Result<&Arc<App>, Refusal> {
        self.find(client_id)
            .ok_or_else(|| rows::unknown_app(client_id, self.by_client_id.keys().map(String::as_str)))
    }

    /// The outermost names of all claims that applications have rules for, sorted: what discovery adds to
    /// `claims_supported`, because some applications refuse a claim that is not listed there.
    pub fn claim_names(&self) -> Vec<&str> {
        let rules = self.by_client_id.values().flat_map(|app| &app.claim_rules);
        let mut names: Vec<&str> = rules.map(|rule| rule.claim().claim()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// In the order of their client ids.
    pub fn list(&self) -> Vec<&Arc<App>> {
        let mut list: Vec<_> = self.by_client_id.values().collect();
        list.sort_by(|a, b| a.client_id.cmp(&b.client_id));
        list
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_client_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_client_id.is_empty()
    }
}

/// Holds the current [`Snapshot`]. A committed change of an application or a group makes it stale before the writer has
/// its answer; the next reader loads it anew, one for all.
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
            .field("apps", &self.0.current.load().len())
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
            // Groups too: scope maps name them, and a rename shows in the names.
            if matches!(change.topic, Topic::Apps | Topic::Groups)
                && let Some(inner) = listener.upgrade()
            {
                inner.generation.fetch_add(1, Ordering::AcqRel);
            }
        }));
        Self(inner)
    }

    /// The applications, no older than the last committed change.
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
        let (apps, registration, aliases) = self
            .0
            .store
            .scan::<_, StoreError>(|tx| Ok((rows::all(tx)?, registration::load_policy(tx)?, alias::addresses(tx)?)))
            .await?;
        let snapshot = Arc::new(Snapshot {
            registration,
            aliases,
            generation,
            ..Snapshot::new(apps)
        });
        self.0.current.store(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// Whether nothing changed since this snapshot was taken.
    pub fn is_current(&self, snapshot: &Snapshot) -> bool {
        snapshot.generation == self.0.generation.load(Ordering::Acquire)
    }

    fn fresh(&self) -> Option<Arc<Snapshot>> {
        let snapshot = self.0.current.load();
        self.is_current(&snapshot).then(|| Arc::clone(&snapshot))
    }
}
