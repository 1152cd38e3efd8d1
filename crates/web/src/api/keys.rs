//! The keys that tokens are signed with. They turn by themselves; here they are looked at, and turned, taken away or brought along
//! by hand.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::Right;
use doorward_jose::{Algorithm, Secret};
use doorward_store::{
    StoreError,
    signing_keys::{self, SigningKeyRow},
};

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names},
    state::ApiState,
};
use crate::keys::Import;

/// List the signing keys, oldest first; never their private halves.
#[utoipa::path(get, path = "/api/v1/keys", tag = "server",
    responses((status = 200, body = api::List<api::Key>, description = "All keys.")))]
pub(super) async fn list_keys(State(state): State<ApiState>, caller: Caller) -> ApiResult<Json<api::List<api::Key>>> {
    caller.require(Right::ReadSettings)?;
    all(&state).await
}

/// Turn signing keys before their time: the next one is published now and signs in two days, or signs at once.
#[utoipa::path(post, path = "/api/v1/keys/rotate", tag = "server", request_body = api::KeyTurn,
    responses((status = 200, body = api::List<api::Key>, description = "All keys, as they are now.")))]
pub(super) async fn rotate_keys(
    State(state): State<ApiState>,
    caller: Caller,
    Body(turn): Body<api::KeyTurn>,
) -> ApiResult<Json<api::List<api::Key>>> {
    caller.require(Right::Full)?;
    let algorithm = turn.alg.as_deref().map(algorithm).transpose()?;
    state.keys.turn(&caller.0, algorithm, turn.at_once, state.now()).await?;
    all(&state).await
}

/// Take over a signing key that was made elsewhere.
#[utoipa::path(post, path = "/api/v1/keys/import", tag = "server", request_body = api::KeyImport,
    responses((status = 200, body = api::List<api::Key>, description = "All keys, as they are now.")))]
pub(super) async fn import_key(
    State(state): State<ApiState>,
    caller: Caller,
    Body(import): Body<api::KeyImport>,
) -> ApiResult<Json<api::List<api::Key>>> {
    caller.require(Right::Full)?;
    let import = Import {
        algorithm: algorithm(&import.alg)?,
        pem: Secret::new(import.pem),
        kid: import.kid,
        at_once: import.at_once,
    };
    state.keys.import(&caller.0, import, state.now()).await?;
    all(&state).await
}

/// Retire a signing key at once, because somebody else may have it: it is published no more, and what it signed is refused here.
#[utoipa::path(post, path = "/api/v1/keys/{key}/retire", tag = "server",
    params(("key" = String, Path, description = "Its `kid`.")),
    responses((status = 200, body = api::List<api::Key>, description = "All keys, as they are now.")))]
pub(super) async fn retire_key(
    State(state): State<ApiState>,
    caller: Caller,
    Names(kid): Names<String>,
) -> ApiResult<Json<api::List<api::Key>>> {
    caller.require(Right::Full)?;
    state.keys.withdraw(&caller.0, &kid, state.now()).await?;
    all(&state).await
}

fn algorithm(name: &str) -> ApiResult<Algorithm> {
    Algorithm::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
        let name: String = name.chars().take(40).collect();
        ApiError::invalid(format!("alg: expected one of {}, received {name:?}", known.join(", ")))
    })
}

async fn all(state: &ApiState) -> ApiResult<Json<api::List<api::Key>>> {
    let rows: Result<Vec<SigningKeyRow>, StoreError> = state.store.scan(signing_keys::all).await;
    Ok(Json(api::List {
        items: rows?.into_iter().map(view).collect(),
        next: None,
    }))
}

fn view(row: SigningKeyRow) -> api::Key {
    api::Key {
        kid: row.kid,
        alg: row.alg,
        state: match row.state {
            signing_keys::State::Next => api::KeyState::Next,
            signing_keys::State::Active => api::KeyState::Active,
            signing_keys::State::Retiring => api::KeyState::Retiring,
            signing_keys::State::Retired => api::KeyState::Retired,
        },
        created: row.created,
        activates_at: row.activates_at,
        retires_at: row.retires_at,
    }
}
