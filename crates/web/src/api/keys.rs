//! The keys that tokens are signed with. They turn by themselves: there is nothing to do, and something to look at.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::Right;
use doorward_store::{
    StoreError,
    signing_keys::{self, SigningKeyRow},
};

use super::{caller::Caller, error::ApiResult, state::ApiState};

/// List the signing keys, oldest first; never their private halves.
#[utoipa::path(get, path = "/api/v1/keys", tag = "server",
    responses((status = 200, body = api::List<api::Key>, description = "All keys.")))]
pub(super) async fn list_keys(State(state): State<ApiState>, caller: Caller) -> ApiResult<Json<api::List<api::Key>>> {
    caller.require(Right::ReadSettings)?;
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
