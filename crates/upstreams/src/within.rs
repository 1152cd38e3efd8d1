//! Upstreams and who is whom there, inside the unit of work of another subject: files and imports write them with people, groups
//! and applications together, or not at all. Nobody is asked over the network meanwhile: the events say so. What is stored here is
//! [`Ready`]; edits and secrets that somebody types are stored by `administration`, which checks them before its unit (decision 0250).

use doorward_directory::{Actor, Right};
use doorward_jose::constant_time_eq;
use doorward_store::{StoreError, Tx, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    Authentication, IdentityOrigin, NewUpstream, Probing, Upstream, Upstreams, UpstreamsError,
    administration::{check_secret, exists, groups_of, in_use, seal},
    changes,
    connections::open_secret,
    declared::{base, declared},
    identities, rows,
    service::event,
    sessions, values,
};

/// What is known of the secret of an upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given<'a> {
    /// None is given: it keeps the one it has.
    Nothing,
    /// This one.
    Secret(&'a str),
    /// A file names one that nobody has read yet: enough for a plan, which is judged without it.
    NotRead,
}

/// An upstream of which a connection can be built, with its secret sealed.
pub(crate) struct Ready(Upstream);

impl Ready {
    pub(crate) fn upstream(&self) -> &Upstream {
        &self.0
    }
}

/// The upstreams inside a unit of work.
#[derive(Clone)]
pub struct InUnit {
    upstreams: Upstreams,
}

impl Upstreams {
    /// What a unit of work over several subjects needs of this service.
    pub fn in_unit(&self) -> InUnit {
        InUnit {
            upstreams: self.clone(),
        }
    }

    /// Checks an upstream as it is to be stored, with the secret that is given or that it has.
    pub(crate) fn ready(&self, mut upstream: Upstream, given: Given<'_>) -> Result<Ready, UpstreamsError> {
        let keys = self.keys();
        if let Given::Secret(secret) = given {
            upstream.secret = Some(seal(keys, upstream.id, &values::secret(secret)?));
        }
        let is_not_read = given == Given::NotRead;
        check_secret(&upstream, upstream.secret.is_some() || is_not_read)?;
        // Without its secret everything but how this server authenticates there.
        let built = Upstream {
            authentication: if is_not_read {
                Authentication::None
            } else {
                upstream.authentication
            },
            ..upstream.clone()
        };
        let secret = if is_not_read {
            None
        } else {
            open_secret(&keys.master, &upstream)?
        };
        self.connections().fresh(&built, secret)?;
        Ok(Ready(upstream))
    }
}

/// Stores a new upstream with the groups that log in there. Right: full.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    actor: &Actor,
    Ready(mut upstream): Ready,
    groups: &[String],
    probing: Probing,
) -> Result<Upstream, UpstreamsError> {
    actor.require(Right::Full)?;
    let groups = rows::resolve_groups(tx, groups)?;
    if !rows::insert(tx, &upstream)? {
        return Err(exists(&upstream.name).into());
    }
    upstream.groups = rows::put_groups(tx, upstream.id, &groups)?;
    event(tx, actor, &upstream, "upstream.add", changes::added(&upstream, probing))?;
    Ok(upstream)
}

/// Records what became of a locked upstream. The sessions that began through one that is switched off end: mostly that is done
/// because it is not to be trusted any more, and neither is what it said before.
pub(crate) fn changed(
    tx: &mut Tx<'_>,
    actor: &Actor,
    (before, after): (&Upstream, &Upstream),
    action: &'static str,
    probing: Probing,
) -> Result<(), UpstreamsError> {
    event(tx, actor, after, action, changes::between(before, after, probing))?;
    if before.enabled && !after.enabled {
        let ended = sessions::end_of_upstream(tx, after.id)?;
        if !ended.is_empty() {
            event(tx, actor, after, "upstream.logout", json!({ "sessions": ended }))?;
        }
    }
    Ok(())
}

/// Removes an upstream; see [`Upstreams::remove`]. Right: full.
pub(crate) fn remove(
    tx: &mut Tx<'_>,
    actor: &Actor,
    name: &str,
    even_with_identities: bool,
) -> Result<(), UpstreamsError> {
    actor.require(Right::Full)?;
    let upstream = rows::lock(tx, name)?;
    let people = identities::count(tx, upstream.id)?;
    if people > 0 && !even_with_identities {
        return Err(in_use(&upstream, people).into());
    }
    let ended = sessions::end_of_upstream(tx, upstream.id)?;
    rows::delete(tx, &upstream)?;
    let data = json!({ "identities": people, "sessions": ended });
    Ok(event(tx, actor, &upstream, "upstream.remove", data)?)
}

impl InUnit {
    /// Every upstream with its groups.
    pub fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<Upstream>, StoreError> {
        rows::all(tx)
    }

    /// The upstream of this name; `None` when there is none.
    pub fn find(&self, tx: &mut Tx<'_>, name: &str) -> Result<Option<Upstream>, UpstreamsError> {
        match rows::find(tx, name) {
            Ok(upstream) => Ok(Some(upstream)),
            Err(UpstreamsError::Refused(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Adds an upstream as somebody describes it; all of it, or a refusal before anything is written. Right: full.
    pub fn add(&self, tx: &mut Tx<'_>, actor: &Actor, new: &NewUpstream) -> Result<(), UpstreamsError> {
        let upstream = new.build(new_id(tx.now(), self.upstreams.keys().random.as_ref()), tx.now())?;
        let given = new
            .secret
            .as_ref()
            .map_or(Given::Nothing, |secret| Given::Secret(secret.expose()));
        let groups = groups_of(&new.edits).unwrap_or_default();
        let ready = self.upstreams.ready(upstream, given)?;
        insert(tx, actor, ready, &groups, Probing::Skipped).map(drop)
    }

    /// Adds an upstream as a file says it. Right: full.
    pub fn declare(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        wanted: &Upstream,
        groups: &[String],
        given: Given<'_>,
    ) -> Result<(), UpstreamsError> {
        let base = Upstream {
            id: new_id(tx.now(), self.upstreams.keys().random.as_ref()),
            created: tx.now(),
            changed: tx.now(),
            ..base(wanted)?
        };
        let ready = self.upstreams.ready(declared(&base, wanted, groups)?, given)?;
        insert(tx, actor, ready, groups, Probing::Skipped).map(drop)
    }

    /// Makes an upstream what `wanted` says; without a secret it keeps the one it has. Right: full.
    pub fn change(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        wanted: &Upstream,
        groups: &[String],
        given: Given<'_>,
    ) -> Result<(), UpstreamsError> {
        actor.require(Right::Full)?;
        let before = rows::lock(tx, &wanted.name)?;
        let mut after = declared(&before, wanted, groups)?;
        if after.authentication == Authentication::None {
            after.secret = None;
        }
        let Ready(mut after) = self.upstreams.ready(after, given)?;
        let groups = rows::resolve_groups(tx, groups)?;
        rows::update(tx, &after)?;
        after.groups = rows::put_groups(tx, after.id, &groups)?;
        changed(tx, actor, (&before, &after), "upstream.edit", Probing::Skipped)?;
        if matches!(given, Given::Secret(_)) {
            event(tx, actor, &after, "upstream.secret.set", Value::Null)?;
        }
        Ok(())
    }

    /// Removes an upstream through which nobody has come. Right: full.
    pub fn remove(&self, tx: &mut Tx<'_>, actor: &Actor, name: &str) -> Result<(), UpstreamsError> {
        remove(tx, actor, name, false)
    }

    /// Whether this is the secret that is sent there.
    pub fn has_secret(&self, upstream: &Upstream, secret: &str) -> Result<bool, UpstreamsError> {
        let held = open_secret(&self.upstreams.keys().master, upstream)?;
        Ok(held.is_some_and(|held| constant_time_eq(held.as_bytes(), secret.as_bytes())))
    }

    /// Says that a subject of an upstream is this user; false when somebody is known by it already. Right: full.
    pub fn link(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        upstream: &Upstream,
        subject: &str,
        user: Uuid,
    ) -> Result<bool, UpstreamsError> {
        actor.require(Right::Full)?;
        if !identities::is_subject(subject) {
            return Ok(false);
        }
        let key = (upstream.id, upstream.issuer.as_str(), subject);
        let random = self.upstreams.keys().random.as_ref();
        let added = identities::insert(tx, random, key, user, IdentityOrigin::Administrator)?;
        if added {
            let data = json!({ "user": user, "issuer": upstream.issuer, "subject": subject });
            event(tx, actor, upstream, "upstream.link", data)?;
        }
        Ok(added)
    }
}
