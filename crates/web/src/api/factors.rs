//! What people have beside a password, and taking it away from whoever has lost it.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::{Right, factors::Enrolled};

use super::{caller::Caller, error::ApiResult, input::Names, lookup, state::ApiState};

/// Show what a person has beside a password.
#[utoipa::path(get, path = "/api/v1/users/{user}/factors", tag = "users",
    params(("user" = String, Path, description = "Name or id.")),
    responses((status = 200, body = api::UserFactors, description = "What there is; no secret.")))]
pub(super) async fn show_factors(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::UserFactors>> {
    caller.require(Right::ReadPeople)?;
    let user = lookup::person(&state, &name).await?;
    let remembered = state.directory.remembered_browsers(user.id).await?;
    Ok(Json(view(state.directory.enrolled(user.id).await?, remembered)))
}

/// Let every browser of a person ask for the second factor again, where it was remembered.
#[utoipa::path(delete, path = "/api/v1/users/{user}/browsers", tag = "users",
    params(("user" = String, Path, description = "Name or id.")),
    responses((status = 200, body = api::BrowsersForgotten, description = "How many were remembered.")))]
pub(super) async fn forget_browsers(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::BrowsersForgotten>> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::person(&state, &name).await?;
    let forgotten = state.directory.forget_browsers(&caller.0, user.id, state.now()).await?;
    Ok(Json(api::BrowsersForgotten { forgotten }))
}

/// Take every second factor away from a person who has lost them; their sessions end, and policy decides what they set up at
/// the next login.
#[utoipa::path(delete, path = "/api/v1/users/{user}/factors", tag = "users",
    params(("user" = String, Path, description = "Name or id.")),
    responses((status = 200, body = api::UserFactors, description = "What they had.")))]
pub(super) async fn reset_factors(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::UserFactors>> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::person(&state, &name).await?;
    let remembered = state.directory.remembered_browsers(user.id).await?;
    let had = state.directory.reset_factors(&caller.0, user.id, state.now()).await?;
    Ok(Json(view(had, remembered)))
}

fn view(enrolled: Enrolled, remembered_browsers: u32) -> api::UserFactors {
    api::UserFactors {
        totp: enrolled.totp,
        passkeys: enrolled.passkeys,
        recovery_codes: enrolled.recovery_codes,
        remembered_browsers,
    }
}
