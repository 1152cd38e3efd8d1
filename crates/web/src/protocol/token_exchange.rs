//! `token-exchange`: a token in the place of another (RFC 8693).

use std::sync::Arc;

use doorward_apps::{App, Snapshot};
use doorward_oidc::{ACCESS_TOKEN_TYPE, ExchangeRequest, TokenResponse};
use doorward_provider::{
    KeyRing, issue,
    token::exchange::{self as rules, Situation},
};

use super::{
    bearer::{Looked, look},
    error::Trouble,
    token::Exchange,
};

/// Exchanges.
pub(super) async fn exchange(
    exchange: &mut Exchange<'_>,
    app: &Arc<App>,
    apps: &Snapshot,
    keys: &Arc<KeyRing>,
    request: &ExchangeRequest,
) -> Result<TokenResponse, Trouble> {
    rules::may_ask(app, request, &mut exchange.steps)?;
    let presented = live(exchange, keys, "subject_token", request.subject.token.expose()).await?;
    let person = presented.seen.grant.as_ref();
    exchange.trace = person.and_then(|(_, _, trace)| trace.as_deref()?.parse().ok());
    let facts = match person.and_then(|(_, user, _)| *user) {
        Some(user) => exchange.door.directory.facts(user).await?,
        None => None,
    };
    let facts = facts.ok_or_else(|| rules::invalid("subject_token", "it speaks for no person"))?;
    let actor = match &request.actor {
        Some(actor) => Some(live(exchange, keys, "actor_token", actor.token.expose()).await?),
        None => None,
    };
    let situation = Situation {
        app,
        apps,
        server: &exchange.door.server,
        facts: &facts,
        presented: &presented.seen.token,
        actor: actor.as_ref().map(|actor| &actor.seen.token),
        shown: &exchange.shown.confirmation,
        now: exchange.visit.seconds(),
    };
    let planned = rules::plan(request, situation, &mut exchange.steps)?;
    // Nothing else is spent by an exchange, so that the proof is claimed by itself.
    let shown = exchange.shown.clone();
    shown
        .claim_alone(exchange.door, exchange.visit, &mut exchange.steps)
        .await?;
    let issued = issue::exchange(exchange.mint(keys), planned)?;
    for skipped in &issued.skipped {
        exchange.steps.info("token.claims", skipped.to_string());
    }
    Ok(TokenResponse {
        issued_token_type: Some(ACCESS_TOKEN_TYPE.to_owned()),
        ..issued.into_response(None)
    })
}

/// A token of ours that holds now, with its grant.
async fn live(
    exchange: &Exchange<'_>,
    keys: &Arc<KeyRing>,
    which: &'static str,
    token: &str,
) -> Result<Looked, Trouble> {
    let looked = match look(exchange.door, exchange.visit, keys, token).await {
        Ok(looked) => looked,
        Err(Trouble::Refused(refusal)) => return Err(rules::invalid(which, refusal.detail).into()),
        Err(failed) => return Err(failed),
    };
    if let Err(ended) = looked.seen.token.is_current(exchange.visit.seconds()) {
        return Err(rules::invalid(which, ended.detail).into());
    }
    if !looked.live {
        return Err(rules::invalid(which, "it or its grant was revoked").into());
    }
    Ok(looked)
}
