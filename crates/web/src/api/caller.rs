//! Who calls: decided once, before anything of the request is read.

use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use doorward_directory::{Actor, Right};
use doorward_jose::Secret;
use http::{HeaderMap, HeaderValue, header, request::Parts};

use super::{
    error::{ApiError, ApiResult},
    state::ApiState,
};
use crate::server::Peer;

/// The caller of a request.
#[derive(Clone)]
pub(super) struct Caller(pub(super) Actor);

impl Caller {
    /// Refuses, naming the missing right.
    pub(super) fn require(&self, right: Right) -> ApiResult<()> {
        Ok(self.0.require(right)?)
    }

    /// The caller as events name them.
    pub(super) fn author(&self) -> doorward_audit::Actor {
        doorward_audit::Actor {
            id: self.0.id,
            name: self.0.name.clone(),
            via: self.0.via.as_str().into(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| ApiError::unauthenticated("nothing says who calls"))
    }
}

/// Lets a request through once it is known whose it is. The answers hold people's data: nobody keeps them.
pub(super) async fn authenticate(State(state): State<ApiState>, mut request: Request, next: Next) -> Response {
    let mut response = match recognise(&state, claim(&request)).await {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// What a request says of whose it is.
enum Claim {
    Token(Secret<String>),
    Known(Actor),
}

/// A token counts wherever it comes from: who shows one wants to be who it says, also at the socket.
fn claim(request: &Request) -> ApiResult<Claim> {
    if let Some(token) = bearer(request.headers())? {
        return Ok(Claim::Token(Secret::new(token.to_owned())));
    }
    if let Some(actor) = request.extensions().get::<Actor>() {
        return Ok(Claim::Known(actor.clone()));
    }
    let peer = request.extensions().get::<Peer>();
    if let (Some(Peer::Local { .. }), Some(sign)) = (peer, sign_of_a_proxy(request.headers())) {
        return Err(ApiError::unauthenticated(format!(
            "the socket's owner calls directly, this request came through a proxy: {sign}"
        ))
        .remedy("send the proxy to the server's address, never to its socket: whoever uses that is the owner"));
    }
    match peer {
        Some(Peer::Local { uid: 0 }) => Ok(Claim::Known(Actor::local("root"))),
        Some(Peer::Local { uid }) => Ok(Claim::Known(Actor::local(&format!("uid {uid}")))),
        _ => Err(
            ApiError::unauthenticated("expected `Authorization: Bearer dwt_…`, received none")
                .remedy("doorward service token add <service>, on the server, makes a token"),
        ),
    }
}

/// What a proxy adds. Whoever speaks through one at the socket is not the user that the kernel names.
const ADDED_BY_PROXIES: [&str; 7] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
];

fn sign_of_a_proxy(headers: &HeaderMap) -> Option<String> {
    if let Some(name) = ADDED_BY_PROXIES.iter().find(|name| headers.contains_key(**name)) {
        return Some(format!("it has the header {name}"));
    }
    // Ours, and curl's with the address of the documentation.
    let is_for_localhost = headers.get(header::HOST).is_none_or(|host| host == "localhost");
    (!is_for_localhost).then(|| "its Host is not localhost".to_owned())
}

async fn recognise(state: &ApiState, claim: ApiResult<Claim>) -> ApiResult<Caller> {
    Ok(Caller(match claim? {
        Claim::Token(token) => state.directory.verify_api_token(token.expose(), state.now()).await?,
        Claim::Known(actor) => actor,
    }))
}

fn bearer(headers: &HeaderMap) -> ApiResult<Option<&str>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let expected = || ApiError::unauthenticated("expected `Authorization: Bearer dwt_…`, received another form of it");
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .ok_or_else(expected)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(expected());
    }
    Ok(Some(token.trim()))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn by_socket(name: &'static str, value: &'static str) -> ApiResult<Claim> {
        let request = http::Request::get("/api/v1/status")
            .header(name, value)
            .extension(Peer::Local { uid: 0 })
            .body(Body::empty())
            .unwrap();
        claim(&request)
    }

    #[test]
    fn the_caller_of_the_socket_is_its_owner() {
        assert!(matches!(by_socket("host", "localhost"), Ok(Claim::Known(_))));
    }

    #[test]
    fn a_proxy_in_front_of_the_socket_is_not_its_owner() {
        for name in ADDED_BY_PROXIES {
            assert!(by_socket(name, "203.0.113.9").is_err(), "{name}");
        }
        assert!(by_socket("host", "sso.example.com").is_err());
        assert!(matches!(
            by_socket("authorization", "Bearer dwt_x"),
            Ok(Claim::Token(_))
        ));
    }
}
