//! The routes: logging in, logging out, and what the provider says about logouts.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use doorward_oidc::{Parameters, ResponseMode};
use http::header::{CONTENT_SECURITY_POLICY, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::answers::{add_cookies, no_store, redirect};
use crate::cookies::{self, Cookies};
use crate::sessions::Vault;
use crate::{Login, LoginError};

/// Most bytes of a request to one of the routes.
const MAX_BODY: usize = 64 * 1024;

impl Login {
    /// Under [`crate::Builder::prefix`]:
    ///
    /// | route | who comes |
    /// |---|---|
    /// | `GET login` | a person who wants to log in; `?return_to=/path` says where to go afterwards; with `iss`, a page of the provider sent them |
    /// | `GET callback` | the browser with the provider's answer; `POST` with [`crate::Builder::form_post`] |
    /// | `POST logout` | a form of the application |
    /// | `GET logged-out` | the browser, back from logging out at the provider |
    /// | `POST backchannel-logout` | the provider, with a logout token |
    /// | `GET frontchannel-logout` | a frame of the provider's logout page, with `iss` and `sid` |
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let prefix = self.config().prefix.as_str();
        // One of the two: what the settings do not ask for is not answered.
        let callback = match self.config().protocol.response_mode {
            Some(ResponseMode::FormPost) => post(callback_form),
            _ => get(callback_query),
        };
        Router::new()
            .route(&format!("{prefix}/login"), get(login))
            .route(&format!("{prefix}/callback"), callback)
            .route(&format!("{prefix}/logout"), post(logout))
            .route(&format!("{prefix}/logged-out"), get(logged_out))
            .route(&format!("{prefix}/backchannel-logout"), post(back_channel))
            .route(&format!("{prefix}/frontchannel-logout"), get(front_channel))
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .with_state(self.clone())
    }
}

async fn login(State(login): State<Login>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let link = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let cookies = Cookies(login.config());
    match login.begin_from(&link).await {
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

async fn callback_query(State(login): State<Login>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    callback(&login, query.unwrap_or_default().as_bytes(), &headers).await
}

/// OAuth 2.0 Form Post Response Mode §2.
async fn callback_form(State(login): State<Login>, headers: HeaderMap, body: Bytes) -> Response {
    callback(&login, &body, &headers).await
}

async fn callback(login: &Login, answer: &[u8], headers: &HeaderMap) -> Response {
    let cookies = Cookies(login.config());
    let query = match Parameters::parse(answer) {
        Ok(query) => query,
        Err(refusal) => return login.failed(&LoginError::Response(refusal)),
    };
    let attempt = query.find("state").and_then(|state| cookies.attempt_name(state));
    let binding = attempt.as_ref().and_then(|name| cookies::find(headers, name));
    let cleared = || attempt.clone().map(|name| cookies.clear(name));
    match login.complete(&query, binding).await {
        Ok(completed) => {
            if let Some(before) = cookies::find(headers, &cookies.session_name()) {
                // Whoever logs in again leaves no second session behind.
                let _ = Vault(login.config()).end(before).await;
            }
            let set = cleared().into_iter().chain([cookies.session(&completed.token)]);
            redirect(&completed.return_to, set)
        }
        // The "back" button shows the answer of a login that was completed: there is nothing wrong.
        Err(LoginError::Attempt { .. }) if login.user(headers).await.is_ok_and(|user| user.is_some()) => {
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
        Ok(ended) => {
            let state = ended.state.as_deref().map(|state| cookies.logout(state));
            let set = [cookies.clear(cookies.session_name())].into_iter().chain(state);
            redirect(&ended.location, set)
        }
        Err(error) => login.failed(&error),
    }
}

/// OpenID Connect RP-Initiated Logout 1.0 §3: `state` comes back as it was sent. The session was ended before; what is
/// checked is that this is the end of a logout that began here.
async fn logged_out(State(login): State<Login>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let cookies = Cookies(login.config());
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let state = query.as_ref().ok().and_then(|query| query.find("state"));
    let begun = cookies::find(&headers, &cookies.logout_name());
    let cleared = begun.map(|_| cookies.clear(cookies.logout_name()));
    let received = match (begun, state) {
        (Some(begun), Some(state)) if begun == state => None,
        (None, None) => None,
        (_, Some(_)) => Some("another one"),
        (Some(_), None) => Some("none"),
    };
    match received {
        None => redirect(&login.config().after_logout, cleared),
        Some(received) => {
            let mut response = login.failed(&LoginError::LogoutState { received });
            add_cookies(&mut response, cleared);
            response
        }
    }
}

/// OpenID Connect Back-Channel Logout 1.0 §2.5, §2.8.
async fn back_channel(State(login): State<Login>, body: Bytes) -> Response {
    let outcome =
        match Parameters::parse(&body).and_then(|form| form.required("logout_token", MAX_BODY).map(str::to_owned)) {
            Ok(token) => login.back_channel_logout(&token).await,
            Err(refusal) => Err(LoginError::Response(refusal)),
        };
    match outcome {
        Ok(_) => (StatusCode::OK, no_store()).into_response(),
        Err(error) => {
            tracing::warn!(code = error.code(), %error, "a logout of the provider was refused");
            let description = format!("{}: {error}", error.code());
            let body = serde_json::json!({"error": "invalid_request", "error_description": description});
            (StatusCode::BAD_REQUEST, no_store(), axum::Json(body)).into_response()
        }
    }
}

/// OpenID Connect Front-Channel Logout 1.0 §2. In a frame of another site the browser sends no cookie (SameSite), so the
/// session is found by `iss` and `sid`, which must be there.
async fn front_channel(State(login): State<Login>, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let named = query.and_then(|query| {
        let text = |name| query.required(name, 2048).map(str::to_owned);
        Ok((text("iss")?, text("sid")?))
    });
    let outcome = match named {
        Ok((iss, sid)) => login.front_channel_logout(&iss, &sid).await,
        Err(refusal) => Err(LoginError::Response(refusal)),
    };
    let mut response = match outcome {
        Ok(_) => (StatusCode::OK, no_store()).into_response(),
        Err(error) => return login.failed(&error),
    };
    // Nothing to see, and nobody but the provider has a reason to put it into a frame.
    if let Ok(policy) = HeaderValue::try_from(format!("default-src 'none'; frame-ancestors {}", login.origin())) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response.headers_mut().remove(SET_COOKIE);
    response
}
