//! `authorization_code`: a code for tokens, once (RFC 6749 §4.1.3).

use std::sync::Arc;

use doorward_apps::App;
use doorward_audit::Reference;
use doorward_jose::Secret;
use doorward_oidc::{CodeVerifier, Refusal, ScopeSet, TokenResponse};
use doorward_provider::{
    KeyRing, Steps, issue,
    token::{CodeFacts, Redemption, code, current_scope, grant_is_over, refresh::is_due},
};
use doorward_store::{
    StoreError, Ticket, Tx,
    codes::{self, TakeCode},
    grants::{self, Grant},
    refresh,
};
use jiff::Timestamp;

use super::{error::Trouble, grant, token::Exchange};
use crate::{Door, failure::Failure};

/// What the client sent.
pub(super) struct Presented {
    pub(super) code: Secret<String>,
    pub(super) redirect_uri: Option<String>,
    pub(super) code_verifier: Option<CodeVerifier>,
}

/// The trace of the login that a code belongs to, without touching the code.
pub(super) async fn trace_of(door: &Door, presented: &str) -> Result<Option<Reference>, Failure> {
    let Some(ticket) = Ticket::parse(presented) else {
        return Ok(None);
    };
    let grant = door
        .store
        .read::<_, StoreError>(move |tx| match codes::grant_of(tx, &ticket)? {
            Some(grant_id) => grants::find(tx, grant_id),
            None => Ok(None),
        })
        .await?;
    Ok(grant.and_then(|grant| grant.trace?.parse().ok()))
}

/// What became of a code in its unit of work. A refusal is an outcome too: it commits the revocation that goes with it.
struct Taken {
    grant: Option<Grant>,
    steps: Steps,
    refusal: Option<Refusal>,
}

/// Takes the code and issues.
pub(super) async fn redeem(
    exchange: &mut Exchange<'_>,
    app: &Arc<App>,
    keys: &KeyRing,
    presented: Presented,
) -> Result<TokenResponse, Trouble> {
    let Some(ticket) = Ticket::parse(presented.code.expose()) else {
        return Err(code::unknown().into());
    };
    let refresh_ticket = Ticket::new(exchange.visit.now, &*exchange.door.random);
    let (application, unit_refresh) = (Arc::clone(app), refresh_ticket.clone());
    let taken = exchange
        .door
        .store
        .write::<_, StoreError>(exchange.visit.now, move |tx| {
            take(tx, &application, &ticket, &presented, &unit_refresh)
        })
        .await?;
    exchange.trace = taken
        .grant
        .as_ref()
        .and_then(|grant| grant.trace.as_deref()?.parse().ok());
    exchange.steps.extend(taken.steps);
    if let Some(refusal) = taken.refusal {
        return Err(refusal.into());
    }
    let grant = taken.grant.ok_or_else(grant_is_over)?;
    let facts = person(exchange.door, &grant).await?;
    let stored = grant::facts(&grant, true)?;
    let scope = current_scope(app, &facts, &stored.scope, &mut exchange.steps)?;
    let issued = issue::issue(exchange.mint(keys), app, &facts, &stored, scope)?;
    for skipped in &issued.skipped {
        exchange.steps.info("token.claims", skipped.to_string());
    }
    Ok(issued.into_response(is_due(app, &stored.scope).then(|| refresh_ticket.encode())))
}

/// What the directory says of the grant's person now.
pub(super) async fn person(door: &Door, grant: &Grant) -> Result<Arc<doorward_directory::Facts>, Trouble> {
    let facts = match grant.user_id {
        Some(user_id) => door.directory.facts(user_id).await?,
        None => None,
    };
    facts.ok_or_else(|| grant_is_over().into())
}

fn take(
    tx: &mut Tx<'_>,
    app: &App,
    ticket: &Ticket,
    presented: &Presented,
    refresh_ticket: &Ticket,
) -> Result<Taken, StoreError> {
    let mut steps = Steps::new();
    let refuse = |steps: &mut Steps, refusal: Refusal, grant| {
        steps.refused("token.code", &refusal);
        Taken {
            grant,
            steps: std::mem::take(steps),
            refusal: Some(refusal),
        }
    };
    let code = match codes::take(tx, ticket)? {
        TakeCode::Taken(code) => code,
        TakeCode::Replayed(grant_id) => {
            grants::revoke(tx, grant_id)?;
            let grant = grants::find(tx, grant_id)?;
            return Ok(refuse(&mut steps, code::replayed(), grant));
        }
        TakeCode::Expired => {
            let grant = codes::grant_of(tx, ticket)?
                .map(|id| grants::find(tx, id))
                .transpose()?
                .flatten();
            return Ok(refuse(&mut steps, code::expired(app.lifetimes.code), grant));
        }
        TakeCode::Unknown => return Ok(refuse(&mut steps, code::unknown(), None)),
    };
    let grant = grants::find(tx, code.grant_id)?;
    let Some(grant) = grant.filter(|grant| grant.is_live(tx.now())) else {
        return Ok(refuse(&mut steps, grant_is_over(), None));
    };
    steps.ok("token.code", "taken");
    let facts = match CodeFacts::stored(code.app_id, code.redirect_uri, code.code_challenge) {
        Ok(facts) => facts,
        Err(refusal) => {
            grants::revoke(tx, grant.id)?;
            return Ok(refuse(&mut steps, refusal, Some(grant)));
        }
    };
    let redemption = Redemption {
        app,
        code: &facts,
        redirect_uri: presented.redirect_uri.as_deref(),
        verifier: presented.code_verifier.as_ref(),
    };
    if let Err(refusal) = code::redeem(redemption, &mut steps) {
        grants::revoke(tx, grant.id)?;
        return Ok(Taken {
            grant: Some(grant),
            steps,
            refusal: Some(refusal),
        });
    }
    let scope = ScopeSet::parse(&grant.scope).unwrap_or_default();
    if is_due(app, &scope) {
        let expires = tx.now().as_second().saturating_add(app.lifetimes.refresh_token);
        let expires = Timestamp::from_second(expires).unwrap_or(grant.expires);
        refresh::start(tx, refresh_ticket, grant.id, expires, grant.expires)?;
    }
    Ok(Taken {
        grant: Some(grant),
        steps,
        refusal: None,
    })
}
