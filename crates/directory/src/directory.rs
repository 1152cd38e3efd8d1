//! The service: what every operation on people and groups works with.

use std::sync::Arc;

use doorward_jose::Random;
use doorward_mail::Outbox;
use doorward_passkeys::TrustAnchors;
use doorward_store::{Store, StoreError, Tx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Actor, Budgets, CommonPasswords, DirectoryError, Hasher, Policies, RegistrationPolicy, Terms, facts::FactsCache,
    guard, kept::Kept,
};

pub(crate) type Result<T, E = DirectoryError> = std::result::Result<T, E>;

/// What an installation may set.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The domain of full user names: with `example.com`, `alice@example.com` logs in as `alice`.
    pub domain: Option<String>,
    /// How many wrong tries are free, and how fast they come back.
    pub budgets: Budgets,
    /// What nobody may choose as a password.
    pub common_passwords: CommonPasswords,
    /// Where letters to people go.
    pub outbox: Outbox,
}

/// People, groups, credentials and rights. Cheap to clone. See the crate's documentation.
#[derive(Clone)]
pub struct Directory {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    hasher: Hasher,
    random: Arc<dyn Random>,
    settings: Settings,
    facts: Arc<FactsCache>,
    policies: Arc<Kept<Policies>>,
    terms: Arc<Kept<Option<Terms>>>,
    roots: Arc<Kept<Option<TrustAnchors>>>,
    registration: Arc<Kept<RegistrationPolicy>>,
}

impl Directory {
    /// The directory in this store.
    pub fn new(store: Store, hasher: Hasher, random: Arc<dyn Random>) -> Self {
        Self::with_settings(store, hasher, random, Settings::default())
    }

    /// The same with settings.
    pub fn with_settings(store: Store, hasher: Hasher, random: Arc<dyn Random>, settings: Settings) -> Self {
        let facts = Arc::new(FactsCache::default());
        let policies = Arc::new(Kept::default());
        let terms = Arc::new(Kept::default());
        let roots = Arc::new(Kept::default());
        let registration = Arc::new(Kept::default());
        let clears = (
            Arc::clone(&facts),
            Arc::clone(&policies),
            Arc::clone(&terms),
            Arc::clone(&roots),
            Arc::clone(&registration),
        );
        store.on_change(Arc::new(move |change| {
            clears.0.hear(change);
            clears.1.hear(change);
            clears.2.hear(change);
            clears.3.hear(change);
            clears.4.hear(change);
        }));
        Self {
            inner: Arc::new(Inner {
                store,
                hasher,
                random,
                settings,
                facts,
                policies,
                terms,
                roots,
                registration,
            }),
        }
    }

    /// The password queue: its counters are metrics.
    pub fn hasher(&self) -> &Hasher {
        &self.inner.hasher
    }

    /// Where letters to people go.
    pub fn outbox(&self) -> &Outbox {
        &self.inner.settings.outbox
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn random(&self) -> &dyn Random {
        &*self.inner.random
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    pub(crate) fn facts_cache(&self) -> &FactsCache {
        &self.inner.facts
    }

    pub(crate) fn policy_cache(&self) -> &Kept<Policies> {
        &self.inner.policies
    }

    pub(crate) fn terms_cache(&self) -> &Kept<Option<Terms>> {
        &self.inner.terms
    }

    pub(crate) fn roots_cache(&self) -> &Kept<Option<TrustAnchors>> {
        &self.inner.roots
    }

    pub(crate) fn registration_cache(&self) -> &Kept<RegistrationPolicy> {
        &self.inner.registration
    }

    pub(crate) fn new_id(&self, now: Timestamp) -> Uuid {
        doorward_store::new_id(now, self.random())
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.store.write(now, work).await
    }

    /// A unit of work of an administrator: `work` gets the actor with the roles that still count in it.
    pub(crate) async fn administer<T: Send + 'static>(
        &self,
        actor: &Actor,
        now: Timestamp,
        work: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let actor = actor.clone();
        self.write(now, move |tx| {
            let actor = guard::current(tx, &actor)?;
            work(tx, &actor)
        })
        .await
    }

    /// The same for a change of the structure of groups and roles, and of who gets into it by registering: such units wait for each
    /// other.
    pub(crate) async fn restructure<T: Send + 'static>(
        &self,
        actor: &Actor,
        now: Timestamp,
        work: impl FnOnce(&mut Tx<'_>, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let actor = actor.clone();
        self.write(now, move |tx| {
            guard::take_turn(tx)?;
            let actor = guard::current(tx, &actor)?;
            work(tx, &actor)
        })
        .await
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T> {
        Ok(self.inner.store.read(work).await?)
    }

    pub(crate) async fn scan<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.inner.store.scan(work).await
    }
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory")
            .field("store", &self.inner.store)
            .finish_non_exhaustive()
    }
}
