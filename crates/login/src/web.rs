//! The axum surface: three routes, an extractor, a layer.

use axum::Router;
use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts, RawQuery, Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use doorward_oidc::{Parameters, append_query};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::cookies::{self, Cookies};
use crate::session::Key;
use crate::{Login, LoginError, User};

impl Login {
    /// `GET {prefix}/login`, `GET {prefix}/callback` and `POST {prefix}/logout`.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let prefix = self.config().prefix.as_str();
        Router::new()
            .route(&format!("{prefix}/login"), get(login))
            .route(&format!("{prefix}/callback"), get(callback))
            .route(&format!("{prefix}/logout"), post(logout))
            .with_state(self.clone())
    }

    /// The person behind a request's session cookie.
    ///
    /// # Errors
    /// The store fails.
    pub async fn user(&self, headers: &HeaderMap) -> Result<Option<User>, LoginError> {
        let config = self.config();
        let Some(token) = cookies::find(headers, &Cookies(config).session_name()) else {
            return Ok(None);
        };
        let session = config.sessions.find(Key::of(token)).await?;
        let session = session.filter(|session| config.clock.now() < session.expires);
        Ok(session.map(User::new))
    }

    /// Sends somebody without a session to the login, if what asks is a person in a browser; a program gets status 401.
    fn ask_to_log_in(&self, parts: &Parts) -> Response {
        let login = self.login_path();
        if !is_navigation(parts) {
            let body = serde_json::json!({"error": "login_required", "login": login});
            return (StatusCode::UNAUTHORIZED, no_store(), axum::Json(body)).into_response();
        }
        let wanted = parts.uri.path_and_query().map_or("/", |wanted| wanted.as_str());
        let location = append_query(&login, [("return_to", wanted)]);
        (no_store(), Redirect::to(&location)).into_response()
    }

    fn failed(&self, error: &LoginError) -> Response {
        tracing::warn!(code = error.code(), %error, "login failed");
        let page = self
            .error_page()
            .map_or_else(|| plain_page(error, &self.login_path()), |page| page(error));
        (status(error), no_store(), page).into_response()
    }
}

async fn login(State(login): State<Login>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let wanted = Parameters::parse(query.unwrap_or_default().as_bytes());
    let wanted = wanted
        .as_ref()
        .ok()
        .and_then(|query| query.find("return_to"))
        .unwrap_or("/");
    let cookies = Cookies(login.config());
    match login.begin(wanted).await {
        Err(error) => login.failed(&error),
        Ok(begun) => {
            let mut set = cookies.clear_abandoned(&headers);
            set.extend(
                cookies
                    .attempt_name(&begun.state)
                    .map(|name| cookies.attempt(name, &begun.binding)),
            );
            redirect(&begun.location, set)
        }
    }
}

async fn callback(State(login): State<Login>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let cookies = Cookies(login.config());
    let query = match Parameters::parse(query.unwrap_or_default().as_bytes()) {
        Ok(query) => query,
        Err(refusal) => return login.failed(&LoginError::Response(refusal)),
    };
    let attempt = query.find("state").and_then(|state| cookies.attempt_name(state));
    let binding = attempt.as_ref().and_then(|name| cookies::find(&headers, name));
    let cleared = || attempt.clone().map(|name| cookies.clear(name));
    match login.complete(&query, binding).await {
        Ok(completed) => {
            if let Some(before) = cookies::find(&headers, &cookies.session_name()) {
                // Whoever logs in again leaves no second session behind.
                let _ = login.config().sessions.end(Key::of(before)).await;
            }
            let set = cleared().into_iter().chain([cookies.session(&completed.token)]);
            redirect(&completed.return_to, set)
        }
        // The "back" button shows the answer of a login that was completed: there is nothing wrong.
        Err(LoginError::Attempt { .. }) if login.user(&headers).await.is_ok_and(|user| user.is_some()) => {
            redirect("/", [])
        }
        Err(LoginError::Expired(options)) => match login.begin_with(*options).await {
            Ok(begun) => {
                let again = cookies
                    .attempt_name(&begun.state)
                    .map(|name| cookies.attempt(name, &begun.binding));
                redirect(&begun.location, cleared().into_iter().chain(again))
            }
            Err(error) => login.failed(&error),
        },
        Err(error) => {
            let mut response = login.failed(&error);
            add_cookies(&mut response, cleared());
            response
        }
    }
}

async fn logout(State(login): State<Login>, headers: HeaderMap) -> Response {
    let cookies = Cookies(login.config());
    // A form of another site brings no cookie along (SameSite), so it can not log anybody out.
    let token = cookies::find(&headers, &cookies.session_name()).unwrap_or_default();
    match login.end(token).await {
        Ok(location) => redirect(&location, [cookies.clear(cookies.session_name())]),
        Err(error) => login.failed(&error),
    }
}

/// Lets only people through who are logged in; use it with [`axum::middleware::from_fn_with_state`].
pub async fn require_login(State(login): State<Login>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match login.user(&parts.headers).await {
        Err(error) => login.failed(&error),
        Ok(None) => login.ask_to_log_in(&parts),
        Ok(Some(user)) => {
            parts.extensions.insert(user);
            next.run(Request::from_parts(parts, body)).await
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for User
where
    Login: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let found = <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        found.ok_or_else(|| Login::from_ref(state).ask_to_log_in(parts))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for User
where
    Login: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Response> {
        if let Some(user) = parts.extensions.get::<Self>() {
            return Ok(Some(user.clone()));
        }
        let login = Login::from_ref(state);
        login.user(&parts.headers).await.map_err(|error| login.failed(&error))
    }
}

/// A browser that loads a page, as it says itself, or as its wish for HTML suggests.
fn is_navigation(parts: &Parts) -> bool {
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let wants_page = match header("sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => header(ACCEPT.as_str()).is_some_and(|accept| accept.contains("text/html")),
    };
    wants_page && matches!(parts.method, Method::GET | Method::HEAD)
}

fn redirect(location: &str, cookies: impl IntoIterator<Item = String>) -> Response {
    let mut response = (no_store(), Redirect::to(location)).into_response();
    add_cookies(&mut response, cookies);
    response
}

fn add_cookies(response: &mut Response, cookies: impl IntoIterator<Item = String>) {
    for cookie in cookies
        .into_iter()
        .filter_map(|cookie| HeaderValue::try_from(cookie).ok())
    {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

fn no_store() -> [(http::HeaderName, &'static str); 1] {
    [(CACHE_CONTROL, "no-store")]
}

fn status(error: &LoginError) -> StatusCode {
    match error {
        LoginError::Attempt { .. }
        | LoginError::Expired(_)
        | LoginError::Browser
        | LoginError::Response(_)
        | LoginError::ResponseIssuer { .. } => StatusCode::BAD_REQUEST,
        LoginError::Denied { .. } => StatusCode::FORBIDDEN,
        LoginError::Unreachable { .. } | LoginError::TooSlow { .. } | LoginError::Sessions(_) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::BAD_GATEWAY,
    }
}

/// What a person sees when the application brings no page of its own: what failed, its code, and the way to try again.
fn plain_page(error: &LoginError, login: &str) -> Response {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Login failed</title>\
         <h1>Login failed</h1><p>{}</p><p>Code: <code>{}</code></p><p><a href=\"{login}\">Try again</a></p></html>",
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
