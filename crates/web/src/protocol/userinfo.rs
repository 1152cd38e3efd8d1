//! The userinfo endpoint (OpenID Connect Core §5.3), GET and POST.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
};
use doorward_audit::TraceOutcome;
use doorward_oidc::{Parameters, bearer_token};
use doorward_provider::{
    Mint, Steps,
    userinfo::{Bearer, Userinfo, respond},
};
use http::{HeaderValue, StatusCode, header};

use super::{
    bearer::{Looked, look},
    cors,
    error::{Trouble, bearer_refused},
};
use crate::{Door, answer, failure::Answer, trail::Trail, visit::Visit};

/// GET and POST. The token comes in the header or, with POST, in the form (RFC 6750 §2.1, §2.2).
pub(crate) async fn answer(State(door): State<Arc<Door>>, visit: Visit, body: Bytes) -> Answer {
    let form = Parameters::parse(&body).ok().filter(|form| !form.is_empty());
    let authorization = visit.headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    let token = match bearer_token(authorization, form.as_ref()) {
        Ok(Some(token)) => token,
        Ok(None) => {
            let challenge = HeaderValue::from_static("Bearer realm=\"doorward\"");
            return Ok((StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)]).into_response());
        }
        Err(refusal) => return Ok(bearer_refused(&refusal)),
    };
    match tell(&door, &visit, token.expose()).await {
        Ok(response) => Ok(response),
        Err(Trouble::Refused(refusal)) => Ok(bearer_refused(&refusal)),
        Err(Trouble::Failed(failure)) => Err(failure),
    }
}

async fn tell(door: &Door, visit: &Visit, token: &str) -> Result<Response, Trouble> {
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
    let mint = Mint {
        server: &door.server,
        keys: &keys,
        now: visit.seconds(),
        random: &*door.random,
    };
    // The first call of a token belongs into its login's trace; the thousandth does not.
    let mut steps = if first { Steps::new() } else { Steps::off() };
    let told = respond(mint, bearer, &mut steps);
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
