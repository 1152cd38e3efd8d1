//! The demo application: what a developer writes to log people in. It is built on the public `login` crate and knows
//! nothing of the server's inside.

mod pages;

use axum::Router;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use doorward_login::{Login, User};
use url::Url;

/// The application for one relying party.
pub(crate) fn router(login: Login) -> Router {
    let login = login.with_error_page(|error| Html(pages::failed(error)).into_response());
    let policy = policy(login.issuer());
    Router::new()
        .route("/", get(home))
        .route("/profile", get(profile))
        .route("/app.css", get(([(CONTENT_TYPE, "text/css")], include_str!("app.css"))))
        .route(
            "/app.svg",
            get(([(CONTENT_TYPE, "image/svg+xml")], include_str!("app.svg"))),
        )
        .merge(login.routes())
        .fallback((StatusCode::NOT_FOUND, Html(pages::not_found())))
        .layer(from_fn_with_state(policy, guarded))
        .with_state(login)
}

async fn home(State(login): State<Login>, user: Option<User>) -> Html<String> {
    Html(match user {
        None => pages::welcome(&login),
        Some(user) => pages::greeting(&login, user.display_name()),
    })
}

/// Taking [`User`] is all it needs: whoever is not logged in is sent to the login and comes back.
async fn profile(State(login): State<Login>, user: User) -> Html<String> {
    Html(pages::profile(
        &login,
        &pages::Person {
            name: user.display_name(),
            email: user.email(),
            is_verified: user.is_email_verified(),
            groups: &user.groups(),
            claims: user.claims(),
        },
    ))
}

/// Everything from here, nothing inline. Logging out posts a form whose answer redirects to the provider, and Chromium
/// applies `form-action` to that redirect too.
fn policy(issuer: &str) -> HeaderValue {
    let provider = Url::parse(issuer)
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {provider}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

async fn guarded(State(policy): State<HeaderValue>, request: axum::extract::Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests;
