//! `device_code` and `ciba`: tokens for what a person answered somewhere else, once (RFC 8628 §3.4, CIBA §10.1).

use std::sync::Arc;

use doorward_apps::App;
use doorward_jose::Secret;
use doorward_oidc::{Refusal, TokenResponse};
use doorward_provider::{
    KeyRing, Steps,
    decoupled::{self as rules, AUTHORIZATION_PENDING, REQUEST_DENIED, REQUEST_EXPIRED, SLOW_DOWN, may_poll},
    issue,
    token::{
        current_scope, grant_is_over,
        refresh::{binding, is_due},
    },
};
use doorward_store::{
    StoreError, Ticket, app_sessions,
    decoupled::{self, Decoupled, Kind, Poll},
    grants::{self, Grant},
    refresh,
};
use jiff::Timestamp;

use super::{error::Trouble, grant, token::Exchange, token_code::person};

/// What became of a request that the person said yes to, in the unit of work that gives its tokens.
enum Taken {
    Given,
    /// Of two requests at the same time, this one came second.
    ByAnother,
    /// The proof beside the request was used before.
    ProofReplayed(Refusal, Steps),
    /// What the person granted has ended.
    Over,
}

/// Answers a client that asks.
pub(super) async fn fetch(
    exchange: &mut Exchange<'_>,
    app: &Arc<App>,
    keys: &KeyRing,
    kind: Kind,
    presented: &Secret<String>,
) -> Result<TokenResponse, Trouble> {
    may_poll(app, kind == Kind::Device, &mut exchange.steps)?;
    let Some(ticket) = Ticket::parse(presented.expose()) else {
        return Err(rules::unknown("what was presented is none of ours, or was cut off").into());
    };
    let polled = poll(exchange, app, kind, &ticket).await?;
    let (found, answer) = approved(polled);
    if let Some(found) = &found {
        exchange.trace = trace(found);
    }
    let approved = exchange.steps.record("decoupled.poll", answer)?;
    let grant = live_grant(exchange, &approved).await?;
    let facts = person(exchange.door, &grant).await?;
    let stored = grant::facts(&grant, false)?;
    // Whatever can fail comes before it is taken, or in the same unit, as with a code.
    let now = exchange.visit.now;
    let scope = current_scope(app, &facts, &stored.scope, now.as_second(), &mut exchange.steps)?;
    let issued = issue::issue(exchange.mint(keys), app, &facts, &stored, scope)?;
    let next = is_due(app, &stored.scope).then(|| Ticket::new(now, &*exchange.door.random));
    let subject = issued.subject.clone();
    let (refresh_ticket, lifetime) = (next.clone(), app.lifetimes.refresh_token);
    let bound_to = binding(app, &exchange.shown.confirmation).to_stored();
    let (app_id, shown) = (app.id, exchange.shown.clone());
    let taken = exchange
        .door
        .store
        .write::<_, StoreError>(now, move |tx| {
            let Some(grant) = grants::find(tx, grant.id)? else {
                return Ok(Taken::Over);
            };
            if !grants::goes_on(tx, &grant)? {
                return Ok(Taken::Over);
            }
            // Before it is taken: whoever repeats somebody's proof spends nothing of theirs.
            let mut steps = Steps::new();
            if let Some(refusal) = shown.claim_once(tx, &mut steps)? {
                return Ok(Taken::ProofReplayed(refusal, steps));
            }
            if !decoupled::take(tx, &ticket)? {
                return Ok(Taken::ByAnother);
            }
            // From now on the application is told when the session ends.
            if let Some(session) = grant.session_id {
                app_sessions::note(tx, session, app_id, &subject)?;
            }
            if let Some(ticket) = refresh_ticket {
                let expires = Timestamp::from_second(tx.now().as_second().saturating_add(lifetime));
                let expires = expires.unwrap_or(grant.expires);
                refresh::start_bound(tx, &ticket, grant.id, expires, grant.expires, bound_to.as_deref())?;
            }
            Ok(Taken::Given)
        })
        .await?;
    let refusal = match taken {
        Taken::Given => None,
        Taken::ByAnother => Some(rules::unknown("it was fetched by another request at the same time")),
        Taken::ProofReplayed(refusal, steps) => {
            exchange.steps.extend(steps);
            return Err(refusal.into());
        }
        Taken::Over => Some(grant_is_over()),
    };
    if let Some(refusal) = refusal {
        exchange.steps.refused("decoupled.taken", &refusal);
        return Err(refusal.into());
    }
    for skipped in &issued.skipped {
        exchange.steps.info("token.claims", skipped.to_string());
    }
    Ok(issued.into_response(next.map(|ticket| ticket.encode())))
}

/// Looks first: who asks with codes that are none, or faster than anybody answers, causes no write.
async fn poll(exchange: &Exchange<'_>, app: &App, kind: Kind, ticket: &Ticket) -> Result<Poll, StoreError> {
    let (store, now, app_id) = (&exchange.door.store, exchange.visit.now, app.id);
    let wanted = ticket.clone();
    let seen = store.read(move |tx| decoupled::peek(tx, &wanted, kind, app_id, now));
    if let Some(seen) = seen.await? {
        return Ok(seen);
    }
    let wanted = ticket.clone();
    store
        .write(now, move |tx| decoupled::poll(tx, &wanted, kind, app_id))
        .await
}

/// What the client is told, with the request whose trace it belongs to.
fn approved(polled: Poll) -> (Option<Decoupled>, Result<Decoupled, Refusal>) {
    let refuse = |kind, detail: String| Refusal::response(kind, detail);
    match polled {
        Poll::Approved(found) => (Some(found.clone()), Ok(found)),
        Poll::Waiting => (
            None,
            Err(refuse(&AUTHORIZATION_PENDING, "nobody has answered".to_owned())),
        ),
        Poll::TooEarly(interval) => {
            let detail = format!("it came too early; its interval is {interval} s now");
            (None, Err(refuse(&SLOW_DOWN, detail)))
        }
        Poll::Denied(found) => (
            Some(found),
            Err(refuse(&REQUEST_DENIED, "the person said no".to_owned())),
        ),
        Poll::Expired(found) => {
            let detail = format!("it ended at {}", found.expires);
            (Some(found), Err(refuse(&REQUEST_EXPIRED, detail)))
        }
        Poll::Taken(found) => (Some(found), Err(rules::unknown("its tokens were fetched before"))),
        Poll::Unknown => (
            None,
            Err(rules::unknown("no such request, or one of another application")),
        ),
    }
}

async fn live_grant(exchange: &Exchange<'_>, approved: &Decoupled) -> Result<Grant, Trouble> {
    let Some(id) = approved.grant_id else {
        return Err(grant_is_over().into());
    };
    let now = exchange.visit.now;
    let found = exchange
        .door
        .store
        .read::<_, StoreError>(move |tx| grants::find(tx, id))
        .await?;
    found
        .filter(|grant| grant.is_live(now))
        .ok_or_else(|| grant_is_over().into())
}

fn trace(found: &Decoupled) -> Option<doorward_audit::Reference> {
    crate::decoupled::Asked::of(found).ok()?.trace.parse().ok()
}
