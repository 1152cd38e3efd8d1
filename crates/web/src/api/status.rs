//! The server, and who the caller is to it.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::Right;

use super::{caller::Caller, error::ApiResult, state::ApiState};

/// Rights that are not about one group.
const RIGHTS: [Right; 7] = [
    Right::Full,
    Right::ChangeApps,
    Right::ChangePeople,
    Right::ReadApps,
    Right::ReadPeople,
    Right::ReadAudit,
    Right::ReadSettings,
];

/// What the server says of itself, and who is asking.
#[utoipa::path(get, path = "/api/v1/status", tag = "server",
    responses((status = 200, body = api::Status, description = "The server and the caller.")))]
pub(super) async fn show_status(State(state): State<ApiState>, caller: Caller) -> ApiResult<Json<api::Status>> {
    let actor = &caller.0;
    let mut rights: Vec<String> = RIGHTS
        .into_iter()
        .filter(|right| actor.has(*right))
        .map(|right| right.as_str().to_owned())
        .collect();
    for id in &actor.managed_groups {
        if let Some(group) = state.directory.group(*id).await? {
            rights.push(format!("{} of {}", Right::ChangeMembers(*id).as_str(), group.name));
        }
    }
    let apps = if actor.has(Right::ReadApps) {
        Some(state.apps.snapshot().await?.len())
    } else {
        None
    };
    Ok(Json(api::Status {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        issuer: state.server.public_url().to_owned(),
        now: state.now(),
        actor: api::ActorView {
            name: actor.name.clone(),
            via: actor.via.as_str().to_owned(),
            rights,
        },
        apps: apps.and_then(|count| u64::try_from(count).ok()),
    }))
}
