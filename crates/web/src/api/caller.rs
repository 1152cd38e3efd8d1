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
    match request.extensions().get::<Peer>() {
        Some(Peer::Local { uid: 0 }) => Ok(Claim::Known(Actor::local("root"))),
        Some(Peer::Local { uid }) => Ok(Claim::Known(Actor::local(&format!("uid {uid}")))),
        _ => Err(
            ApiError::unauthenticated("expected `Authorization: Bearer dwt_…`, received none")
                .remedy("doorward service token add <service>, on the server, makes a token"),
        ),
    }
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
