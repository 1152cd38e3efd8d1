//! The master key: never itself, but which ones are at hand, and another one.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::Right;
use doorward_store::data_keys::Standing;

use super::{caller::Caller, error::ApiResult, state::ApiState};

/// Show which master keys are at hand; never themselves.
#[utoipa::path(get, path = "/api/v1/master-key", tag = "server",
    responses((status = 200, body = api::Master, description = "The keys at hand, and what they are needed for.")))]
pub(super) async fn show_master_key(State(state): State<ApiState>, caller: Caller) -> ApiResult<Json<api::Master>> {
    caller.require(Right::ReadSettings)?;
    let standing = state.master.refresh(state.now()).await?;
    Ok(Json(view(&state, &standing)))
}

/// Make another master key and seal everything under it, while the server runs.
#[utoipa::path(post, path = "/api/v1/master-key/rotate", tag = "server",
    responses((status = 200, body = api::Master, description = "The keys at hand: the new one first.")))]
pub(super) async fn rotate_master_key(State(state): State<ApiState>, caller: Caller) -> ApiResult<Json<api::Master>> {
    caller.require(Right::Full)?;
    let standing = state.master.rotate(&caller.0, state.now()).await?;
    Ok(Json(view(&state, &standing)))
}

/// Leave out the older master keys: backups from before can then be read only with a copy of them.
#[utoipa::path(post, path = "/api/v1/master-key/forget", tag = "server",
    responses((status = 200, body = api::Master, description = "The current key, alone.")))]
pub(super) async fn forget_master_keys(State(state): State<ApiState>, caller: Caller) -> ApiResult<Json<api::Master>> {
    caller.require(Right::Full)?;
    let standing = state.master.forget(&caller.0, state.now()).await?;
    Ok(Json(view(&state, &standing)))
}

fn view(state: &ApiState, standing: &Standing) -> api::Master {
    let keys = standing.masters.iter().enumerate();
    api::Master {
        source: state.master.source().to_owned(),
        keys: keys
            .map(|(at, (id, sealed))| api::MasterKey {
                id: *id,
                current: at == 0,
                needed: at == 0 || *sealed > 0,
            })
            .collect(),
    }
}
