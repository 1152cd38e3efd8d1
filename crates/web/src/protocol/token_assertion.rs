//! `jwt-bearer`: a service account signs for its token (RFC 7523 §2.1).

use std::sync::Arc;

use doorward_apps::{App, RegistrationUse};
use doorward_directory::within;
use doorward_jose::{JwkSet, Secret};
use doorward_oidc::{ClaimsRequest, Refusal, ScopeSet, TokenResponse};
use doorward_provider::{Extent, GrantFacts, KeyRing, Steps, issue, token::jwt_bearer as rules};
use doorward_store::{
    StoreError,
    grants::{self, Grant},
    new_id, replay,
};
use jiff::Timestamp;

use super::{error::Trouble, token::Exchange};

/// What became of an assertion that is valid, in its unit of work.
enum Written {
    Granted,
    /// It was used before.
    Replayed,
    /// The proof beside it was used before.
    ProofReplayed(Refusal, Steps),
    /// The account was closed, or its key removed, in the meantime.
    Gone,
}

/// Issues for an assertion.
pub(super) async fn redeem(
    exchange: &mut Exchange<'_>,
    app: &Arc<App>,
    keys: &KeyRing,
    assertion: &Secret<String>,
    requested: Option<&ScopeSet>,
) -> Result<TokenResponse, Trouble> {
    rules::may_ask(app, &mut exchange.steps)?;
    let (door, now) = (exchange.door, exchange.visit.now);
    let named = rules::named(assertion.expose())
        .ok_or_else(|| rules::unknown("the assertion cannot be read, or names no issuer"))?;
    let (name, domain) = (named.clone(), door.server.domain().to_owned());
    let found = door
        .store
        .read::<_, StoreError>(move |tx| {
            let user = match name.parse() {
                Ok(id) => within::user(tx, id)?,
                Err(_) => within::user_by_login(tx, &name, &domain)?,
            };
            let Some(user) = user else { return Ok(None) };
            Ok(Some((user.id, within::live_service_keys(tx, user.id, now)?)))
        })
        .await?;
    let missing = || {
        rules::unknown(format!(
            "no service account with a key is called {}",
            doorward_oidc::shown(&named)
        ))
    };
    let (user, own) = found.ok_or_else(missing)?;
    let account = door.directory.facts(user).await?.ok_or_else(missing)?;
    let seen = JwkSet::new(own.clone()).map_err(|error| rules::unknown(format!("the account's keys: {error}")))?;
    let used = rules::verified(
        assertion.expose(),
        &account,
        &seen,
        (&door.server, app),
        now.as_second(),
        &mut exchange.steps,
    )?;
    let scope = rules::scope(app, &account, requested, now.as_second(), &mut exchange.steps)?;
    let facts = GrantFacts {
        id: new_id(now, &*door.random),
        session_id: None,
        scope: scope.clone(),
        claims: ClaimsRequest::default(),
        auth_time: now.as_second(),
        amr: vec![doorward_directory::SERVICE_KEY_METHOD.to_owned()],
        acr: None,
        nonce: None,
        extent: Extent::default(),
    };
    let issued = issue::issue(exchange.mint(keys), app, &account, &facts, scope)?;
    let grant = Grant {
        id: facts.id,
        user_id: Some(user),
        app_id: app.id,
        session_id: None,
        scope: facts.scope.to_string(),
        claims: None,
        extent: None,
        auth_time: Some(now),
        amr: facts.amr,
        acr: None,
        nonce: None,
        offline: false,
        trace: None,
        created: now,
        expires: Timestamp::from_second(issued.expires_at).unwrap_or(Timestamp::MAX),
        revoked_at: None,
    };
    let (key, until) = (
        used.key.clone(),
        Timestamp::from_second(used.expires_at).unwrap_or(Timestamp::MAX),
    );
    let (used_by, shown) = (RegistrationUse::of(app), exchange.shown.clone());
    let written = door
        .store
        .write::<_, StoreError>(now, move |tx| {
            // Before the assertion is: whoever repeats somebody's proof spends nothing of theirs.
            let mut steps = Steps::new();
            if let Some(refusal) = shown.claim_once(tx, &mut steps)? {
                return Ok(Written::ProofReplayed(refusal, steps));
            }
            if !replay::claim(tx, "jwt_bearer", &key, until)? {
                return Ok(Written::Replayed);
            }
            // Disabled while the rules were asked: whoever disabled it has revoked what there was by then.
            if !within::lock_enabled(tx, user)? {
                return Ok(Written::Gone);
            }
            // Removed likewise: one of them has signed.
            let keys = within::live_service_keys(tx, user, now)?;
            if !own.iter().all(|key| keys.contains(key)) {
                return Ok(Written::Gone);
            }
            used_by.note(tx)?;
            grants::create(tx, &grant)?;
            Ok(Written::Granted)
        })
        .await?;
    let claimed: Result<(), Refusal> = match written {
        Written::Granted => Ok(()),
        Written::Replayed => Err(used.replayed()),
        Written::ProofReplayed(refusal, steps) => {
            exchange.steps.extend(steps);
            return Err(refusal.into());
        }
        Written::Gone => Err(missing()),
    };
    exchange.steps.record("assertion.used", claimed)?;
    Ok(issued.into_response(None))
}
