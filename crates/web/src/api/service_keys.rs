//! Public keys with which service accounts sign for their tokens.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::{Right, ServiceKey};
use http::StatusCode;
use jiff::SignedDuration;
use uuid::Uuid;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names},
    lookup,
    state::ApiState,
};

/// List the public keys of a service account.
#[utoipa::path(get, path = "/api/v1/services/{service}/keys", tag = "services",
    params(("service" = String, Path, description = "Name or id.")),
    responses((status = 200, body = api::List<api::ServiceKey>, description = "Its keys.")))]
pub(super) async fn list_service_keys(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::List<api::ServiceKey>>> {
    caller.require(Right::ReadPeople)?;
    let user = lookup::service(&state, &name).await?;
    let keys = state.directory.service_keys(user.id).await?;
    Ok(Json(api::List {
        items: keys.into_iter().map(shown).collect(),
        next: None,
    }))
}

/// Add a public key: what its private half signs gets tokens for the account.
#[utoipa::path(post, path = "/api/v1/services/{service}/keys", tag = "services",
    params(("service" = String, Path, description = "Name or id.")), request_body = api::NewServiceKey,
    responses((status = 201, body = api::ServiceKey, description = "The key.")))]
pub(super) async fn add_service_key(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Body(new): Body<api::NewServiceKey>,
) -> ApiResult<(StatusCode, Json<api::ServiceKey>)> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::service(&state, &name).await?;
    let now = state.now();
    let expires = new
        .lifetime_seconds
        .map(|seconds| now.checked_add(SignedDuration::from_secs(seconds.into())))
        .transpose()
        .map_err(|_| ApiError::invalid("lifetime_seconds: further away than time is counted"))?;
    let label = new.label.unwrap_or_else(|| format!("added by {}", caller.0.name));
    let key = state
        .directory
        .add_service_key(&caller.0, user.id, (&label, &new.key.to_string()), expires, now)
        .await?;
    Ok((StatusCode::CREATED, Json(shown(key))))
}

/// Remove a key: what it signs counts no more.
#[utoipa::path(delete, path = "/api/v1/services/{service}/keys/{key}", tag = "services",
    params(("service" = String, Path, description = "Name or id."), ("key" = String, Path, description = "Id of the key.")),
    responses((status = 204, description = "It counts no more.")))]
pub(super) async fn remove_service_key(
    State(state): State<ApiState>,
    caller: Caller,
    Names((name, id)): Names<(String, String)>,
) -> ApiResult<StatusCode> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::service(&state, &name).await?;
    let id: Uuid = id.parse().map_err(|_| {
        ApiError::not_found(format!("{name} has no key {id:?}")).remedy(format!("doorward service key list {name}"))
    })?;
    state
        .directory
        .remove_service_key(&caller.0, user.id, id, state.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(key: ServiceKey) -> api::ServiceKey {
    api::ServiceKey {
        id: key.id,
        label: key.label,
        kid: key.jwk.kid().map(str::to_owned),
        thumbprint: key.jwk.thumbprint(),
        created: key.created,
        expires: key.expires,
    }
}
