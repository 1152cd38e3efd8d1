//! `authorization_code`: a code for tokens, once (RFC 6749 §4.1.3).

use std::sync::Arc;

use doorward_apps::App;
use doorward_audit::Reference;
use doorward_jose::Secret;
use doorward_oidc::{CodeVerifier, Refusal, TokenResponse};
use doorward_provider::{
    KeyRing, Steps,
    issue::{self, Issued},
    token::{
        CodeFacts, Redemption, code, current_scope, grant_is_over,
        refresh::{binding, is_due},
    },
};
use doorward_store::{
    StoreError, Ticket, Tx, app_sessions,
    codes::{self, Code, TakeCode},
    grants::{self, Grant},
    refresh,
};
use jiff::Timestamp;

use super::{
    error::Trouble,
    grant,
    possession::Shown,
    stolen,
    token::{Exchange, Part},
};
use crate::{Door, failure::Failure};

/// What the client sent.
pub(super) struct Presented {
    pub(super) code: Secret<String>,
    pub(super) redirect_uri: Option<String>,
    pub(super) code_verifier: Option<CodeVerifier>,
    pub(super) part: Part,
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
    Ok(grant.as_ref().and_then(trace))
}

/// Tokens that wait for their code to be taken.
struct Prepared {
    issued: Issued,
    refresh: Option<Ticket>,
    steps: Steps,
}

/// What is written down of tokens when their code is taken.
struct Gives {
    refresh: Option<Ticket>,
    /// The person as the application knows them.
    subject: Option<String>,
}

/// What became of a code in its unit of work. A refusal is an outcome too: it commits the revocation that goes with it.
struct Taken {
    grant: Option<Grant>,
    steps: Steps,
    refusal: Option<Refusal>,
}

/// Issues, and takes the code.
pub(super) async fn redeem(
    exchange: &mut Exchange<'_>,
    app: &Arc<App>,
    keys: &KeyRing,
    presented: Presented,
) -> Result<TokenResponse, Trouble> {
    let Some(ticket) = Ticket::parse(presented.code.expose()) else {
        return Err(code::unknown().into());
    };
    // Whatever can fail comes before the code is taken, or in the same unit: a client whose request failed by our fault
    // repeats it, and that must not look like a thief's.
    let prepared = prepare(exchange, app, keys, &ticket, &presented).await?;
    let (application, shown) = (Arc::clone(app), exchange.shown.clone());
    let gives = Gives {
        refresh: prepared.as_ref().and_then(|tokens| tokens.refresh.clone()),
        subject: prepared.as_ref().map(|tokens| tokens.issued.subject.clone()),
    };
    let is_prepared = prepared.is_some();
    let taken = exchange
        .door
        .store
        .write::<_, Failure>(exchange.visit.now, move |tx| {
            // Where nothing was prepared nothing is given, and a stranger with a public client id leaves no row behind.
            let mut steps = Steps::new();
            let replayed = if is_prepared {
                shown.claim_once(tx, &mut steps)?
            } else {
                None
            };
            let taken = match replayed {
                // Refused before the code is touched.
                Some(_) => Taken {
                    grant: None,
                    steps,
                    refusal: replayed,
                },
                None => take(tx, &application, &ticket, (&presented, &shown), &gives)?,
            };
            if taken.refusal.is_none() && !is_prepared {
                return Err("a code became usable between two looks at it".into());
            }
            Ok(taken)
        })
        .await?;
    exchange.trace = taken.grant.as_ref().and_then(trace);
    exchange.steps.extend(taken.steps);
    if let Some(refusal) = taken.refusal {
        return Err(refusal.into());
    }
    let tokens = prepared.ok_or_else(grant_is_over)?;
    exchange.steps.extend(tokens.steps);
    for skipped in &tokens.issued.skipped {
        exchange.steps.info("token.claims", skipped.to_string());
    }
    let mut response = tokens
        .issued
        .into_response(tokens.refresh.map(|refresh| refresh.encode()));
    // Some look for the session of a logout token by what came here, and take the token for done when they find none.
    // Not beside session management, whose name this is: what came with the code must stay.
    let is_told = app.logout.backchannel_uri.is_some() && !app.logout.session_management;
    let session = taken.grant.as_ref().and_then(|grant| grant.session_id);
    response.session_state = session.filter(|_| is_told).map(|session| session.to_string());
    Ok(response)
}

/// The tokens for this code. `None` for a code that [`take`] is going to refuse, with what follows from that.
async fn prepare(
    exchange: &mut Exchange<'_>,
    app: &App,
    keys: &KeyRing,
    ticket: &Ticket,
    presented: &Presented,
) -> Result<Option<Prepared>, Trouble> {
    let (wanted, now) = (ticket.clone(), exchange.visit.now);
    let found = exchange
        .door
        .store
        .read::<_, StoreError>(move |tx| {
            let Some(code) = codes::usable(tx, &wanted, now)? else {
                return Ok(None);
            };
            Ok(grants::find(tx, code.grant_id)?.map(|grant| (code, grant)))
        })
        .await?;
    let Some((code, grant)) = found.filter(|(_, grant)| grant.is_live(now)) else {
        return Ok(None);
    };
    if check_binding(app, code, (presented, &exchange.shown), &mut Steps::new()).is_err() {
        return Ok(None);
    }
    let facts = person(exchange.door, &grant).await?;
    let mut stored = grant::facts(&grant, true)?;
    let mut steps = Steps::new();
    let narrowed = presented.part.of(app, &stored.extent, &mut steps).and_then(|extent| {
        stored.extent = extent;
        current_scope(app, &facts, &stored.scope, now.as_second(), &mut steps)
    });
    let scope = match narrowed {
        Ok(scope) => scope,
        Err(refusal) => {
            exchange.trace = trace(&grant);
            exchange.steps.extend(steps);
            return Err(refusal.into());
        }
    };
    Ok(Some(Prepared {
        issued: issue::issue(exchange.mint(keys), app, &facts, &stored, scope)?,
        refresh: is_due(app, &stored.scope).then(|| Ticket::new(now, &*exchange.door.random)),
        steps,
    }))
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
    (presented, shown): (&Presented, &Shown),
    gives: &Gives,
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
            let refusal = code::replayed();
            // Old codes lie in logs and histories: whoever brings one of another application ends nothing.
            let grant = match grants::find(tx, grant_id)? {
                Some(grant) if grant.app_id == app.id => stolen::end(tx, grant_id, &refusal)?,
                other => other,
            };
            return Ok(refuse(&mut steps, refusal, grant));
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
    let refusal = check_binding(app, code, (presented, shown), &mut steps).err();
    if refusal.is_some() {
        grants::revoke(tx, grant.id)?;
    } else if let (Some(session_id), Some(subject)) = (grant.session_id, &gives.subject) {
        // From now on the application is told when the session ends.
        app_sessions::note(tx, session_id, app.id, subject)?;
    }
    if let (None, Some(refresh_ticket)) = (&refusal, &gives.refresh) {
        let expires = tx.now().as_second().saturating_add(app.lifetimes.refresh_token);
        let expires = Timestamp::from_second(expires).unwrap_or(grant.expires);
        let bound_to = binding(app, &shown.confirmation).to_stored();
        refresh::start_bound(
            tx,
            refresh_ticket,
            grant.id,
            expires,
            grant.expires,
            bound_to.as_deref(),
        )?;
    }
    Ok(Taken {
        grant: Some(grant),
        steps,
        refusal,
    })
}

/// Whether the code is this client's, with its redirect URI and verifier.
fn check_binding(
    app: &App,
    code: Code,
    (presented, shown): (&Presented, &Shown),
    steps: &mut Steps,
) -> Result<(), Refusal> {
    let facts = CodeFacts::stored(code.app_id, code.redirect_uri, code.code_challenge, code.dpop_jkt)
        .inspect_err(|refusal| steps.refused("token.code", refusal))?;
    let redemption = Redemption {
        app,
        code: &facts,
        redirect_uri: presented.redirect_uri.as_deref(),
        verifier: presented.code_verifier.as_ref(),
        shown: &shown.confirmation,
    };
    code::redeem(redemption, steps)
}

fn trace(grant: &Grant) -> Option<Reference> {
    grant.trace.as_deref()?.parse().ok()
}
