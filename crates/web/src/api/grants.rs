//! What people have let applications know.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_apps::Snapshot;
use doorward_directory::{AppGrants, Right};

use super::{caller::Caller, error::ApiResult, input::Names, lookup, state::ApiState};

/// List the applications that may know something of a person, the one used last first.
#[utoipa::path(get, path = "/api/v1/users/{user}/grants", tag = "grants",
    params(("user" = String, Path, description = "Name or id.")),
    responses((status = 200, body = api::List<api::AppGrants>, description = "All of them.")))]
pub(super) async fn list_grants(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::List<api::AppGrants>>> {
    caller.require(Right::ReadPeople)?;
    let user = lookup::person(&state, &name).await?;
    let all = state.directory.app_grants(user.id, state.now()).await?;
    let snapshot = state.apps.snapshot().await?;
    let items = all.into_iter().filter_map(|given| view(given, &snapshot)).collect();
    Ok(Json(api::List { items, next: None }))
}

/// Take back what a person has given to an application: grants with their tokens, and the remembered consent.
#[utoipa::path(delete, path = "/api/v1/users/{user}/grants/{app}", tag = "grants",
    params(("user" = String, Path, description = "Name or id."), ("app" = String, Path, description = "Client id.")),
    responses((status = 200, body = api::GrantsRevoked, description = "What there was.")))]
pub(super) async fn revoke_grants(
    State(state): State<ApiState>,
    caller: Caller,
    Names((name, client_id)): Names<(String, String)>,
) -> ApiResult<Json<api::GrantsRevoked>> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::person(&state, &name).await?;
    let snapshot = state.apps.snapshot().await?;
    let app = snapshot.require(&client_id)?;
    let done = state
        .directory
        .revoke_app_grants(&caller.0, user.id, (app.id, &app.client_id), None, state.now())
        .await?;
    Ok(Json(api::GrantsRevoked {
        grants: done.grants,
        consent: done.consent,
    }))
}

/// None for what is left of an application that is gone.
fn view(given: AppGrants, snapshot: &Snapshot) -> Option<api::AppGrants> {
    let app = snapshot.by_id(given.app_id)?;
    Some(api::AppGrants {
        app: app.client_id.clone(),
        app_name: app.name.clone(),
        scopes: given.scopes,
        since: given.since,
        last_login: given.last_login,
        grants: given.grants,
        consented: given.consented,
    })
}
