//! Responses: pages with their policy, redirects, JSON for protocols.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::{Door, pages};

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// An HTML page that is never cached and may post its forms to us and to `form_targets` (origins).
pub(crate) fn page(status: StatusCode, html: String, form_targets: &[&str]) -> Response {
    with_policy(status, html, &pages::csp(form_targets))
}

/// A page that is filled again while somebody looks at it.
pub(crate) fn live_page(html: String) -> Response {
    with_policy(StatusCode::OK, html, &pages::csp_live())
}

/// The same for a page that holds passkey ceremonies.
pub(crate) fn passkey_page(status: StatusCode, html: String, form_targets: &[&str]) -> Response {
    with_policy(status, html, &pages::csp_passkeys(form_targets))
}

/// The page that posts an authorization response to `target` (an origin).
pub(crate) fn form_post_page(html: String, target: &str) -> Response {
    with_policy(StatusCode::OK, html, &pages::csp_form_post(&[target]))
}

/// A page with frames of these origins.
pub(crate) fn framing_page(html: String, frame_origins: &[&str]) -> Response {
    with_policy(StatusCode::OK, html, &pages::csp_frames(frame_origins))
}

/// A page in the frame of a page of this origin; in none without one.
pub(crate) fn framed_page(html: String, by: Option<&str>) -> Response {
    let mut response = with_policy(StatusCode::OK, html, &pages::csp_framed(by));
    if by.is_some() {
        // This header knows no origins; the policy says what it said.
        response.headers_mut().remove(header::X_FRAME_OPTIONS);
    }
    response
}

fn with_policy(status: StatusCode, html: String, policy: &str) -> Response {
    let mut response = (status, Body::from(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    // Not `no-referrer`: with it a browser sends `Origin: null` with our own forms, which then look like a stranger's.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// `303 See Other`: the browser goes there with GET, whatever brought it here (RFC 9700 §4.12).
pub(crate) fn see_other(location: &str) -> Response {
    let Ok(location) = HeaderValue::try_from(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(header::LOCATION, location);
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    response
        .headers_mut()
        .insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// JSON that nobody may keep (RFC 6749 §5.1).
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let Ok(body) = serde_json::to_vec(body) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (status, Body::from(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response
}

/// Adds the headers that every answer has.
pub(crate) fn add_everywhere(headers: &mut HeaderMap, door: &Door) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if door.cookies.is_secure() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
}

/// Adds a header.
pub(crate) fn with_header(mut response: Response, name: HeaderName, value: HeaderValue) -> Response {
    response.headers_mut().append(name, value);
    response
}
