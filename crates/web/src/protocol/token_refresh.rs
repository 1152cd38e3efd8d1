//! `refresh_token`: each use replaces the token (RFC 9700 §4.14.2), unless the application proves a key with each use and was told to
//! keep it (FAPI 2.0 Security Profile §5.3.2.1).

use std::sync::Arc;

use doorward_apps::App;
use doorward_jose::Secret;
use doorward_oidc::{Refusal, ScopeSet, TokenResponse};
use doorward_provider::{
    Confirmation, KeyRing, Steps, issue,
    token::{current_scope, grant_is_over, refresh as rules},
};
use doorward_store::{
    StoreError, Ticket, Tx,
    grants::{self, Grant},
    refresh::{self, Rotate},
};
use jiff::{SignedDuration, Timestamp};

use super::{
    error::Trouble,
    grant,
    possession::Shown,
    stolen,
    token::{Exchange, Part},
    token_code::person,
};

/// A client whose answer was lost may come again with the same token for this long.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// Tokens that wait for the rotation.
struct Prepared {
    issued: issue::Issued,
    /// What the family is bound to, which was shown.
    bound_to: Option<String>,
    /// The token stays the family's.
    stays: bool,
}

/// What became of the family. A refusal is an outcome too: it commits the revocation that goes with it.
struct Rotated {
    grant: Option<Grant>,
    steps: Steps,
    refusal: Option<Refusal>,
}

/// Rotates and issues.
pub(super) async fn refresh(
    exchange: &mut Exchange<'_>,
    app: &Arc<App>,
    keys: &KeyRing,
    presented: &Secret<String>,
    requested: Option<ScopeSet>,
    part: &Part,
) -> Result<TokenResponse, Trouble> {
    let Some(ticket) = Ticket::parse(presented.expose()) else {
        return Err(rules::unknown().into());
    };
    let successor = ticket.successor(&exchange.door.master);
    // Everything that can be refused or fail comes before the rotation: a client that is told no keeps its token, and may
    // use it when the reason is gone, without that being a replay.
    let prepared = prepare(exchange, app, keys, (&ticket, &successor), requested.as_ref(), part).await?;
    let is_prepared = prepared.is_some();
    let stays = prepared.as_ref().is_some_and(|prepared| prepared.stays);
    let (tokens, bound_to) = prepared.map(|prepared| (prepared.issued, prepared.bound_to)).unzip();
    let bound_to = bound_to.flatten();
    let successor = if stays { ticket.clone() } else { successor };
    let (application, next, shown) = (Arc::clone(app), successor.clone(), exchange.shown.clone());
    let rotated = exchange
        .door
        .store
        .write::<_, StoreError>(exchange.visit.now, move |tx| {
            // Where nothing was prepared nothing is given, and a stranger with a public client id leaves no row behind.
            let mut steps = Steps::new();
            if is_prepared && let Some(refusal) = shown.claim_once(tx, &mut steps)? {
                return refused_unspent(tx, &ticket, steps, refusal);
            }
            rotate(tx, &application, (&ticket, &next), (&shown, bound_to.as_deref()))
        })
        .await?;
    exchange.steps.extend(rotated.steps);
    if let Some(refusal) = rotated.refusal {
        exchange.trace = rotated
            .grant
            .as_ref()
            .and_then(|grant| grant.trace.as_deref()?.parse().ok());
        return Err(refusal.into());
    }
    // Rotated although a moment ago it was not usable: nothing was prepared, and the grace period gives it again.
    let tokens = tokens.ok_or_else(grant_is_over)?;
    Ok(tokens.into_response(Some(successor.encode())))
}

/// The tokens that the rotation will hand out. `None` for a token that it is going to refuse.
async fn prepare(
    exchange: &mut Exchange<'_>,
    app: &Arc<App>,
    keys: &KeyRing,
    (presented, successor): (&Ticket, &Ticket),
    requested: Option<&ScopeSet>,
    part: &Part,
) -> Result<Option<Prepared>, Trouble> {
    let (ticket, next, now) = (presented.clone(), successor.clone(), exchange.visit.now);
    let found = exchange
        .door
        .store
        .read::<_, StoreError>(move |tx| match refresh::usable(tx, &ticket, &next, GRACE, now)? {
            Some(family) => Ok(grants::find(tx, family.grant_id)?.map(|grant| (grant, family))),
            None => Ok(None),
        })
        .await?;
    let Some((grant, family)) = found.filter(|(grant, _)| grant.is_live(now) && grant.app_id == app.id) else {
        return Ok(None);
    };
    // One that was replaced a moment ago has a successor, which is what comes again.
    let stays = app.keeps_refresh_token(family.bound_to.is_some()) && family.is_at(presented);
    let bound_to = family.bound_to;
    exchange.trace = grant.trace.as_deref().and_then(|trace| trace.parse().ok());
    let bound = Confirmation::from_stored(bound_to.as_deref());
    rules::is_bound_to(&bound, &exchange.shown.confirmation, &mut exchange.steps)?;
    let facts = person(exchange.door, &grant).await?;
    let mut stored = grant::facts(&grant, false)?;
    stored.extent = part.of(app, &stored.extent, &mut exchange.steps)?;
    let current = current_scope(app, &facts, &stored.scope, now.as_second(), &mut exchange.steps)?;
    let scope = rules::narrowed(&current, requested, &mut exchange.steps)?;
    exchange.trace = None;
    Ok(Some(Prepared {
        issued: issue::issue(exchange.mint(keys), app, &facts, &stored, scope)?,
        bound_to,
        stays,
    }))
}

fn rotate(
    tx: &mut Tx<'_>,
    app: &App,
    (presented, successor): (&Ticket, &Ticket),
    (shown, bound_to): (&Shown, Option<&str>),
) -> Result<Rotated, StoreError> {
    let mut steps = Steps::new();
    let idle = tx.now().as_second().saturating_add(app.lifetimes.refresh_token);
    let expires = Timestamp::from_second(idle).unwrap_or(Timestamp::MAX);
    if refresh::rotate_living(tx, presented, successor, bound_to, app.id, expires)? {
        let stays = successor.encode() == presented.encode();
        steps.ok(
            "token.refresh",
            if stays { "the token stays the same" } else { "rotated" },
        );
        return Ok(Rotated {
            grant: None,
            steps,
            refusal: None,
        });
    }
    // Before the token is spent, also when it is an old one: a thief without the key changes nothing for the client that has it.
    let bound_to = Confirmation::from_stored(refresh::bound_to(tx, presented)?.as_deref());
    if let Err(refusal) = rules::is_bound_to(&bound_to, &shown.confirmation, &mut steps) {
        return refused_unspent(tx, presented, steps, refusal);
    }
    let (grant_id, verdict) = match refresh::rotate(tx, presented, successor, GRACE, expires)? {
        Rotate::Rotated { grant_id } => (Some(grant_id), Ok("rotated")),
        Rotate::GraceRotated { grant_id } => (Some(grant_id), Ok("the last answer was lost; the same token again")),
        Rotate::Replayed(grant_id) => {
            let refusal = rules::replayed();
            stolen::end(tx, grant_id, &refusal)?;
            (Some(grant_id), Err(refusal))
        }
        Rotate::Expired => (None, Err(rules::expired())),
        Rotate::Unknown => (None, Err(rules::unknown())),
    };
    let grant = grant_id.map(|id| grants::find(tx, id)).transpose()?.flatten();
    let goes_on = match &grant {
        Some(grant) => grants::goes_on(tx, grant)?,
        None => false,
    };
    let verdict = verdict.and_then(|said| if goes_on { Ok(said) } else { Err(grant_is_over()) });
    match verdict {
        Ok(said) => steps.ok("token.refresh", said),
        Err(refusal) => {
            steps.refused("token.refresh", &refusal);
            return Ok(Rotated {
                grant,
                steps,
                refusal: Some(refusal),
            });
        }
    }
    let owner = grant.as_ref().map_or(app.id, |grant| grant.app_id);
    if let Err(refusal) = rules::is_of_this_client(app, owner, &mut steps) {
        // Whoever has a token that is not theirs has stolen it, or was given it by a thief.
        if let Some(grant) = &grant {
            stolen::end(tx, grant.id, &refusal)?;
        }
        return Ok(Rotated {
            grant,
            steps,
            refusal: Some(refusal),
        });
    }
    Ok(Rotated {
        grant,
        steps,
        refusal: None,
    })
}

/// Refused before the token was spent; its grant is looked up for the trace alone.
fn refused_unspent(tx: &mut Tx<'_>, presented: &Ticket, steps: Steps, refusal: Refusal) -> Result<Rotated, StoreError> {
    let id = refresh::grant_of(tx, presented)?;
    Ok(Rotated {
        grant: id.map(|id| grants::find(tx, id)).transpose()?.flatten(),
        steps,
        refusal: Some(refusal),
    })
}
