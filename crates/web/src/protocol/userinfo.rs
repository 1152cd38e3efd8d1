//! The userinfo endpoint (OpenID Connect Core §5.3), GET and POST.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use doorward_audit::TraceOutcome;
use doorward_oidc::{Parameters, TokenScheme, access_token};
use doorward_provider::{
    Confirmation, Mint, Steps, is_shown, path,
    userinfo::{Bearer, Userinfo, respond},
};
use http::{HeaderValue, Method, StatusCode, header};

use super::{
    bearer::{Looked, look},
    cors,
    error::{Trouble, challenged, token_refused},
    possession::{self, Call},
};
use crate::{Door, answer, failure::Answer, trail::Trail, visit::Visit};

/// GET and POST. The token comes in the header or, with POST, in the form (RFC 6750 §2.1, §2.2).
pub(crate) async fn answer(State(door): State<Arc<Door>>, method: Method, visit: Visit, body: Bytes) -> Answer {
    let form = Parameters::parse(&body).ok().filter(|form| !form.is_empty());
    let authorization = visit.headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let (scheme, token) = match access_token(authorization, form.as_ref()) {
        Ok(Some(presented)) => presented,
        Ok(None) => return Ok(challenged()),
        Err(refusal) => return Ok(token_refused(&refusal, false)),
    };
    let response = match tell(&door, &visit, &method, scheme, token.expose()).await {
        Ok(response) => response,
        Err(Trouble::Refused(refusal)) => token_refused(&refusal, scheme == TokenScheme::Dpop),
        Err(Trouble::Failed(failure)) => return Err(failure),
    };
    Ok(possession::with_nonce(&door, &visit, response))
}

async fn tell(
    door: &Door,
    visit: &Visit,
    method: &Method,
    scheme: TokenScheme,
    token: &str,
) -> Result<Response, Trouble> {
    let keys = door.keys.current().await?;
    let Looked { seen, live, first } = look(door, visit, &keys, token).await?;
    let snapshot = door.snapshots.current().await?;
    let app = snapshot.find(&seen.token.client_id);
    let person = seen.grant.as_ref().and_then(|(_, user_id, _)| *user_id);
    let facts = match person {
        Some(user_id) => door.directory.facts(user_id).await?,
        None => None,
    };
    let bearer = Bearer {
        token: &seen.token,
        app: app.map(|app| &**app),
        grant: seen.grant.as_ref().filter(|_| live).map(|(grant, _, _)| grant),
        facts: facts.as_deref(),
    };
    // The first call of a token belongs into its login's trace; the thousandth does not.
    let mut steps = if first { Steps::new() } else { Steps::off() };
    let call = Call {
        method: method.as_str(),
        path: path::USERINFO,
        access_token: Some(token),
        is_demanded: false,
    };
    let shown = possession::shown(door, visit, app.map(|app| &**app), call, &mut steps)?;
    is_shown(&seen.token.cnf, &shown.confirmation, scheme == TokenScheme::Dpop)?;
    let mint = Mint {
        server: &door.server,
        keys: &keys,
        now: visit.seconds(),
        random: &*door.random,
        confirmation: Confirmation::NONE,
    };
    // Claimed once the token holds: whoever kept an old one writes nothing.
    let told = match respond(mint, bearer, &mut steps) {
        Ok(told) => shown.claim_alone(door, visit, &mut steps).await.map(|()| told),
        Err(failure) => Err(failure.into()),
    };
    let trace = seen
        .grant
        .as_ref()
        .and_then(|(_, _, trace)| trace.as_deref()?.parse().ok());
    if let Some(reference) = trace
        && !steps.as_slice().is_empty()
    {
        let mut trail = Trail::resume(reference, "userinfo");
        trail.steps = steps;
        trail.close(door, visit, TraceOutcome::InProgress);
    }
    let response = match told? {
        Userinfo::Json(claims) => answer::json(StatusCode::OK, &claims),
        Userinfo::Jwt(jwt) => {
            let mut response = Body::from(jwt).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jwt"));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
    };
    Ok(cors::allow(response, visit, app.map(|app| &**app)))
}
