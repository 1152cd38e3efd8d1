//! What arrives here of a request that the doctor has sent to the public URL, through whatever stands in front.

use std::sync::Arc;

use axum::{
    extract::{Extension, State},
    response::{IntoResponse, Response},
};
use doorward_doctor::headers::{Arrived, TOKEN};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{Door, answer, server::Peer};

/// Where the doctor asks: [`doorward_doctor::headers::PATH`].
pub(crate) const PATH: &str = "/doctor/arrived";
/// As login cookies are; it means nothing and is gone at once.
const COOKIE: &str = "__Host-doorward-doctor=1; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax";

/// GET [`doorward_doctor::headers::PATH`]: for the doctor alone, who has a token for one request; for everybody else it is not there.
pub(crate) async fn show(State(door): State<Arc<Door>>, peer: Option<Extension<Peer>>, headers: HeaderMap) -> Response {
    let token = headers.get(TOKEN).and_then(|value| value.to_str().ok());
    if !token.is_some_and(|token| door.doctor.awaits(token)) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let peer = match peer {
        Some(Extension(Peer::Tcp(address))) => Some(address),
        _ => None,
    };
    let mut response = answer::json(StatusCode::OK, &Arrived::of(peer, &headers, COOKIE));
    response
        .headers_mut()
        .insert(header::SET_COOKIE, HeaderValue::from_static(COOKIE));
    response
}
