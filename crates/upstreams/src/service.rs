//! The service: lets people in through upstreams. Each login is one durable unit of work. What administrators do is in
//! `administration` and `links`.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use doorward_audit::Event;
use doorward_directory::{Actor, within};
use doorward_jose::{JwkSet, Random};
use doorward_login::{Http, Login, LoginError, Verified};
use doorward_oidc::Refusal;
use doorward_store::{MasterKey, Store, StoreError, Tx};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accept::{self, Keys, TRIES};
use crate::connections::{Connections, Now, open_secret};
use crate::{
    Accepted, Arrival, Authentication, Context, Identity, LogoutHint, Preview, Public, Snapshot, Snapshots, Upstream,
    UpstreamsError, Which, attempts, failure, identities, lookup, private_key, sessions,
};

/// Upstreams and everything that belongs to them. Clones share everything.
#[derive(Clone)]
pub struct Upstreams {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    keys: Keys,
    snapshots: Snapshots,
    connections: Connections,
}

/// Whether an upstream is asked before it is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Probing {
    /// It is, and nothing is saved that would not work.
    #[default]
    First,
    /// It is not: for an upstream that does not run yet. Said in the event.
    Skipped,
}

impl Upstreams {
    /// The upstreams of this store, for a server that is reached at `public`. `now` is the library's clock.
    pub fn new(
        store: Store,
        master: Arc<MasterKey>,
        random: Arc<dyn Random>,
        public: Public,
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        Self::with_http(store, master, random, public, Arc::new(now), None)
    }

    /// The same with another way to the network, for tests.
    pub fn with_http(
        store: Store,
        master: Arc<MasterKey>,
        random: Arc<dyn Random>,
        public: Public,
        now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
        http: Option<Arc<dyn Http>>,
    ) -> Self {
        let now: Now = now;
        Self {
            inner: Arc::new(Inner {
                snapshots: Snapshots::new(&store),
                connections: Connections {
                    store: store.clone(),
                    master: Arc::clone(&master),
                    random: Arc::clone(&random),
                    public,
                    now,
                    http,
                    kept: Mutex::new(HashMap::new()),
                },
                keys: Keys { master, random },
                store,
            }),
        }
    }

    /// The upstreams as they are now.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, UpstreamsError> {
        Ok(self.inner.snapshots.current().await?)
    }

    /// Whether there were any when somebody looked last; for what may be late by a moment.
    pub fn are_any(&self) -> bool {
        self.inner
            .snapshots
            .last()
            .list()
            .iter()
            .any(|upstream| upstream.enabled)
    }

    /// The addresses of this server that upstreams call.
    pub fn public(&self) -> &Public {
        &self.inner.connections.public
    }

    /// What speaks with an upstream, made once for each version of it.
    pub fn login(&self, upstream: &Upstream) -> Result<Arc<Login>, UpstreamsError> {
        self.inner.connections.of(upstream)
    }

    /// The public key with which this server proves itself at an upstream (RFC 7523), as a set: empty where it does so otherwise.
    pub fn client_keys(&self, upstream: &Upstream) -> Result<JwkSet, UpstreamsError> {
        if upstream.authentication != Authentication::PrivateKeyJwt {
            return Ok(JwkSet::default());
        }
        let Some(pem) = open_secret(&self.inner.keys.master, upstream)? else {
            return Ok(JwkSet::default());
        };
        let damaged =
            |detail: String| StoreError::Damaged(format!("the key of the upstream {}: {detail}", upstream.name));
        let key = private_key::read(&pem).map_err(|error| damaged(error.to_string()))?;
        let keys = JwkSet::new([key.public_jwk().clone()]);
        Ok(keys.map_err(|error| damaged(error.to_string()))?)
    }

    /// The refusal for a login that failed in the library.
    pub fn refusal(&self, upstream: &Upstream, error: &LoginError) -> Refusal {
        failure::refusal_of(upstream, error)
    }

    /// A verified login, with what the upstream keeps elsewhere: groups that did not fit into the token, addresses of GitHub.
    pub async fn arrive(&self, upstream: &Upstream, verified: &Verified) -> Result<Arrival, UpstreamsError> {
        let login = self.login(upstream)?;
        lookup::complete(&login, upstream, verified).await
    }

    /// Lets somebody in: identity, person, groups and event in one unit of work, and in the same unit whatever `open` writes
    /// for them (their session; see [`Upstreams::note_session`]). `confirmed_by` is the user who is logged in already and
    /// says that this login is theirs too.
    ///
    /// # Errors
    /// A refusal of the catalogue when the person may not come in; nothing is written then.
    pub async fn accept<T: Send + 'static>(
        &self,
        arrival: &Arrival,
        confirmed_by: Option<Uuid>,
        context: &Context,
        now: Timestamp,
        open: impl Fn(&mut Tx<'_>, &Accepted) -> Result<T, UpstreamsError> + Send + Sync + 'static,
    ) -> Result<(Accepted, T), UpstreamsError> {
        let open = Arc::new(open);
        let mut tried = 0;
        loop {
            tried += 1;
            let (keys, open) = (self.inner.keys.clone(), Arc::clone(&open));
            let (arrival, context) = (arrival.clone(), context.clone());
            let outcome = self
                .inner
                .store
                .write(now, move |tx| {
                    let accepted = accept::enter(tx, &keys, &arrival, confirmed_by, &context)?;
                    let opened = open(tx, &accepted)?;
                    Ok((accepted, opened))
                })
                .await;
            match outcome {
                // Somebody took the same free name at the same moment; the next try finds another.
                Err(UpstreamsError::Refused(refusal)) if refusal.kind.code == "name_taken" && tried < TRIES => {}
                // Or the subject became somebody's: judged again.
                Err(UpstreamsError::Store(StoreError::Busy(_))) if tried < TRIES => {}
                outcome => return outcome,
            }
        }
    }

    /// Notes in the unit of work that writes a session that it began with this arrival: a logout at the upstream then ends
    /// it. `expires` is the absolute end of the session.
    pub fn note_session(
        &self,
        tx: &mut Tx<'_>,
        session: Uuid,
        arrival: &Arrival,
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        accept::note_session(tx, &self.inner.keys, session, arrival, expires)
    }

    /// For a login that needed a second factor: what was noted for the session that was to be is the one's that has begun,
    /// in the unit of work that begins it. `false` when that ended meanwhile: then nothing may begin.
    ///
    /// # Errors
    /// What the store says.
    pub fn adopt_session(
        &self,
        tx: &mut Tx<'_>,
        reserved: Uuid,
        session: Uuid,
        user: Uuid,
    ) -> Result<bool, UpstreamsError> {
        let keys = &self.inner.keys;
        crate::sessions::adopt(tx, (&keys.master, keys.random.as_ref()), reserved, session, user)
    }

    /// What a login would come to. Writes nothing.
    pub async fn preview(&self, arrival: &Arrival) -> Result<Preview, UpstreamsError> {
        let arrival = arrival.clone();
        self.inner.store.scan(move |tx| accept::preview(tx, &arrival)).await
    }

    /// Keeps a refused login as an event.
    pub async fn record_refusal(
        &self,
        upstream: &Arc<Upstream>,
        refusal: &Refusal,
        context: &Context,
        now: Timestamp,
    ) -> Result<(), UpstreamsError> {
        let (upstream, refusal, context) = (Arc::clone(upstream), refusal.clone(), context.clone());
        self.inner
            .store
            .write(now, move |tx| {
                Ok(accept::record_refusal(tx, &upstream, &refusal, &context)?)
            })
            .await
    }

    /// Ends the sessions that the upstream says have ended there, with their grants; which ones. As a browser says it
    /// (OpenID Connect Front-Channel Logout §2); see [`Upstreams::logged_out`] for what the upstream itself says.
    pub async fn end_sessions(
        &self,
        upstream: &Upstream,
        which: Which,
        context: &Context,
        now: Timestamp,
    ) -> Result<Vec<Uuid>, UpstreamsError> {
        let (id, asked) = (upstream.id, which.clone());
        let is_any = self
            .inner
            .store
            .read::<_, StoreError>(move |tx| sessions::is_any(tx, id, &asked))
            .await?;
        if !is_any {
            return Ok(Vec::new());
        }
        let (upstream, context) = (upstream.clone(), context.clone());
        self.inner
            .store
            .write(now, move |tx| {
                let ended = sessions::end(tx, upstream.id, &which)?;
                record_ended(tx, &upstream, &ended, &context)?;
                Ok(ended)
            })
            .await
    }

    /// What a logout of this session takes along to the upstream that it began through; `None` when it began otherwise.
    pub async fn logout_hint(&self, session: Uuid) -> Result<Option<LogoutHint>, UpstreamsError> {
        let master = Arc::clone(&self.inner.keys.master);
        self.inner
            .store
            .read(move |tx| sessions::hint(tx, &master, session))
            .await
    }

    /// The logins at upstreams that a person has here.
    pub async fn identities_of(&self, user: Uuid) -> Result<Vec<Identity>, UpstreamsError> {
        Ok(self
            .inner
            .store
            .read::<_, StoreError>(move |tx| identities::of_user(tx, user))
            .await?)
    }

    /// The groups whose members hold a role here, through nesting too: what [`crate::weakened`] wants to know.
    pub async fn role_groups(&self) -> Result<BTreeSet<String>, UpstreamsError> {
        let names = self
            .inner
            .store
            .read::<_, StoreError>(within::groups_with_roles)
            .await?;
        Ok(names.into_iter().collect())
    }

    /// Deletes logins that were never finished and sessions that have ended, a bounded piece; whether more is left.
    pub async fn sweep(&self, now: Timestamp) -> Result<bool, UpstreamsError> {
        Ok(self
            .inner
            .store
            .write::<_, StoreError>(now, move |tx| attempts::sweep(tx, now))
            .await?)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    pub(crate) fn connections(&self) -> &Connections {
        &self.inner.connections
    }
}

/// Records that an upstream's logout ended sessions here, if it ended any.
pub(crate) fn record_ended(
    tx: &mut Tx<'_>,
    upstream: &Upstream,
    ended: &[Uuid],
    context: &Context,
) -> Result<(), StoreError> {
    if ended.is_empty() {
        return Ok(());
    }
    let by = doorward_audit::Actor::named(format!("upstream {}", upstream.name), "upstream");
    let mut event = Event::new("upstream.logout", by)
        .about("upstream", Some(upstream.id), &upstream.name)
        .in_trace(context.trace)
        .with_data(json!({ "sessions": ended }));
    if let Some(address) = &context.address {
        event = event.from_address(address);
    }
    doorward_audit::events::record(tx, &event).map(|_| ())
}

pub(crate) fn event(
    tx: &mut Tx<'_>,
    actor: &Actor,
    upstream: &Upstream,
    action: &'static str,
    data: Value,
) -> Result<(), StoreError> {
    let event =
        Event::new(action, doorward_audit::Actor::from(actor)).about("upstream", Some(upstream.id), &upstream.name);
    doorward_audit::events::record(tx, &event.with_data(data)).map(|_| ())
}
