//! Upstreams as files say them: read and changed inside the one unit of work that carries out all files of an installation.
//! What a file says goes through the same edits as what an administrator types. Nobody is asked over the network meanwhile: the
//! events say so.

use doorward_directory::{Actor, Right};
use doorward_jose::constant_time_eq;
use doorward_oidc::Refusal;
use doorward_store::{StoreError, Tx, new_id};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::administration::{check_secret, exists, in_use, seal};
use crate::connections::open_secret;
use crate::service::event;
use crate::{
    Edit, NewUpstream, Probing, Upstream, Upstreams, UpstreamsError, apply, changes, identities, presets, rows,
    sessions, values,
};

/// What is known of the secret that a file names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given<'a> {
    /// The file names none.
    Nothing,
    /// This one.
    Secret(&'a str),
    /// It names one that nobody has read yet: enough for a plan, which is judged without it.
    NotRead,
}

impl Given<'_> {
    fn secret(self) -> Result<Option<String>, Refusal> {
        match self {
            Self::Secret(secret) => values::secret(secret).map(Some),
            Self::Nothing | Self::NotRead => Ok(None),
        }
    }
}

/// The upstreams inside a unit of work.
#[derive(Clone)]
pub struct InUnit {
    upstreams: Upstreams,
}

impl Upstreams {
    /// What a unit of work that carries out files needs of this service.
    pub fn in_unit(&self) -> InUnit {
        InUnit {
            upstreams: self.clone(),
        }
    }
}

impl InUnit {
    /// Every upstream with its groups.
    pub fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<Upstream>, StoreError> {
        rows::all(tx)
    }

    /// Adds an upstream. Right: full.
    pub fn add(
        &self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        wanted: &Upstream,
        groups: &[String],
        given: Given<'_>,
    ) -> Result<(), UpstreamsError> {
        actor.require(Right::Full)?;
        let mut base = base(wanted)?;
        let keys = self.upstreams.keys();
        base.id = new_id(tx.now(), keys.random.as_ref());
        (base.created, base.changed) = (tx.now(), tx.now());
        let mut upstream = declared(&base, wanted, groups)?;
        let secret = given.secret()?;
        check_secret(&upstream, given != Given::Nothing)?;
        self.builds(&upstream, secret.clone(), given)?;
        upstream.secret = secret.map(|secret| seal(keys, upstream.id, &secret));
        if !rows::insert(tx, &upstream)? {
            return Err(exists(&upstream.name).into());
        }
        upstream.groups = rows::set_groups(tx, upstream.id, groups)?;
        let data = changes::added(&upstream, Probing::Skipped);
        event(tx, actor, &upstream, "upstream.add", data)?;
        Ok(())
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
        let keys = self.upstreams.keys();
        let before = rows::lock(tx, &wanted.name)?;
        let mut after = declared(&before, wanted, groups)?;
        let secret = given.secret()?;
        if let Some(secret) = &secret {
            after.secret = Some(seal(keys, after.id, secret));
        } else if after.authentication == crate::Authentication::None {
            after.secret = None;
        }
        check_secret(&after, after.secret.is_some() || given == Given::NotRead)?;
        let plain = open_secret(&keys.master, &after)?;
        self.builds(&after, plain, given)?;
        rows::update(tx, &after)?;
        after.groups = rows::set_groups(tx, after.id, groups)?;
        let data = changes::between(&before, &after, Probing::Skipped);
        event(tx, actor, &after, "upstream.edit", data)?;
        if secret.is_some() {
            event(tx, actor, &after, "upstream.secret.set", serde_json::Value::Null)?;
        }
        if before.enabled && !after.enabled {
            let ended = sessions::end_of_upstream(tx, after.id)?;
            if !ended.is_empty() {
                event(tx, actor, &after, "upstream.logout", json!({ "sessions": ended }))?;
            }
        }
        Ok(())
    }

    /// That a connection can be built; without its secret everything but how this server authenticates there.
    fn builds(&self, upstream: &Upstream, secret: Option<String>, given: Given<'_>) -> Result<(), UpstreamsError> {
        let connections = self.upstreams.connections();
        if given == Given::NotRead {
            let public = Upstream {
                authentication: crate::Authentication::None,
                ..upstream.clone()
            };
            return connections.fresh(&public, None).map(|_| ());
        }
        connections.fresh(upstream, secret).map(|_| ())
    }

    /// Removes an upstream through which nobody has come. Right: full.
    pub fn remove(&self, tx: &mut Tx<'_>, actor: &Actor, name: &str) -> Result<(), UpstreamsError> {
        actor.require(Right::Full)?;
        let upstream = rows::lock(tx, name)?;
        let people = identities::count(tx, upstream.id)?;
        if people > 0 {
            return Err(in_use(&upstream, people).into());
        }
        let ended = sessions::end_of_upstream(tx, upstream.id)?;
        rows::delete(tx, &upstream)?;
        let data = json!({ "identities": people, "sessions": ended });
        event(tx, actor, &upstream, "upstream.remove", data)?;
        Ok(())
    }

    /// Whether this is the secret that is sent there.
    pub fn has_secret(&self, upstream: &Upstream, secret: &str) -> Result<bool, UpstreamsError> {
        let held = open_secret(&self.upstreams.keys().master, upstream)?;
        Ok(held.is_some_and(|held| constant_time_eq(held.as_bytes(), secret.as_bytes())))
    }
}

/// The upstream that a preset gives for an issuer: what a file that says nothing else means.
pub fn base_of(preset: &str, name: &str, issuer: Option<&str>, client_id: &str) -> Result<Upstream, Refusal> {
    let new = NewUpstream {
        preset: preset.to_owned(),
        name: name.to_owned(),
        issuer: issuer.map(str::to_owned),
        client_id: client_id.to_owned(),
        // So that presets for every tenant are not refused before the tenants are read.
        edits: Vec::new(),
        ..NewUpstream::default()
    };
    new.base(Uuid::nil(), Timestamp::UNIX_EPOCH)
}

fn base(wanted: &Upstream) -> Result<Upstream, Refusal> {
    base_of(&wanted.preset, &wanted.name, Some(&wanted.issuer), &wanted.client_id)
}

/// `before`, made what `wanted` says.
fn declared(before: &Upstream, wanted: &Upstream, groups: &[String]) -> Result<Upstream, Refusal> {
    if before.preset != wanted.preset {
        presets().require(&wanted.preset)?;
        return Err(values::invalid(format!(
            "{} was added from the preset {}; expected that one, received {}",
            before.name, before.preset, wanted.preset
        ))
        .with_remedy("remove it and add it again: what it is follows from its preset"));
    }
    let mut edits: Vec<Edit> = before
        .parameters
        .keys()
        .map(|name| Edit::Parameter(name.clone(), None))
        .collect();
    // Taken apart without a rest: a setting that is new does not compile until it is here.
    let Upstream {
        id: _,
        name: _,
        created: _,
        changed: _,
        version: _,
        enabled,
        secret: _,
        groups: _,
        title,
        button,
        preset: _,
        issuer,
        tenants,
        issuer_aliases,
        endpoints,
        client_id,
        authentication,
        scopes,
        algorithms,
        parameters,
        response_mode,
        leeway,
        userinfo,
        lookup,
        lookup_url,
        lookup_failure,
        rules,
        create_users,
        link,
        trusted_email,
        trusted_amr,
        domains,
        session_bound,
        ca_pem,
        allow_private,
        timeout,
    } = wanted.clone();
    if issuer != before.issuer {
        edits.push(Edit::Issuer(issuer));
    }
    edits.extend([Edit::Title(title), Edit::Button(button), Edit::Lookup(lookup)]);
    edits.extend(lookup_url.map(Edit::LookupUrl));
    edits.extend([
        Edit::Tenants(tenants),
        Edit::ClientId(client_id),
        Edit::Authentication(authentication),
        // After the address of a lookup, which moves scopes along.
        Edit::Scopes(scopes),
        Edit::Algorithms(algorithms),
        Edit::ResponseMode(response_mode),
        Edit::Leeway(leeway),
        Edit::Userinfo(userinfo),
        Edit::LookupFailure(lookup_failure),
        Edit::Rules(Box::new(rules)),
        Edit::CreateUsers(create_users),
        Edit::Link(link),
        Edit::TrustedEmail(trusted_email),
        Edit::TrustedAmr(trusted_amr),
        Edit::Domains(domains),
        Edit::Groups(groups.to_vec()),
        Edit::SessionBound(session_bound),
        Edit::Ca(ca_pem),
        Edit::AllowPrivate(allow_private),
        Edit::Timeout(timeout),
        Edit::Enabled(enabled),
    ]);
    edits.extend(
        parameters
            .into_iter()
            .map(|(name, value)| Edit::Parameter(name, Some(value))),
    );
    let after = apply(before, &edits)?;
    // Nobody can type these: they follow from preset and issuer, and a file says what is there or nothing.
    if (&issuer_aliases, &endpoints) != (&after.issuer_aliases, &after.endpoints) {
        return Err(values::invalid(format!(
            "issuer_aliases and endpoints of {} follow from its preset {}; leave them out",
            before.name, before.preset
        )));
    }
    Ok(after)
}
