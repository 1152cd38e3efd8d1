//! Sessions that ended at the upstream end here (OpenID Connect Back-Channel Logout 1.0, Front-Channel Logout 1.0).

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use doorward_audit::TraceOutcome;
use doorward_login::LogoutToken;
use doorward_oidc::Parameters;
use doorward_upstreams::{Upstream, Which, refusal_of};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;

use super::turned_away::context;
use crate::{
    Door,
    answer::{self, with_header},
    failure::Answer,
    trail::Trail,
    visit::Visit,
};

/// Where upstreams post logout tokens.
pub(crate) const BACKCHANNEL: &str = "/upstream/{name}/backchannel-logout";
/// What upstreams load in a frame.
pub(crate) const FRONTCHANNEL: &str = "/upstream/{name}/frontchannel-logout";

/// POST by the upstream's server. 200 once the sessions have ended, durably; 400 when the token does not hold (§2.8). What it
/// says of endings counts while it is switched off too.
pub(crate) async fn backchannel(
    State(door): State<Arc<Door>>,
    visit: Visit,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer {
    let mut trail = Trail::begin(&door, &visit, "upstream-logout");
    let snapshot = door.upstreams.snapshot().await?;
    let Some(upstream) = snapshot.find(&name).cloned() else {
        return Ok(refused("the address names no upstream of this server"));
    };
    let token = Parameters::parse(&body)
        .ok()
        .and_then(|parameters| parameters.find("logout_token").map(str::to_owned));
    let Some(token) = token else {
        return Ok(refused("expected a form with one logout_token"));
    };
    let login = door.upstreams.login(&upstream)?;
    let token = match LogoutToken::verify(&login, &token).await {
        Ok(token) => token,
        Err(error) => {
            let refusal = refusal_of(&upstream, &error);
            trail.refused("upstream.logout", &refusal);
            trail.close(&door, &visit, TraceOutcome::Refused);
            // Whoever sent it learns which rule, and nothing of where this server reaches whom.
            return Ok(refused(refusal.kind.code));
        }
    };
    end(&door, &visit, &upstream, token, trail).await
}

async fn end(door: &Door, visit: &Visit, upstream: &Arc<Upstream>, token: LogoutToken, mut trail: Trail) -> Answer {
    let context = context(visit, &trail);
    let ended = door.upstreams.logged_out(upstream, &token, &context, visit.now).await?;
    let Some(ended) = ended else {
        trail.steps.info("upstream.logout", "the logout token was used before");
        trail.close(door, visit, TraceOutcome::Refused);
        return Ok(refused("the logout token was used before"));
    };
    trail.steps.ok(
        "upstream.logout",
        format!("{} ended {} sessions", upstream.name, ended.len()),
    );
    trail.close(door, visit, TraceOutcome::Ok);
    Ok(no_store(StatusCode::OK.into_response()))
}

/// What a frame's address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct FrontQuery {
    iss: Option<String>,
    sid: Option<String>,
}

/// GET in a frame of the upstream's page. Both `iss` and `sid` are needed: only the upstream and this server know the name
/// of its session, and without it a link could log people out.
pub(crate) async fn frontchannel(
    State(door): State<Arc<Door>>,
    visit: Visit,
    Path(name): Path<String>,
    Query(query): Query<FrontQuery>,
) -> Answer {
    let snapshot = door.upstreams.snapshot().await?;
    let upstream = snapshot.find(&name);
    if let (Some(upstream), Some(iss), Some(sid)) = (upstream, query.iss, query.sid)
        && let Some(issuer) = door.upstreams.login(upstream)?.known_issuer(&iss)
    {
        let trail = Trail::begin(&door, &visit, "upstream-logout");
        let which = Which {
            issuer: issuer.to_owned(),
            sid: Some(sid),
            sub: None,
        };
        door.upstreams
            .end_sessions(upstream, which, &context(&visit, &trail), visit.now)
            .await?;
        trail.close(&door, &visit, TraceOutcome::Ok);
    }
    Ok(no_store(StatusCode::OK.into_response()))
}

fn refused(detail: &str) -> Response {
    let body = serde_json::json!({ "error": "invalid_request", "error_description": detail });
    answer::json(StatusCode::BAD_REQUEST, &body)
}

fn no_store(response: Response) -> Response {
    with_header(response, header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}
