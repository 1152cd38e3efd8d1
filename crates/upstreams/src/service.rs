//! The service: adds, edits and removes upstreams, and lets people in through them. Each change is one durable unit of work
//! that checks the actor's right as it is then.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use doorward_audit::Event;
use doorward_directory::{Actor, Right, User, within};
use doorward_jose::{Random, Secret};
use doorward_login::{Http, Login, LoginError, Verified};
use doorward_oidc::{Refusal, shown};
use doorward_store::{MasterKey, Store, StoreError, Tx, new_id};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::accept::{self, Keys, TRIES};
use crate::connections::{Connections, Now, open_secret, place};
use crate::{
    Accepted, Arrival, Context, Edit, Identity, IdentityOrigin, LogoutHint, NewUpstream, Preview, Probed, Public,
    SealedSecret, Snapshot, Snapshots, Upstream, UpstreamsError, Which, apply, attempts, changes, failure, identities,
    lookup, probe, refusals, rows, sessions, values,
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

    fn keys(&self) -> Keys {
        self.inner.keys.clone()
    }
}

/// Administration. Right for all of it: full, because the rules of an upstream can give any group and role.
impl Upstreams {
    /// Adds an upstream. It is asked first, unless that is skipped; what the probe found comes back with it.
    pub async fn add(
        &self,
        actor: &Actor,
        new: NewUpstream,
        probing: Probing,
        now: Timestamp,
    ) -> Result<(Upstream, Option<Probed>), UpstreamsError> {
        let mut upstream = new.build(new_id(now, self.inner.keys.random.as_ref()), now)?;
        let secret = new
            .secret
            .as_ref()
            .map(|secret| values::secret(secret.expose()))
            .transpose()?;
        check_secret(&upstream, secret.is_some())?;
        self.may(actor, Right::Full, now).await?;
        let probed = self.probed(&upstream, secret.clone(), probing).await?;
        upstream.secret = secret.map(|secret| self.sealed(&upstream, &secret));
        let groups = groups_of(&new.edits);
        let actor = actor.clone();
        let upstream = self
            .inner
            .store
            .write::<_, UpstreamsError>(now, move |tx| {
                let actor = within::current(tx, &actor)?;
                actor.require(Right::Full)?;
                if !rows::insert(tx, &upstream)? {
                    return Err(exists(&upstream.name).into());
                }
                if let Some(groups) = &groups {
                    upstream.groups = rows::set_groups(tx, upstream.id, groups)?;
                }
                event(
                    tx,
                    &actor,
                    &upstream,
                    "upstream.add",
                    changes::added(&upstream, probing),
                )?;
                Ok(upstream)
            })
            .await?;
        Ok((upstream, probed))
    }

    /// Changes an upstream: all edits or none. It is asked first when something changes that decides whether it works.
    pub async fn edit(
        &self,
        actor: &Actor,
        name: &str,
        edits: Vec<Edit>,
        probing: Probing,
        now: Timestamp,
    ) -> Result<(Upstream, Option<Probed>), UpstreamsError> {
        self.may(actor, Right::Full, now).await?;
        let mut probed = None;
        if edits.iter().any(Edit::wants_probe) {
            let before = self.found(name).await?;
            let after = apply(&before, &edits)?;
            let secret = open_secret(&self.inner.keys.master, &before)?;
            check_secret(&after, secret.is_some())?;
            probed = self.probed(&after, secret, probing).await?;
        }
        let upstream = self
            .change(actor, name, now, "upstream.edit", probing, move |tx, before| {
                let mut after = apply(&before, &edits)?;
                check_secret(&after, after.secret.is_some())?;
                rows::update(tx, &after)?;
                if let Some(groups) = groups_of(&edits) {
                    after.groups = rows::set_groups(tx, after.id, &groups)?;
                }
                Ok(after)
            })
            .await?;
        Ok((upstream, probed))
    }

    /// Sets the secret; the one before ends here at once.
    pub async fn set_secret(
        &self,
        actor: &Actor,
        name: &str,
        secret: Option<Secret<String>>,
        now: Timestamp,
    ) -> Result<Upstream, UpstreamsError> {
        let secret = secret.map(|secret| values::secret(secret.expose())).transpose()?;
        let keys = self.keys();
        self.change(
            actor,
            name,
            now,
            "upstream.secret.set",
            Probing::First,
            move |tx, mut upstream| {
                check_secret(&upstream, secret.is_some())?;
                upstream.secret = secret.as_deref().map(|secret| seal(&keys, upstream.id, secret));
                rows::update(tx, &upstream)?;
                Ok(upstream)
            },
        )
        .await
    }

    /// Removes an upstream. Who is whom is forgotten with it, which takes `even_with_identities` when there is somebody.
    pub async fn remove(
        &self,
        actor: &Actor,
        name: &str,
        even_with_identities: bool,
        now: Timestamp,
    ) -> Result<(), UpstreamsError> {
        let (actor, name) = (actor.clone(), name.to_owned());
        self.inner
            .store
            .write::<_, UpstreamsError>(now, move |tx| {
                let actor = within::current(tx, &actor)?;
                actor.require(Right::Full)?;
                let upstream = rows::lock(tx, &name)?;
                let people = identities::count(tx, upstream.id)?;
                if people > 0 && !even_with_identities {
                    return Err(in_use(&upstream, people).into());
                }
                rows::delete(tx, &upstream)?;
                event(
                    tx,
                    &actor,
                    &upstream,
                    "upstream.remove",
                    json!({ "identities": people }),
                )?;
                Ok(())
            })
            .await
    }

    /// Asks an upstream as it is stored whether it would work. Right: read-settings.
    pub async fn probe(&self, actor: &Actor, name: &str, now: Timestamp) -> Result<Probed, UpstreamsError> {
        self.may(actor, Right::ReadSettings, now).await?;
        let upstream = self.found(name).await?;
        let secret = open_secret(&self.inner.keys.master, &upstream)?;
        probe::probe(&self.inner.connections, &upstream, secret).await
    }

    /// Who came through an upstream, oldest first, after the row `after`. Right: read-people.
    pub async fn identities(
        &self,
        actor: &Actor,
        name: &str,
        after: Option<Uuid>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Identity>, UpstreamsError> {
        self.may(actor, Right::ReadPeople, now).await?;
        let name = name.to_owned();
        self.inner
            .store
            .scan(move |tx| {
                let upstream = rows::find(tx, &name)?;
                Ok(identities::of_upstream(tx, upstream.id, after, limit)?)
            })
            .await
    }

    /// Says that a subject of an upstream is this user. `issuer` only where it is not the upstream's own (a tenant's).
    pub async fn link(
        &self,
        actor: &Actor,
        name: &str,
        (issuer, subject): (Option<&str>, &str),
        user: Uuid,
        now: Timestamp,
    ) -> Result<Identity, UpstreamsError> {
        if !identities::is_subject(subject) {
            return Err(values::invalid(format!(
                "expected a subject of 1 to 255 characters, received `{}`",
                shown(subject)
            ))
            .into());
        }
        let (actor, name, subject) = (actor.clone(), name.to_owned(), subject.to_owned());
        let issuer = issuer.map(str::to_owned);
        let random = Arc::clone(&self.inner.keys.random);
        self.inner
            .store
            .write(now, move |tx| {
                let actor = within::current(tx, &actor)?;
                actor.require(Right::Full)?;
                let upstream = rows::find(tx, &name)?;
                let user = existing_person(tx, user)?;
                let issuer = issuer.unwrap_or_else(|| upstream.issuer.clone());
                let key = (upstream.id, issuer.as_str(), subject.as_str());
                let added = identities::insert(tx, random.as_ref(), key, user.id, IdentityOrigin::Administrator)?;
                let identity = identities::find(tx, upstream.id, &issuer, &subject)?
                    .ok_or_else(|| StoreError::Damaged("an identity that was just written".to_owned()))?;
                if !added {
                    return Err(taken(&upstream, &identity).into());
                }
                let data = json!({ "user": user.id, "name": user.name.as_str(), "issuer": issuer, "subject": subject });
                event(tx, &actor, &upstream, "upstream.link", data)?;
                Ok(identity)
            })
            .await
    }

    /// Forgets who a subject is, and ends the sessions that it had opened.
    pub async fn unlink(
        &self,
        actor: &Actor,
        name: &str,
        (issuer, subject): (Option<&str>, &str),
        now: Timestamp,
    ) -> Result<(), UpstreamsError> {
        let (actor, name, subject) = (actor.clone(), name.to_owned(), subject.to_owned());
        let issuer = issuer.map(str::to_owned);
        self.inner
            .store
            .write::<_, UpstreamsError>(now, move |tx| {
                let actor = within::current(tx, &actor)?;
                actor.require(Right::Full)?;
                let upstream = rows::find(tx, &name)?;
                unlink(tx, &actor, &upstream, issuer.as_deref(), &subject)
            })
            .await
    }

    /// A person disconnects a login of theirs. Refused when it is the only way they have left to come in.
    pub async fn unlink_own(&self, user: Uuid, identity: Uuid, now: Timestamp) -> Result<(), UpstreamsError> {
        self.inner
            .store
            .write::<_, UpstreamsError>(now, move |tx| {
                let person = existing_person(tx, user)?;
                let all = identities::of_user(tx, user)?;
                let Some(identity) = all.iter().find(|one| one.id == identity) else {
                    return Err(not_linked("this login").into());
                };
                if all.len() == 1 && !person.has_password {
                    return Err(Refusal::response(
                        &refusals::LINK_REFUSED,
                        "it is the only way in: the account has no password and no other login",
                    )
                    .with_remedy("Set a password first.")
                    .into());
                }
                let upstream = rows::by_id(tx, identity.upstream)?
                    .ok_or_else(|| StoreError::Damaged("an identity without an upstream".to_owned()))?;
                let actor = Actor {
                    id: Some(person.id),
                    name: person.name.to_string(),
                    ..Actor::server()
                };
                unlink(tx, &actor, &upstream, Some(&identity.issuer), &identity.subject)
            })
            .await
    }

    /// Refuses an actor without the right before anything is asked of the network.
    async fn may(&self, actor: &Actor, right: Right, now: Timestamp) -> Result<(), UpstreamsError> {
        let _ = now;
        let actor = actor.clone();
        self.inner
            .store
            .read(move |tx| {
                within::current(tx, &actor)?.require(right)?;
                Ok(())
            })
            .await
    }

    async fn found(&self, name: &str) -> Result<Upstream, UpstreamsError> {
        let name = name.to_owned();
        self.inner.store.read(move |tx| rows::find(tx, &name)).await
    }

    async fn probed(
        &self,
        upstream: &Upstream,
        secret: Option<String>,
        probing: Probing,
    ) -> Result<Option<Probed>, UpstreamsError> {
        // Also what is not probed must be a connection that can be built.
        self.inner.connections.fresh(upstream, secret.clone())?;
        match probing {
            Probing::Skipped => Ok(None),
            Probing::First => {
                let probed = probe::probe(&self.inner.connections, upstream, secret).await?;
                probed.refuse_failure(upstream)?;
                Ok(Some(probed))
            }
        }
    }

    fn sealed(&self, upstream: &Upstream, secret: &str) -> SealedSecret {
        seal(&self.inner.keys, upstream.id, secret)
    }

    /// One unit of work on one upstream: locked, changed, its event recorded.
    async fn change(
        &self,
        actor: &Actor,
        name: &str,
        now: Timestamp,
        action: &'static str,
        probing: Probing,
        work: impl FnOnce(&mut Tx<'_>, Upstream) -> Result<Upstream, UpstreamsError> + Send + 'static,
    ) -> Result<Upstream, UpstreamsError> {
        let (actor, name) = (actor.clone(), name.to_owned());
        let changed = self
            .inner
            .store
            .write::<_, UpstreamsError>(now, move |tx| {
                let actor = within::current(tx, &actor)?;
                actor.require(Right::Full)?;
                let before = rows::lock(tx, &name)?;
                let after = work(tx, before.clone())?;
                event(tx, &actor, &after, action, changes::between(&before, &after, probing))?;
                Ok(after)
            })
            .await?;
        let there = self.snapshot().await?;
        self.inner.connections.keep_only(|id| there.by_id(id).is_some());
        Ok(changed)
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
        .in_trace(context.trace.clone())
        .with_data(json!({ "sessions": ended }));
    if let Some(address) = &context.address {
        event = event.from_address(address);
    }
    doorward_audit::events::record(tx, &event).map(|_| ())
}

fn unlink(
    tx: &mut Tx<'_>,
    actor: &Actor,
    upstream: &Upstream,
    issuer: Option<&str>,
    subject: &str,
) -> Result<(), UpstreamsError> {
    let users = identities::remove(tx, upstream.id, issuer, subject)?;
    if users.is_empty() {
        return Err(not_linked(&format!("the subject `{}` of {}", shown(subject), upstream.name)).into());
    }
    for user in &users {
        sessions::end_of_user(tx, upstream.id, *user)?;
    }
    let data = json!({ "subject": subject, "users": users });
    event(tx, actor, upstream, "upstream.unlink", data)?;
    Ok(())
}

fn seal(keys: &Keys, upstream: Uuid, secret: &str) -> SealedSecret {
    SealedSecret(
        keys.master
            .seal(keys.random.as_ref(), &place(upstream), secret.as_bytes()),
    )
}

fn groups_of(edits: &[Edit]) -> Option<Vec<String>> {
    edits.iter().rev().find_map(|edit| match edit {
        Edit::Groups(groups) => Some(groups.clone()),
        _ => None,
    })
}

/// A client with a secret needs one, a public client has none.
fn check_secret(upstream: &Upstream, has_secret: bool) -> Result<(), Refusal> {
    let is_public = upstream.authentication == crate::Authentication::None;
    match (is_public, has_secret) {
        (true, true) => Err(values::invalid("a public client (authentication `none`) has no secret")
            .with_remedy("--authentication auto, or leave the secret out")),
        (false, false) => Err(values::invalid(format!(
            "expected the secret that {} gave for the client `{}`, received none",
            upstream.title,
            shown(&upstream.client_id)
        ))
        .with_remedy("--secret-file FILE; a public client: --authentication none")),
        _ => Ok(()),
    }
}

fn existing_person(tx: &mut Tx<'_>, id: Uuid) -> Result<User, UpstreamsError> {
    let Some(user) = within::user(tx, id)? else {
        return Err(values::invalid(format!("no user has the id {id}")).into());
    };
    if user.kind != doorward_directory::UserKind::Person {
        return Err(Refusal::response(
            &refusals::LINK_REFUSED,
            format!("{} is a service account: it has API tokens, and no login", user.name),
        )
        .into());
    }
    Ok(user)
}

fn event(
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

fn exists(name: &str) -> Refusal {
    Refusal::response(
        &refusals::UPSTREAM_EXISTS,
        format!("there is an upstream `{name}` already"),
    )
    .with_remedy(format!(
        "choose another name, for example {name}2; or doorward upstream edit {name}"
    ))
}

fn in_use(upstream: &Upstream, people: i64) -> Refusal {
    Refusal::response(
        &refusals::UPSTREAM_IN_USE,
        format!("{people} people came through {}; removing it forgets who they are", upstream.name),
    )
    .with_remedy(format!(
        "switch it off: doorward upstream edit {name} --enabled off; or remove it with them: doorward upstream remove {name} \
         --with-identities",
        name = upstream.name
    ))
}

fn taken(upstream: &Upstream, identity: &Identity) -> Refusal {
    Refusal::response(
        &refusals::LINK_REFUSED,
        format!(
            "the subject `{}` of {} is {} already",
            shown(&identity.subject),
            upstream.name,
            identity.user_name
        ),
    )
    .with_remedy(format!(
        "doorward upstream unlink {} --subject {}",
        upstream.name,
        crate::decide::quoted(&identity.subject)
    ))
}

fn not_linked(what: &str) -> Refusal {
    Refusal::response(&refusals::IDENTITY_UNKNOWN, format!("{what} is nobody here"))
}
