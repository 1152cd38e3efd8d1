//! Whether applications may register themselves, and the tokens that let them.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_apps::{AppsError, ClientRegistration, ClientRegistrationEdit, InitialAccessToken, RegistrationMode};
use doorward_directory::{Actor, Right, within};
use doorward_provider::path;
use doorward_store::Tx;
use http::StatusCode;
use jiff::SignedDuration;
use uuid::Uuid;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names},
    state::ApiState,
};

/// How long a token counts unless it is said.
const LIFETIME: u32 = 30 * 86_400;

/// Asked again in the unit of work that makes the change: a role may be taken away while the request is on its way.
fn still_may(actor: Actor) -> impl FnOnce(&mut Tx<'_>) -> Result<(), AppsError> + Send + 'static {
    move |tx: &mut Tx<'_>| Ok(within::current(tx, &actor)?.require(Right::Full)?)
}

/// Show whether applications may register themselves.
#[utoipa::path(get, path = "/api/v1/client-registration", tag = "client-registration",
    responses((status = 200, body = api::ClientRegistration, description = "Who may, and what becomes of them.")))]
pub(super) async fn show_client_registration(
    State(state): State<ApiState>,
    caller: Caller,
) -> ApiResult<Json<api::ClientRegistration>> {
    caller.require(Right::ReadSettings)?;
    Ok(Json(shown(&state, state.apps.client_registration().await?)))
}

/// Change whether applications may register themselves.
#[utoipa::path(patch, path = "/api/v1/client-registration", tag = "client-registration",
    request_body = api::ClientRegistrationChange,
    responses((status = 200, body = api::ClientRegistration, description = "Who may from now on.")))]
pub(super) async fn edit_client_registration(
    State(state): State<ApiState>,
    caller: Caller,
    Body(change): Body<api::ClientRegistrationChange>,
) -> ApiResult<Json<api::ClientRegistration>> {
    caller.require(Right::Full)?;
    let edit = ClientRegistrationEdit {
        mode: change.mode.map(|mode| match mode {
            api::RegistrationMode::Off => RegistrationMode::Off,
            api::RegistrationMode::Token => RegistrationMode::Token,
            api::RegistrationMode::WeakenOpen => RegistrationMode::Open,
        }),
        groups: change.groups,
        unused_days: change.unused_days,
        most_unused: change.most_unused,
    };
    let changed = state
        .apps
        .edit_client_registration(&caller.author(), edit, state.now(), still_may(caller.0.clone()))
        .await?;
    Ok(Json(shown(&state, changed)))
}

/// List the initial access tokens, never their values.
#[utoipa::path(get, path = "/api/v1/client-registration/tokens", tag = "client-registration",
    responses((status = 200, body = api::List<api::InitialAccessToken>, description = "The tokens.")))]
pub(super) async fn list_initial_access_tokens(
    State(state): State<ApiState>,
    caller: Caller,
) -> ApiResult<Json<api::List<api::InitialAccessToken>>> {
    caller.require(Right::ReadSettings)?;
    let tokens = state.apps.initial_access_tokens().await?;
    Ok(Json(api::List {
        items: tokens.into_iter().map(token).collect(),
        next: None,
    }))
}

/// Make an initial access token.
#[utoipa::path(post, path = "/api/v1/client-registration/tokens", tag = "client-registration",
    request_body = api::NewInitialAccessToken,
    responses((status = 201, body = api::InitialAccessTokenShown, description = "The token; its value is shown only now.")))]
pub(super) async fn add_initial_access_token(
    State(state): State<ApiState>,
    caller: Caller,
    Body(new): Body<api::NewInitialAccessToken>,
) -> ApiResult<(StatusCode, Json<api::InitialAccessTokenShown>)> {
    caller.require(Right::Full)?;
    let lifetime = SignedDuration::from_secs(new.lifetime_seconds.unwrap_or(LIFETIME).into());
    let made = state
        .apps
        .add_initial_access_token(
            &caller.author(),
            &new.label,
            (lifetime, new.uses),
            state.now(),
            still_may(caller.0.clone()),
        )
        .await?;
    let shown = api::InitialAccessTokenShown {
        about: token(made.token),
        token: made.value.expose().clone(),
    };
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Revoke an initial access token; what registered by it stays.
#[utoipa::path(delete, path = "/api/v1/client-registration/tokens/{token}", tag = "client-registration",
    params(("token" = String, Path, description = "Its id.")),
    responses((status = 204, description = "It counts no more.")))]
pub(super) async fn remove_initial_access_token(
    State(state): State<ApiState>,
    caller: Caller,
    Names(id): Names<String>,
) -> ApiResult<StatusCode> {
    caller.require(Right::Full)?;
    let id: Uuid = id.parse().map_err(|_| {
        ApiError::not_found(format!("no initial access token is called {id:?}"))
            .remedy("doorward app registration token list")
    })?;
    state
        .apps
        .remove_initial_access_token(&caller.author(), id, state.now(), still_may(caller.0.clone()))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(state: &ApiState, (policy, groups): (ClientRegistration, Vec<String>)) -> api::ClientRegistration {
    api::ClientRegistration {
        mode: match policy.mode {
            RegistrationMode::Off => api::RegistrationMode::Off,
            RegistrationMode::Token => api::RegistrationMode::Token,
            RegistrationMode::Open => api::RegistrationMode::WeakenOpen,
        },
        endpoint: state.server.url(path::REGISTRATION),
        groups,
        unused_days: policy.unused_days,
        most_unused: policy.most_unused,
    }
}

fn token(token: InitialAccessToken) -> api::InitialAccessToken {
    api::InitialAccessToken {
        id: token.id,
        label: token.label,
        created_by: token.created_by,
        created: token.created,
        expires: token.expires,
        uses_left: token.uses_left,
        used: token.used,
    }
}
