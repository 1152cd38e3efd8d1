//! What people and programs get who cannot have what they asked for.

use axum::response::{Html, IntoResponse, Redirect, Response};
use doorward_oidc::append_query;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, SET_COOKIE};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use url::Url;

use crate::{Login, LoginError};

impl Login {
    /// Somebody without a session: a page that was asked for begins a login, a form that was sent gets a page that says so,
    /// and a program gets JSON. Only a person in a browser ever begins a login: what a script asks for in the background
    /// would leave one behind that nobody completes.
    pub(crate) fn ask_to_log_in(&self, parts: &Parts) -> Response {
        let login = self.login_path();
        if !is_for_person(parts) {
            let body = serde_json::json!({"error": "login_required", "login_url": login});
            return (StatusCode::UNAUTHORIZED, no_store(), axum::Json(body)).into_response();
        }
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            return self.failed(&LoginError::LoginRequired);
        }
        let wanted = parts.uri.path_and_query().map_or("/", |wanted| wanted.as_str());
        let location = append_query(&login, [("return_to", wanted)]);
        (no_store(), Redirect::to(&location)).into_response()
    }

    /// Somebody who is logged in and may not have this: what is missing, as a page or as JSON.
    pub(crate) fn forbid(&self, parts: &Parts, error: &LoginError) -> Response {
        if is_for_person(parts) {
            return self.failed(error);
        }
        let body = serde_json::json!({"error": error.code(), "error_description": error.to_string()});
        (status(error), no_store(), axum::Json(body)).into_response()
    }

    pub(crate) fn failed(&self, error: &LoginError) -> Response {
        tracing::warn!(code = error.code(), %error, "a request was refused");
        let page = self
            .error_page()
            .map_or_else(|| plain_page(error, &self.login_path()), |page| page(error));
        (status(error), no_store(), page).into_response()
    }

    /// The origin of the provider's pages.
    pub(crate) fn origin(&self) -> String {
        Url::parse(self.issuer())
            .map(|url| url.origin().ascii_serialization())
            .unwrap_or_default()
    }
}

/// Whether a browser shows the answer as a page, as it says itself, or as its wish for HTML suggests.
fn is_for_person(parts: &Parts) -> bool {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    match header("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => header(ACCEPT.as_str()).is_some_and(|accept| accept.contains("text/html")),
    }
}

pub(crate) fn redirect(location: &str, cookies: impl IntoIterator<Item = String>) -> Response {
    let mut response = (no_store(), Redirect::to(location)).into_response();
    add_cookies(&mut response, cookies);
    response
}

pub(crate) fn add_cookies(response: &mut Response, cookies: impl IntoIterator<Item = String>) {
    for cookie in cookies
        .into_iter()
        .filter_map(|cookie| HeaderValue::try_from(cookie).ok())
    {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

pub(crate) fn no_store() -> [(http::HeaderName, &'static str); 1] {
    [(CACHE_CONTROL, "no-store")]
}

fn status(error: &LoginError) -> StatusCode {
    match error {
        LoginError::Attempt { .. }
        | LoginError::Expired(_)
        | LoginError::AttemptIssuer { .. }
        | LoginError::Browser
        | LoginError::Response(_)
        | LoginError::LogoutState { .. }
        | LoginError::ResponseIssuer { .. } => StatusCode::BAD_REQUEST,
        LoginError::LoginRequired | LoginError::Ended => StatusCode::UNAUTHORIZED,
        LoginError::Denied { .. } | LoginError::Forbidden { .. } => StatusCode::FORBIDDEN,
        LoginError::Unreachable { .. } | LoginError::TooSlow { .. } | LoginError::Sessions(_) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::BAD_GATEWAY,
    }
}

/// What a person sees when the application brings no page of its own: what failed, its code, and the way on.
fn plain_page(error: &LoginError, login: &str) -> Response {
    let (title, way) = match error {
        LoginError::Forbidden { .. } => ("Not allowed", "<a href=\"/\">Back</a>".to_owned()),
        LoginError::LogoutState { .. } => ("Logout failed", "<a href=\"/\">Back</a>".to_owned()),
        LoginError::LoginRequired => ("Not logged in", format!("<a href=\"{login}\">Log in</a>")),
        _ => ("Login failed", format!("<a href=\"{login}\">Try again</a>")),
    };
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <h1>{title}</h1><p>{}</p><p>Code: <code>{}</code></p><p>{way}</p></html>",
        escaped(&error.to_string()),
        error.code(),
    );
    let policy = [(
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    )];
    (policy, Html(page)).into_response()
}

/// Text for the inside of an HTML element.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
