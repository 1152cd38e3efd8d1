//! What plain HTTP has: answers to certificate authorities, and the way to the public URL. Nothing else is served in the clear.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderValue, Method, StatusCode, Uri, header};

use crate::Door;

/// Where an authority asks (RFC 8555 §8.3). The server has it, too: a proxy may bring the question over TLS.
pub(crate) const CHALLENGE: &str = "/.well-known/acme-challenge/{token}";

/// The routes of the listener for plain HTTP.
pub fn router(door: Arc<Door>) -> Router {
    Router::new()
        .route(CHALLENGE, get(challenge))
        .fallback(send_on)
        .with_state(door)
}

/// The key authorization for a token, while an authority may ask for it.
pub(crate) async fn challenge(State(door): State<Arc<Door>>, Path(token): Path<String>) -> Response {
    match door.certificates.key_authorization(&token, door.clock.now()).await {
        Some(answer) => ([(header::CONTENT_TYPE, "application/octet-stream")], answer).into_response(),
        None => (
            StatusCode::NOT_FOUND,
            "no certificate authority is expected to ask for this\n",
        )
            .into_response(),
    }
}

/// To the same path at the public URL, whatever host was asked for. What carries something must not be repeated by the
/// browser as if nothing had happened: it was in the clear.
async fn send_on(State(door): State<Arc<Door>>, method: Method, uri: Uri) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        let text = format!("this was sent in the clear; use {}\n", door.origin);
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    match HeaderValue::from_str(&format!("{}{path}", door.origin)) {
        Ok(location) => (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}
