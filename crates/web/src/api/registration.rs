//! People who come by themselves: whether they may, and who waits.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::{Group, Registration, RegistrationEdit, RegistrationPolicy, Right};
use http::StatusCode;
use uuid::Uuid;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names, Query, id_cursor, limit},
    state::ApiState,
};

/// Show whether and how people register themselves.
#[utoipa::path(get, path = "/api/v1/registration", tag = "registration",
    responses((status = 200, body = api::Registration, description = "Who may register, and what becomes of them.")))]
pub(super) async fn show_registration(
    State(state): State<ApiState>,
    caller: Caller,
) -> ApiResult<Json<api::Registration>> {
    caller.require(Right::ReadSettings)?;
    Ok(Json(shown(state.directory.registration_policy().await?)))
}

/// Change whether and how people register themselves.
#[utoipa::path(patch, path = "/api/v1/registration", tag = "registration", request_body = api::RegistrationChange,
    responses((status = 200, body = api::Registration, description = "Who may register from now on.")))]
pub(super) async fn edit_registration(
    State(state): State<ApiState>,
    caller: Caller,
    Body(change): Body<api::RegistrationChange>,
) -> ApiResult<Json<api::Registration>> {
    caller.require(Right::Full)?;
    let edit = RegistrationEdit {
        open: change.open,
        domains: change.domains,
        approval: change.approval,
        groups: change.groups,
    };
    let now = state.now();
    Ok(Json(shown(
        state.directory.edit_registration(&caller.0, edit, now).await?,
    )))
}

/// List those who registered and wait for an administrator's word, oldest first.
#[utoipa::path(get, path = "/api/v1/registration/requests", tag = "registration", params(api::PageQuery),
    responses((status = 200, body = api::List<api::RegistrationRequest>, description = "A page of those who wait.")))]
pub(super) async fn list_registrations(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::PageQuery>,
) -> ApiResult<Json<api::List<api::RegistrationRequest>>> {
    caller.require(Right::ReadPeople)?;
    let limit = limit(query.limit)?;
    let after = id_cursor(query.cursor.as_deref())?;
    let mut items = state
        .directory
        .waiting_registrations(after, limit + 1, state.now())
        .await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > most;
    items.truncate(most);
    Ok(Json(api::List {
        next: items.last().filter(|_| more).map(|last| last.id.to_string()),
        items: items.into_iter().map(request).collect(),
    }))
}

/// Let somebody in who waits: the account is there, and a letter with the link to choose a password goes to them.
#[utoipa::path(post, path = "/api/v1/registration/requests/{request}/approve", tag = "registration",
    params(("request" = String, Path, description = "Its id.")), request_body = api::RegistrationApproval,
    responses((status = 200, body = api::RegistrationApproved, description = "They are let in.")))]
pub(super) async fn approve_registration(
    State(state): State<ApiState>,
    caller: Caller,
    Names(id): Names<String>,
    Body(approval): Body<api::RegistrationApproval>,
) -> ApiResult<Json<api::RegistrationApproved>> {
    caller.require(Right::ChangePeople)?;
    let user = state
        .directory
        .approve_registration(&caller.0, named(&id)?, approval.name, state.now())
        .await?;
    Ok(Json(api::RegistrationApproved {
        name: user.name.to_string(),
        mailed_to: user.email,
    }))
}

/// Turn somebody away who waits, and tell them.
#[utoipa::path(post, path = "/api/v1/registration/requests/{request}/reject", tag = "registration",
    params(("request" = String, Path, description = "Its id.")),
    responses((status = 204, description = "There is no account, and nobody waits any more. Events keep the address and the name as long as events are kept.")))]
pub(super) async fn reject_registration(
    State(state): State<ApiState>,
    caller: Caller,
    Names(id): Names<String>,
) -> ApiResult<StatusCode> {
    caller.require(Right::ChangePeople)?;
    let now = state.now();
    state.directory.reject_registration(&caller.0, named(&id)?, now).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn named(id: &str) -> ApiResult<Uuid> {
    Uuid::parse_str(id).map_err(|_| ApiError::not_found(format!("a registration is named by its id, received {id:?}")))
}

fn shown((policy, groups): (RegistrationPolicy, Vec<Group>)) -> api::Registration {
    api::Registration {
        open: policy.open,
        domains: policy.domains,
        approval: policy.approval,
        groups: groups.into_iter().map(|group| group.name.to_string()).collect(),
    }
}

fn request(waits: Registration) -> api::RegistrationRequest {
    api::RegistrationRequest {
        id: waits.id,
        email: waits.address,
        name: waits.name,
        display_name: waits.display_name,
        address: waits.came_from,
        created: waits.created,
        expires: waits.expires,
    }
}
