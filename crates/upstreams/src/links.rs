//! Who is whom: linked and unlinked by administrators and by the people themselves.

use std::sync::Arc;

use doorward_directory::{Actor, Right, User, UserKind, within};
use doorward_oidc::{Refusal, shown};
use doorward_store::{StoreError, Tx};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::service::event;
use crate::{
    Identity, IdentityOrigin, Upstream, Upstreams, UpstreamsError, identities, refusals, rows, sessions, values,
};

impl Upstreams {
    /// Who came through an upstream, oldest first, after the row `after`. Right: read-people.
    pub async fn identities(
        &self,
        actor: &Actor,
        name: &str,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Identity>, UpstreamsError> {
        self.may(actor, Right::ReadPeople).await?;
        let name = name.to_owned();
        self.store()
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
        let random = Arc::clone(&self.keys().random);
        self.store()
            .write(now, move |tx| {
                let actor = within::current(tx, &actor)?;
                actor.require(Right::Full)?;
                let upstream = rows::find(tx, &name)?;
                // First logins wait for this, or this for them: both decide who a subject is.
                rows::take_turn(tx, upstream.id)?;
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
        self.store()
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
        self.store()
            .write::<_, UpstreamsError>(now, move |tx| {
                // Two at once would each find the other's login still there.
                within::lock_enabled(tx, user)?;
                let person = existing_person(tx, user)?;
                let all = identities::of_user(tx, user)?;
                let Some(identity) = all.iter().find(|one| one.id == identity) else {
                    return Err(not_linked("this login").into());
                };
                if !has_other_way(tx, &person, identity.id, &all)? {
                    return Err(Refusal::response(
                        &refusals::LINK_REFUSED,
                        "it is the only way in: the account has no password that logs it in and no other login",
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

/// Whether a person can still come in without this login. A login at an upstream that is switched off is no way in, nor is
/// the password of somebody whose group logs in through an upstream.
fn has_other_way(
    tx: &mut Tx<'_>,
    person: &User,
    without: Uuid,
    identities: &[Identity],
) -> Result<bool, UpstreamsError> {
    let routes = match within::facts(tx, person.id)? {
        Some(facts) => rows::routes_of(tx, &facts)?,
        None => Vec::new(),
    };
    if person.has_password && routes.is_empty() {
        return Ok(true);
    }
    for identity in identities.iter().filter(|identity| identity.id != without) {
        let leads_in = routes.is_empty() || routes.iter().any(|route| route.id == identity.upstream);
        if leads_in && rows::by_id(tx, identity.upstream)?.is_some_and(|upstream| upstream.enabled) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn existing_person(tx: &mut Tx<'_>, id: Uuid) -> Result<User, UpstreamsError> {
    let Some(user) = within::user(tx, id)? else {
        return Err(values::invalid(format!("no user has the id {id}")).into());
    };
    if user.kind != UserKind::Person {
        return Err(Refusal::response(
            &refusals::LINK_REFUSED,
            format!("{} is a service account: it has API tokens, and no login", user.name),
        )
        .into());
    }
    Ok(user)
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
