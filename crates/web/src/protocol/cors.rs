//! Browser code of the origins that an application names may read the answers (Fetch standard).

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use doorward_apps::App;
use doorward_provider::cors;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{Door, failure::Answer, visit::Visit};

/// Adds the header for the origin of this request, if the application names it. Without an application: nothing.
pub(super) fn allow(mut response: Response, visit: &Visit, app: Option<&App>) -> Response {
    let Some(origin) = visit.headers.get(header::ORIGIN) else {
        return response;
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let (Some(app), Ok(text)) = (app, origin.to_str())
        && cors::allows(app, text)
    {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("WWW-Authenticate, DPoP-Nonce"),
        );
    }
    response
}

/// OPTIONS: the preflight of pushed requests, token, userinfo and revocation.
pub(crate) async fn preflight(State(door): State<Arc<Door>>, visit: Visit) -> Answer {
    let snapshot = door.snapshots.current().await?;
    let origin = visit.headers.get(header::ORIGIN);
    let is_named = origin
        .and_then(|origin| origin.to_str().ok())
        .is_some_and(|origin| cors::preflight_allows(snapshot.list().into_iter().map(|app| &**app), origin));
    let mut headers = HeaderMap::new();
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    if let (true, Some(origin)) = (is_named, origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET, POST"),
        );
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("Authorization, Content-Type, DPoP"),
        );
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}
