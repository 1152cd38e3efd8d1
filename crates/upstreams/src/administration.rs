//! Adding, changing and removing upstreams. Right for all of it: full, because the rules of an upstream can give any group and
//! role.

use doorward_directory::{Actor, Right, within as directory};
use doorward_jose::Secret;
use doorward_oidc::{Refusal, shown};
use doorward_store::{Tx, new_id};
use jiff::Timestamp;
use uuid::Uuid;

use crate::accept::Keys;
use crate::connections::{open_secret, place};
use crate::within::Given;
use crate::{
    Edit, NewUpstream, Probed, Probing, SealedSecret, Upstream, Upstreams, UpstreamsError, apply, probe, refusals,
    rows, values, within,
};

impl Upstreams {
    /// Adds an upstream. It is asked first, unless that is skipped; what the probe found comes back with it.
    pub async fn add(
        &self,
        actor: &Actor,
        new: NewUpstream,
        probing: Probing,
        now: Timestamp,
    ) -> Result<(Upstream, Option<Probed>), UpstreamsError> {
        let upstream = new.build(new_id(now, self.keys().random.as_ref()), now)?;
        let given = new
            .secret
            .as_ref()
            .map_or(Given::Nothing, |secret| Given::Secret(secret.expose()));
        let ready = self.ready(upstream, given)?;
        self.may(actor, Right::Full).await?;
        let probed = self.probed(ready.upstream(), probing).await?;
        let groups = groups_of(&new.edits).unwrap_or_default();
        let actor = actor.clone();
        let upstream = self
            .store()
            .write::<_, UpstreamsError>(now, move |tx| {
                let actor = directory::current(tx, &actor)?;
                within::insert(tx, &actor, ready, &groups, probing)
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
        self.may(actor, Right::Full).await?;
        let mut probed = None;
        // What only switches off must always be possible. Everything else has to leave a connection that can be built.
        if !edits.iter().all(|edit| matches!(edit, Edit::Enabled(false))) {
            let before = self.found(name).await?;
            // Also what is not probed must be a connection that can be built.
            let after = self.ready(apply(&before, &edits)?, Given::Nothing)?;
            let probing = if edits.iter().any(Edit::wants_probe) {
                probing
            } else {
                Probing::Skipped
            };
            probed = self.probed(after.upstream(), probing).await?;
        }
        let upstream = self
            .change(actor, name, now, "upstream.edit", probing, move |tx, before| {
                let mut after = apply(&before, &edits)?;
                check_secret(&after, after.secret.is_some())?;
                if let Some(groups) = groups_of(&edits) {
                    let groups = rows::resolve_groups(tx, &groups)?;
                    after.groups = rows::put_groups(tx, after.id, &groups)?;
                }
                rows::update(tx, &after)?;
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
        let keys = self.keys().clone();
        self.change(
            actor,
            name,
            now,
            "upstream.secret.set",
            Probing::First,
            move |tx, mut upstream| {
                check_secret(&upstream, secret.is_some())?;
                if let Some(secret) = secret
                    .as_deref()
                    .filter(|_| upstream.authentication == crate::Authentication::PrivateKeyJwt)
                {
                    crate::private_key::read(secret).map_err(|error| values::invalid(error.to_string()))?;
                }
                upstream.secret = secret.as_deref().map(|secret| seal(&keys, upstream.id, secret));
                rows::update(tx, &upstream)?;
                Ok(upstream)
            },
        )
        .await
    }

    /// Removes an upstream. Who is whom is forgotten with it, which takes `even_with_identities` when there is somebody; the
    /// sessions that began through it end.
    pub async fn remove(
        &self,
        actor: &Actor,
        name: &str,
        even_with_identities: bool,
        now: Timestamp,
    ) -> Result<(), UpstreamsError> {
        let (actor, name) = (actor.clone(), name.to_owned());
        self.store()
            .write::<_, UpstreamsError>(now, move |tx| {
                let actor = directory::current(tx, &actor)?;
                within::remove(tx, &actor, &name, even_with_identities)
            })
            .await
    }

    /// Asks an upstream as it is stored whether it would work. Right: read-settings.
    pub async fn probe(&self, actor: &Actor, name: &str) -> Result<Probed, UpstreamsError> {
        self.may(actor, Right::ReadSettings).await?;
        let upstream = self.found(name).await?;
        let secret = open_secret(&self.keys().master, &upstream)?;
        probe::probe(self.connections(), &upstream, secret).await
    }

    /// Refuses an actor without the right before anything is asked of the network.
    pub(crate) async fn may(&self, actor: &Actor, right: Right) -> Result<(), UpstreamsError> {
        let actor = actor.clone();
        self.store()
            .read(move |tx| {
                directory::current(tx, &actor)?.require(right)?;
                Ok(())
            })
            .await
    }

    async fn found(&self, name: &str) -> Result<Upstream, UpstreamsError> {
        let name = name.to_owned();
        self.store().read(move |tx| rows::find(tx, &name)).await
    }

    async fn probed(&self, upstream: &Upstream, probing: Probing) -> Result<Option<Probed>, UpstreamsError> {
        if probing == Probing::Skipped {
            return Ok(None);
        }
        let secret = open_secret(&self.keys().master, upstream)?;
        let probed = probe::probe(self.connections(), upstream, secret).await?;
        probed.refuse_failure(upstream)?;
        Ok(Some(probed))
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
            .store()
            .write::<_, UpstreamsError>(now, move |tx| {
                let actor = directory::current(tx, &actor)?;
                actor.require(Right::Full)?;
                let before = rows::lock(tx, &name)?;
                let after = work(tx, before.clone())?;
                within::changed(tx, &actor, (&before, &after), action, probing)?;
                Ok(after)
            })
            .await?;
        let there = self.snapshot().await?;
        self.connections().keep_only(|id| there.by_id(id).is_some());
        Ok(changed)
    }
}

pub(crate) fn seal(keys: &Keys, upstream: Uuid, secret: &str) -> SealedSecret {
    SealedSecret(
        keys.master
            .seal(keys.random.as_ref(), &place(upstream), secret.as_bytes()),
    )
}

/// The groups that edits say log in there.
pub(crate) fn groups_of(edits: &[Edit]) -> Option<Vec<String>> {
    edits.iter().rev().find_map(|edit| match edit {
        Edit::Groups(groups) => Some(groups.clone()),
        _ => None,
    })
}

/// A client with a secret needs one, a public client has none.
pub(crate) fn check_secret(upstream: &Upstream, has_secret: bool) -> Result<(), Refusal> {
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

pub(crate) fn exists(name: &str) -> Refusal {
    Refusal::response(
        &refusals::UPSTREAM_EXISTS,
        format!("there is an upstream `{name}` already"),
    )
    .with_remedy(format!(
        "choose another name, for example {name}2; or doorward upstream edit {name}"
    ))
}

pub(crate) fn in_use(upstream: &Upstream, people: i64) -> Refusal {
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
