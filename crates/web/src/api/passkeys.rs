//! Passkeys of people: looked at, renamed and removed here; registered by their person only, in a browser.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::{Passkey, Right};
use http::StatusCode;
use uuid::Uuid;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names},
    lookup,
    state::ApiState,
};

/// List a person's passkeys, oldest first.
#[utoipa::path(get, path = "/api/v1/users/{user}/passkeys", tag = "passkeys",
    params(("user" = String, Path, description = "Name or id.")),
    responses((status = 200, body = api::List<api::Passkey>, description = "All of them.")))]
pub(super) async fn list_passkeys(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::List<api::Passkey>>> {
    caller.require(Right::ReadPeople)?;
    let user = lookup::person(&state, &name).await?;
    let found = state.directory.passkeys(user.id).await?;
    let items = found.into_iter().map(view).collect();
    Ok(Json(api::List { items, next: None }))
}

/// Give a passkey another name.
#[utoipa::path(patch, path = "/api/v1/users/{user}/passkeys/{passkey}", tag = "passkeys",
    params(("user" = String, Path, description = "Name or id."), ("passkey" = String, Path, description = "Its id.")),
    request_body = api::PasskeyChange,
    responses((status = 200, body = api::Passkey, description = "The passkey as changed.")))]
pub(super) async fn rename_passkey(
    State(state): State<ApiState>,
    caller: Caller,
    Names((name, passkey)): Names<(String, String)>,
    Body(change): Body<api::PasskeyChange>,
) -> ApiResult<Json<api::Passkey>> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::person(&state, &name).await?;
    let passkey = id(&passkey, user.name.as_str())?;
    let renamed = state
        .directory
        .rename_passkey(&caller.0, user.id, passkey, &change.name, state.now())
        .await?;
    Ok(Json(view(renamed)))
}

/// Remove a passkey: it logs nobody in any more.
#[utoipa::path(delete, path = "/api/v1/users/{user}/passkeys/{passkey}", tag = "passkeys",
    params(("user" = String, Path, description = "Name or id."), ("passkey" = String, Path, description = "Its id.")),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove_passkey(
    State(state): State<ApiState>,
    caller: Caller,
    Names((name, passkey)): Names<(String, String)>,
) -> ApiResult<StatusCode> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::person(&state, &name).await?;
    let passkey = id(&passkey, user.name.as_str())?;
    state
        .directory
        .remove_passkey(&caller.0, user.id, passkey, state.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove all passkeys of a person: for who has lost their devices.
#[utoipa::path(delete, path = "/api/v1/users/{user}/passkeys", tag = "passkeys",
    params(("user" = String, Path, description = "Name or id.")),
    responses((status = 200, body = api::PasskeysRemoved, description = "How many there were.")))]
pub(super) async fn remove_passkeys(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::PasskeysRemoved>> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::person(&state, &name).await?;
    let removed = state.directory.remove_passkeys(&caller.0, user.id, state.now()).await?;
    let removed = u64::try_from(removed.len()).unwrap_or(u64::MAX);
    Ok(Json(api::PasskeysRemoved { removed }))
}

fn id(text: &str, person: &str) -> ApiResult<Uuid> {
    text.parse().map_err(|_| {
        ApiError::not_found(format!("{person} has no passkey {text:?}"))
            .remedy(format!("doorward user passkeys {person}"))
    })
}

fn view(passkey: Passkey) -> api::Passkey {
    api::Passkey {
        id: passkey.id,
        name: passkey.name,
        created: passkey.created,
        last_used: passkey.last_used,
        synced: passkey.synced,
        backed_up: passkey.backed_up,
        verifies_user: passkey.verifies_user,
        discoverable: passkey.discoverable,
        algorithm: passkey.algorithm,
        model: passkey.model,
        transports: passkey.transports.iter().map(|one| one.as_str().to_owned()).collect(),
        copied: passkey.copied,
    }
}
