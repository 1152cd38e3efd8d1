//! Upstreams and who is whom there, inside the unit of work of whoever imports them. Nobody is asked over the network.

use doorward_directory::{Actor, Right};
use doorward_jose::Secret;
use doorward_store::{Tx, new_id};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::{
    IdentityOrigin, NewUpstream, Probing, Upstream, Upstreams, UpstreamsError,
    administration::{check_secret, exists, seal},
    changes, identities, rows,
    service::event,
    values,
};

impl Upstreams {
    /// The upstream of this name, as it is in this unit of work; `None` when there is none.
    pub fn find_within(&self, tx: &mut Tx<'_>, name: &str) -> Result<Option<Upstream>, UpstreamsError> {
        match rows::find(tx, name) {
            Ok(upstream) => Ok(Some(upstream)),
            Err(UpstreamsError::Refused(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Adds an upstream without asking it: all of it, or a refusal before anything is written. Right: full.
    pub fn add_within(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        new: &NewUpstream,
        now: Timestamp,
    ) -> Result<Upstream, UpstreamsError> {
        actor.require(Right::Full)?;
        let keys = self.keys();
        let mut upstream = new.build(new_id(now, keys.random.as_ref()), now)?;
        let secret = new.secret.as_ref().map(Secret::expose);
        let secret = secret.map(|secret| values::secret(secret)).transpose()?;
        check_secret(&upstream, secret.is_some())?;
        upstream.secret = secret.map(|secret| seal(keys, upstream.id, &secret));
        if !rows::insert(tx, &upstream)? {
            return Err(exists(&upstream.name).into());
        }
        event(
            tx,
            actor,
            &upstream,
            "upstream.add",
            changes::added(&upstream, Probing::Skipped),
        )?;
        Ok(upstream)
    }

    /// Says that a subject of an upstream is this user; false when somebody is known by it already. Right: full.
    pub fn link_within(
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
        let random = self.keys().random.as_ref();
        let added = identities::insert(tx, random, key, user, IdentityOrigin::Administrator)?;
        if added {
            let data = json!({ "user": user, "issuer": upstream.issuer, "subject": subject });
            event(tx, actor, upstream, "upstream.link", data)?;
        }
        Ok(added)
    }
}
