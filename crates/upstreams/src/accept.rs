//! A login that comes in: identity, person, groups and event as one unit of work, with whatever the caller opens for them.

use std::sync::Arc;

use doorward_audit::{Event, Reference};
use doorward_claims::{Evaluation, OnMissing};
use doorward_directory::{Actor, User, within};
use doorward_jose::Random;
use doorward_oidc::Refusal;
use doorward_store::{Change, MasterKey, StoreError, Topic, Tx};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::decide::{Judged, Who, judge};
use crate::{Arrival, IdentityOrigin, Upstream, UpstreamsError, apply, identities, rows, sessions};

/// How often a unit is tried in which two people took the same free name at the same time.
pub(crate) const TRIES: usize = 3;

/// Where a login comes from, for its event.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The client's address.
    pub address: Option<String>,
    /// The trace of the login that it belongs to.
    pub trace: Option<Reference>,
}

/// A login that came in.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Who it is, as they are after the login.
    pub user: User,
    /// How that was known.
    pub how: How,
    /// What every rule said.
    pub evaluation: Evaluation,
    /// What the rules wanted and could not have.
    pub notes: Vec<String>,
    /// The subject.
    pub subject: String,
    /// How they authenticated (RFC 8176): what the upstream says, if its word on that is trusted.
    pub amr: Vec<String>,
    /// When the session must end at the latest, for an upstream whose sessions are bound to its token.
    pub not_after: Option<Timestamp>,
}

/// How it was known who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum How {
    /// They came before.
    Known,
    /// Their account was here, and became theirs with this login.
    Linked,
    /// They have an account since this login.
    Created,
}

impl How {
    /// The word in events and on pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Linked => "linked",
            Self::Created => "created",
        }
    }
}

/// What a login would come to; nothing was written.
#[derive(Debug, Clone)]
pub struct Preview {
    /// The claims that were judged.
    pub claims: serde_json::Map<String, Value>,
    /// The subject, if it could be read.
    pub subject: Option<String>,
    /// What every rule said; none when it did not come to that.
    pub evaluation: Option<Evaluation>,
    /// Who it would be and how, by user name, or why nobody. For a new user the name is what it would be made from.
    pub outcome: Result<(How, String), Refusal>,
}

/// What a unit of work on another thread needs of the service.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) master: Arc<MasterKey>,
    pub(crate) random: Arc<dyn Random>,
}

/// Judges and writes. `confirmed_by` is the user who is logged in and says that this is them.
pub(crate) fn enter(
    tx: &mut Tx<'_>,
    keys: &Keys,
    arrival: &Arrival,
    confirmed_by: Option<Uuid>,
    context: &Context,
) -> Result<Accepted, UpstreamsError> {
    if sessions::has_ended(tx, arrival)? {
        return Err(Refusal::page(
            &crate::refusals::ATTEMPT_EXPIRED,
            "the upstream said that this session has ended while the login was under way",
        )
        .into());
    }
    let upstream = existing(tx, arrival.upstream)?;
    let confirmed_by = match confirmed_by {
        Some(id) => Some(person(tx, id)?),
        None => None,
    };
    let mut judged = judge(tx, &upstream, arrival, confirmed_by.as_ref())?;
    if !matches!(judged.who, Ok(Who::Known(..))) {
        // Two first logins of one person at the same time: the second waits, and then finds what the first has written. Also
        // what was refused is judged again, since half of that may have been seen.
        rows::take_turn(tx, upstream.id)?;
        judged = judge(tx, &upstream, arrival, confirmed_by.as_ref())?;
    }
    write(tx, keys, &upstream, arrival, judged, context)
}

fn write(
    tx: &mut Tx<'_>,
    keys: &Keys,
    upstream: &Upstream,
    arrival: &Arrival,
    judged: Judged,
    context: &Context,
) -> Result<Accepted, UpstreamsError> {
    let actor = actor(upstream);
    let random = keys.random.as_ref();
    let key = (upstream.id, arrival.issuer.as_str(), judged.subject.as_str());
    let (how, user, changes) = match judged.who? {
        Who::Known(user, changes) => (How::Known, *user, changes),
        Who::Linked(user, origin, changes) => {
            first(identities::insert(tx, random, key, user.id, origin)?)?;
            (How::Linked, *user, changes)
        }
        Who::New(changes) => {
            let user = apply::create(tx, &actor, random, &changes, &judged.claims)?;
            first(identities::insert(tx, random, key, user.id, IdentityOrigin::Created)?)?;
            (How::Created, user, changes)
        }
    };
    // Whoever ends this person's access comes before, or waits for this unit.
    if !within::lock_enabled(tx, user.id)? {
        return Err(Refusal::page(
            &crate::refusals::ACCOUNT_DISABLED,
            format!("{} was closed or removed during the login", user.name),
        )
        .into());
    }
    let (user, notes) = apply::apply(tx, &actor, random, upstream, user, &changes)?;
    let groups = upstream.rules.groups.as_ref();
    // Groups that were only kept are no news. None at all are, where that is what a missing claim means.
    let groups = groups.filter(|_| arrival.groups_unknown.is_none());
    let groups = groups.and_then(|groups| match groups.claim.find(&judged.claims) {
        None if groups.on_missing == OnMissing::Clear => Some(json!([])),
        found => found.cloned(),
    });
    identities::note(tx, key, &judged.claims, groups.as_ref())?;
    within::note_login(tx, user.id)?;
    let user = User {
        last_login: Some(tx.now()),
        ..user
    };
    record(tx, upstream, &user, how, key.2, &notes, context)?;
    Ok(Accepted {
        how,
        notes,
        subject: judged.subject,
        evaluation: judged
            .evaluation
            .ok_or_else(|| StoreError::Damaged("a login that was accepted without a judgement".to_owned()))?,
        not_after: not_after(upstream, arrival),
        amr: if upstream.trusted_amr {
            arrival.amr.clone()
        } else {
            Vec::new()
        },
        user,
    })
}

/// Gives the whole unit up when the subject became somebody's since it was judged: the next try finds who that is.
fn first(is_first: bool) -> Result<(), UpstreamsError> {
    if is_first {
        return Ok(());
    }
    Err(StoreError::Busy("the subject became somebody's at the same moment".to_owned()).into())
}

/// What the login would come to.
pub(crate) fn preview(tx: &mut Tx<'_>, arrival: &Arrival) -> Result<Preview, UpstreamsError> {
    let upstream = existing(tx, arrival.upstream)?;
    let judged = judge(tx, &upstream, arrival, None)?;
    let outcome = match judged.who {
        Ok(Who::Known(user, _)) => Ok((How::Known, user.name.to_string())),
        Ok(Who::Linked(user, ..)) => Ok((How::Linked, user.name.to_string())),
        Ok(Who::New(changes)) => Ok((How::Created, apply::wanted_name(&changes, &judged.claims))),
        Err(refusal) => Err(refusal),
    };
    Ok(Preview {
        claims: judged.claims,
        subject: (!judged.subject.is_empty()).then_some(judged.subject),
        evaluation: judged.evaluation,
        outcome,
    })
}

/// Notes a session that began with this arrival, so that a logout at the upstream finds it.
pub(crate) fn note_session(
    tx: &mut Tx<'_>,
    keys: &Keys,
    session: Uuid,
    arrival: &Arrival,
    expires: Timestamp,
) -> Result<(), StoreError> {
    sessions::note(tx, (&keys.master, keys.random.as_ref()), session, arrival, expires)
}

fn not_after(upstream: &Upstream, arrival: &Arrival) -> Option<Timestamp> {
    if !upstream.session_bound {
        return None;
    }
    let expires = arrival
        .expires
        .or_else(|| arrival.claims.get("exp").and_then(Value::as_i64))?;
    Timestamp::from_second(expires).ok()
}

pub(crate) fn existing(tx: &mut Tx<'_>, id: Uuid) -> Result<Upstream, UpstreamsError> {
    rows::by_id(tx, id)?.ok_or_else(|| {
        Refusal::page(
            &crate::refusals::UPSTREAM_UNKNOWN,
            "the upstream was removed during the login",
        )
        .into()
    })
}

pub(crate) fn person(tx: &mut Tx<'_>, id: Uuid) -> Result<User, UpstreamsError> {
    within::user(tx, id)?.ok_or_else(|| {
        Refusal::page(
            &crate::refusals::LINK_REFUSED,
            "the user who confirmed the login is not there any more",
        )
        .into()
    })
}

/// As whom an upstream's rules change people: the administrator who wrote them had full rights.
pub(crate) fn actor(upstream: &Upstream) -> Actor {
    Actor {
        name: format!("upstream {}", upstream.name),
        ..Actor::server()
    }
}

fn record(
    tx: &mut Tx<'_>,
    upstream: &Upstream,
    user: &User,
    how: How,
    subject: &str,
    notes: &[String],
    context: &Context,
) -> Result<(), StoreError> {
    let by = doorward_audit::Actor::new(user.id, user.name.to_string(), "login");
    let mut event = Event::new("upstream.login", by)
        .about("upstream", Some(upstream.id), &upstream.name)
        .in_trace(context.trace)
        .with_data(json!({ "how": how.as_str(), "subject": subject, "notes": notes }));
    if let Some(address) = &context.address {
        event = event.from_address(address);
    }
    doorward_audit::events::record(tx, &event)?;
    if how != How::Known {
        tx.announce(Change::of(Topic::People, user.id));
    }
    Ok(())
}

/// Keeps a refused login: who knocked is not known, why they were refused is.
pub(crate) fn record_refusal(
    tx: &mut Tx<'_>,
    upstream: &Upstream,
    refusal: &Refusal,
    context: &Context,
) -> Result<(), StoreError> {
    let by = doorward_audit::Actor::named(format!("somebody at {}", upstream.name), "login");
    let mut event = Event::new("upstream.login", by)
        .about("upstream", Some(upstream.id), &upstream.name)
        .in_trace(context.trace)
        .refused(refusal.kind.code)
        .with_data(json!({ "detail": refusal.detail }));
    if let Some(address) = &context.address {
        event = event.from_address(address);
    }
    doorward_audit::events::record(tx, &event).map(|_| ())
}
