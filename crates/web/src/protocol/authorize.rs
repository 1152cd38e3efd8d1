//! The authorization endpoint (OpenID Connect Core §3.1.2).

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
};
use doorward_audit::TraceOutcome;
use doorward_oidc::{AuthorizationRequest, Parameters, Refusal, encode};
use doorward_provider::{authorize, path};

use super::requests;
use crate::{
    Door,
    answer::see_other,
    failure::Answer,
    login::{self, refused_page},
    session,
    trail::Trail,
    visit::Visit,
};

/// GET.
pub(crate) async fn get(State(door): State<Arc<Door>>, visit: Visit, RawQuery(query): RawQuery) -> Answer {
    let mut trail = Trail::begin(&door, &visit, "authorize");
    let snapshot = door.snapshots.current().await?;
    let parameters = match Parameters::parse(query.unwrap_or_default().as_bytes()) {
        Ok(parameters) => parameters,
        Err(refusal) => return unreadable(&door, &visit, &refusal, trail).await,
    };
    let app = parameters
        .find("client_id")
        .and_then(|client_id| snapshot.find(client_id));
    let (parameters, origin) = requests::resolve(&door, &visit, parameters, app.map(|app| &**app)).await?;
    let request = match AuthorizationRequest::parse(&parameters) {
        Ok(request) => request,
        Err(refusal) => return unreadable(&door, &visit, &refusal, trail).await,
    };
    trail.app(&request.client_id);
    let keys = door.keys.current().await?;
    let accepted = authorize::check(
        &request,
        &origin,
        app.map(|app| &**app),
        &door.server,
        &keys,
        &mut trail.steps,
    );
    match accepted {
        Ok(accepted) => login::flow::begin(&door, &visit, accepted, trail).await,
        Err(refused) => {
            trail.count(&refused.refusal);
            let reference = trail.reference;
            trail.close(&door, &visit, TraceOutcome::Refused);
            if let (Some(reply_to), Some(app)) = (&refused.reply_to, app) {
                return login::flow::reply(&door, &visit, app, reply_to.error(&refused.refusal)).await;
            }
            let who = session::current(&door, &visit).await?;
            Ok(refused_page(
                &door,
                &visit,
                &refused.refusal,
                app.map(|app| &**app),
                reference,
                who.as_ref(),
                request.redirect_uri.as_deref(),
            ))
        }
    }
}

/// POST (Core §3.1.2.1): sent on as GET, because a browser does not send our `SameSite=Lax` cookies with a form from
/// another site, and the person would have to log in again.
pub(crate) async fn post(State(door): State<Arc<Door>>, visit: Visit, body: Bytes) -> Answer {
    match Parameters::parse(&body) {
        Ok(parameters) => Ok(see_other(&format!("{}?{}", path::AUTHORIZE, encode(parameters.iter())))),
        Err(refusal) => {
            let trail = Trail::begin(&door, &visit, "authorize");
            unreadable(&door, &visit, &refusal, trail).await
        }
    }
}

/// Nothing in such a request can be trusted, so it ends on a page of ours.
async fn unreadable(door: &Door, visit: &Visit, refusal: &Refusal, mut trail: Trail) -> Answer {
    trail.refused("authorize.request", refusal);
    let reference = trail.reference;
    trail.close(door, visit, TraceOutcome::Refused);
    let who = session::current(door, visit).await?;
    Ok(refused_page(door, visit, refusal, None, reference, who.as_ref(), None))
}
