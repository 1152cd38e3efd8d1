//! Service accounts and their tokens.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::{ApiToken, NewUser, Right, User, UserEdit, UserKind, UserQuery};
use http::StatusCode;
use jiff::SignedDuration;
use uuid::Uuid;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names, Query, limit},
    lookup,
    state::ApiState,
    users,
};

/// List service accounts, by name.
#[utoipa::path(get, path = "/api/v1/services", tag = "services", params(api::PageQuery),
    responses((status = 200, body = api::List<api::Service>, description = "A page of service accounts.")))]
pub(super) async fn list_services(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::PageQuery>,
) -> ApiResult<Json<api::List<api::Service>>> {
    caller.require(Right::ReadPeople)?;
    let query = UserQuery {
        kind: Some(UserKind::Service),
        after: query.cursor,
        limit: limit(query.limit)?,
        ..UserQuery::default()
    };
    let page = state.directory.list_users(query).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for user in page.items {
        items.push(view(&state, user).await?);
    }
    Ok(Json(api::List { items, next: page.next }))
}

/// Add a service account.
#[utoipa::path(post, path = "/api/v1/services", tag = "services", request_body = api::NewService,
    responses((status = 201, body = api::Service, description = "The service account.")))]
pub(super) async fn add_service(
    State(state): State<ApiState>,
    caller: Caller,
    Body(new): Body<api::NewService>,
) -> ApiResult<(StatusCode, Json<api::Service>)> {
    let new = NewUser {
        name: new.name,
        kind: UserKind::Service,
        display_name: new.display_name,
        expires: new.expires,
        ..NewUser::default()
    };
    let user = state.directory.add_user(&caller.0, new, state.now()).await?;
    Ok((StatusCode::CREATED, Json(view(&state, user).await?)))
}

/// Show a service account.
#[utoipa::path(get, path = "/api/v1/services/{service}", tag = "services",
    params(("service" = String, Path, description = "Name or id.")),
    responses((status = 200, body = api::Service, description = "The service account.")))]
pub(super) async fn show_service(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::Service>> {
    caller.require(Right::ReadPeople)?;
    let user = lookup::service(&state, &name).await?;
    Ok(Json(view(&state, user).await?))
}

/// Change a service account: what it is for, when it ends, whether it is disabled.
#[utoipa::path(patch, path = "/api/v1/services/{service}", tag = "services",
    params(("service" = String, Path, description = "Name or id.")), request_body = api::ServiceChange,
    responses((status = 200, body = api::Service, description = "The service account as changed.")))]
pub(super) async fn edit_service(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Body(change): Body<api::ServiceChange>,
) -> ApiResult<Json<api::Service>> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::service(&state, &name).await?;
    let edit = UserEdit {
        display_name: change.display_name,
        expires: users::expiry(change.expires),
        disabled: change.disabled,
        ..UserEdit::default()
    };
    let user = state.directory.edit_user(&caller.0, user.id, edit, state.now()).await?;
    Ok(Json(view(&state, user).await?))
}

/// Delete a service account with its tokens.
#[utoipa::path(delete, path = "/api/v1/services/{service}", tag = "services",
    params(("service" = String, Path, description = "Name or id.")), responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete_service(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<StatusCode> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::service(&state, &name).await?;
    state
        .directory
        .delete_user(&caller.0, user.id, true, state.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the tokens of a service account, never their values.
#[utoipa::path(get, path = "/api/v1/services/{service}/tokens", tag = "services",
    params(("service" = String, Path, description = "Name or id.")),
    responses((status = 200, body = api::List<api::ApiToken>, description = "Its tokens.")))]
pub(super) async fn list_tokens(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::List<api::ApiToken>>> {
    caller.require(Right::ReadPeople)?;
    let user = lookup::service(&state, &name).await?;
    let tokens = state.directory.api_tokens(user.id).await?;
    Ok(Json(api::List {
        items: tokens.into_iter().map(token).collect(),
        next: None,
    }))
}

/// Make a token of a service account.
#[utoipa::path(post, path = "/api/v1/services/{service}/tokens", tag = "services",
    params(("service" = String, Path, description = "Name or id.")), request_body = api::NewToken,
    responses((status = 201, body = api::TokenShown, description = "The token; its value is shown only now.")))]
pub(super) async fn add_token(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Body(new): Body<api::NewToken>,
) -> ApiResult<(StatusCode, Json<api::TokenShown>)> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::service(&state, &name).await?;
    let now = state.now();
    let expires = new
        .lifetime_seconds
        .map(|seconds| now.checked_add(SignedDuration::from_secs(seconds.into())))
        .transpose()
        .map_err(|_| ApiError::invalid("lifetime_seconds: further away than time is counted"))?;
    let label = new.label.unwrap_or_else(|| format!("made by {}", caller.0.name));
    let made = state
        .directory
        .create_api_token(&caller.0, user.id, &label, expires, now)
        .await?;
    let shown = api::TokenShown {
        about: token(made.token),
        token: made.value.expose().clone(),
    };
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Revoke a token at once.
#[utoipa::path(delete, path = "/api/v1/services/{service}/tokens/{token}", tag = "services",
    params(("service" = String, Path, description = "Name or id."), ("token" = String, Path, description = "Id of the token.")),
    responses((status = 204, description = "It no longer works.")))]
pub(super) async fn revoke_token(
    State(state): State<ApiState>,
    caller: Caller,
    Names((name, id)): Names<(String, String)>,
) -> ApiResult<StatusCode> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::service(&state, &name).await?;
    let refused = || {
        ApiError::not_found(format!("{name} has no token {id:?}")).remedy(format!("doorward service token list {name}"))
    };
    let id: Uuid = id.parse().map_err(|_| refused())?;
    if !state
        .directory
        .api_tokens(user.id)
        .await?
        .iter()
        .any(|token| token.id == id)
    {
        return Err(refused());
    }
    state.directory.revoke_api_token(&caller.0, id, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn token(token: ApiToken) -> api::ApiToken {
    api::ApiToken {
        id: token.id,
        label: token.label,
        created: token.created,
        expires: token.expires,
        last_used: token.last_used,
    }
}

async fn view(state: &ApiState, user: User) -> ApiResult<api::Service> {
    let facts = state.directory.facts(user.id).await?;
    Ok(api::Service {
        id: user.id,
        name: user.name.to_string(),
        display_name: user.display_name,
        disabled: user.disabled,
        expires: user.expires,
        effective_groups: facts.map(|facts| facts.groups.clone()).unwrap_or_default(),
        created: user.created,
    })
}
