//! Applications.

mod change;
mod grants;
mod keys;
pub(super) mod logout;
mod requests;
mod sender;
mod view;

pub(super) use view::{algorithm as shown_algorithm, scopes as shown_scopes};

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_apps::{AppsError, ClientSecret, NewApp};
use doorward_directory::Right;
use doorward_oidc::{Scope, ScopeSet};
use http::StatusCode;
use jiff::SignedDuration;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names, Query, limit},
    snippet,
    state::ApiState,
};

/// List applications, by client id.
#[utoipa::path(get, path = "/api/v1/apps", tag = "apps", params(api::PageQuery),
    responses((status = 200, body = api::List<api::AppSummary>, description = "A page of applications.")))]
pub(super) async fn list_apps(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::PageQuery>,
) -> ApiResult<Json<api::List<api::AppSummary>>> {
    caller.require(Right::ReadApps)?;
    let asked = usize::try_from(limit(query.limit)?).unwrap_or(usize::MAX);
    let snapshot = state.apps.snapshot().await?;
    // The cursor is the last client id that was shown.
    let after = query.cursor.as_deref();
    let mut rest = snapshot
        .list()
        .into_iter()
        .filter(|app| after.is_none_or(|after| app.client_id.as_str() > after));
    let items: Vec<api::AppSummary> = rest.by_ref().take(asked).map(|app| view::summary(app)).collect();
    let next = if rest.next().is_some() {
        items.last().map(|app| app.client_id.clone())
    } else {
        None
    };
    Ok(Json(api::List { items, next }))
}

/// Add an application from a preset.
#[utoipa::path(post, path = "/api/v1/apps", tag = "apps", request_body = api::NewApp,
    responses((status = 201, body = api::AppAdded, description = "The application, and what to paste into it.")))]
pub(super) async fn add_app(
    State(state): State<ApiState>,
    caller: Caller,
    Body(new): Body<api::NewApp>,
) -> ApiResult<(StatusCode, Json<api::AppAdded>)> {
    caller.require(Right::ChangeApps)?;
    let mut settings = new.settings.unwrap_or_default();
    let scope_maps = new
        .scope_map
        .into_iter()
        .map(|entry| Ok((entry.group, entry.scopes.as_deref().map(scopes).transpose()?)))
        .collect::<ApiResult<Vec<_>>>()?;
    let name = settings.name.take();
    let ca_file = new.ca_file;
    if let Some(path) = &ca_file {
        // Before anything is stored: the answer is made after.
        doorward_apps::check_ca_file(path)?;
    }
    let edits = change::edits(settings)?;
    let new = NewApp {
        preset: new.preset,
        url: new.url,
        client_id: new.client_id,
        name,
        edits,
        scope_maps,
    };
    nobody_is_called_so(&state, new.client_id.as_deref()).await?;
    let created = state.apps.add(&caller.author(), new, state.now()).await?;
    let secret = created.secret.as_ref().map(ClientSecret::expose);
    let snippet = snippet::render(&state, &created.app, secret, ca_file.as_deref())?;
    let app = view::app(&state.server, &created.app);
    Ok((StatusCode::CREATED, Json(api::AppAdded { app, snippet })))
}

/// Show an application with every setting; its secret is another operation.
#[utoipa::path(get, path = "/api/v1/apps/{app}", tag = "apps", params(("app" = String, Path, description = "Client id.")),
    responses((status = 200, body = api::App, description = "The application.")))]
pub(super) async fn show_app(
    State(state): State<ApiState>,
    caller: Caller,
    Names(client_id): Names<String>,
) -> ApiResult<Json<api::App>> {
    caller.require(Right::ReadApps)?;
    let snapshot = state.apps.snapshot().await?;
    Ok(Json(view::app(&state.server, snapshot.require(&client_id)?)))
}

/// Change an application: everything that is asked for, or nothing.
#[utoipa::path(patch, path = "/api/v1/apps/{app}", tag = "apps", params(("app" = String, Path, description = "Client id.")),
    request_body = api::AppChange, responses((status = 200, body = api::App, description = "The application as changed.")))]
pub(super) async fn edit_app(
    State(state): State<ApiState>,
    caller: Caller,
    Names(client_id): Names<String>,
    Body(change): Body<api::AppChange>,
) -> ApiResult<Json<api::App>> {
    caller.require(Right::ChangeApps)?;
    let client_id = known(&state, &client_id).await?;
    let edits = change::edits(change)?;
    let app = state
        .apps
        .edit(&caller.author(), &client_id, edits, state.now())
        .await?;
    Ok(Json(view::app(&state.server, &app)))
}

/// Remove an application with its secret and everything that it was granted.
#[utoipa::path(delete, path = "/api/v1/apps/{app}", tag = "apps", params(("app" = String, Path, description = "Client id.")),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove_app(
    State(state): State<ApiState>,
    caller: Caller,
    Names(client_id): Names<String>,
) -> ApiResult<StatusCode> {
    caller.require(Right::ChangeApps)?;
    let client_id = known(&state, &client_id).await?;
    state.apps.remove(&caller.author(), &client_id, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let the members of a group use an application, with these scopes. Replaces what the group had.
#[utoipa::path(put, path = "/api/v1/apps/{app}/scope-map/{group}", tag = "apps",
    params(("app" = String, Path, description = "Client id."), ("group" = String, Path, description = "Name, or `everyone`.")),
    request_body = api::ScopeMapChange, responses((status = 200, body = api::App, description = "The application as changed.")))]
pub(super) async fn allow_group(
    State(state): State<ApiState>,
    caller: Caller,
    Names((client_id, group)): Names<(String, String)>,
    Body(change): Body<api::ScopeMapChange>,
) -> ApiResult<Json<api::App>> {
    caller.require(Right::ChangeApps)?;
    let client_id = known(&state, &client_id).await?;
    let scopes = change.scopes.as_deref().map(scopes).transpose()?;
    let app = state
        .apps
        .allow(&caller.author(), &client_id, &group, scopes, state.now())
        .await;
    Ok(Json(view::app(
        &state.server,
        &suggesting_group(&state, &group, app).await?,
    )))
}

/// Take from a group what lets its members use an application.
#[utoipa::path(delete, path = "/api/v1/apps/{app}/scope-map/{group}", tag = "apps",
    params(("app" = String, Path, description = "Client id."), ("group" = String, Path, description = "Name, or `everyone`.")),
    responses((status = 200, body = api::App, description = "The application as changed.")))]
pub(super) async fn deny_group(
    State(state): State<ApiState>,
    caller: Caller,
    Names((client_id, group)): Names<(String, String)>,
) -> ApiResult<Json<api::App>> {
    caller.require(Right::ChangeApps)?;
    let client_id = known(&state, &client_id).await?;
    let app = state
        .apps
        .disallow(&caller.author(), &client_id, &group, state.now())
        .await;
    Ok(Json(view::app(
        &state.server,
        &suggesting_group(&state, &group, app).await?,
    )))
}

/// Show an application's secret. This is recorded.
#[utoipa::path(get, path = "/api/v1/apps/{app}/secret", tag = "apps", params(("app" = String, Path, description = "Client id.")),
    responses((status = 200, body = api::SecretShown, description = "The secret.")))]
pub(super) async fn show_secret(
    State(state): State<ApiState>,
    caller: Caller,
    Names(client_id): Names<String>,
) -> ApiResult<Json<api::SecretShown>> {
    caller.require(Right::ChangeApps)?;
    let client_id = known(&state, &client_id).await?;
    let shown = state
        .apps
        .show_secret(&caller.author(), &client_id, state.now())
        .await?;
    Ok(Json(view::secret(client_id, &shown)))
}

/// Replace an application's secret.
#[utoipa::path(post, path = "/api/v1/apps/{app}/secret/rotate", tag = "apps",
    params(("app" = String, Path, description = "Client id.")), request_body = api::RotateSecret,
    responses((status = 200, body = api::SecretShown, description = "The new secret.")))]
pub(super) async fn rotate_secret(
    State(state): State<ApiState>,
    caller: Caller,
    Names(client_id): Names<String>,
    Body(request): Body<api::RotateSecret>,
) -> ApiResult<Json<api::SecretShown>> {
    caller.require(Right::ChangeApps)?;
    let client_id = known(&state, &client_id).await?;
    let overlap = SignedDuration::from_secs(request.overlap_seconds.unwrap_or(0).into());
    let shown = state
        .apps
        .rotate_secret(&caller.author(), &client_id, overlap, state.now())
        .await?;
    Ok(Json(view::secret(client_id, &shown)))
}

/// The client id of an application that exists; otherwise the refusal suggests the one that was meant.
pub(super) async fn known(state: &ApiState, client_id: &str) -> ApiResult<String> {
    Ok(state.apps.snapshot().await?.require(client_id)?.client_id.clone())
}

/// When it was the group that is unknown, the refusal says which one was meant.
async fn suggesting_group<T>(state: &ApiState, group: &str, result: Result<T, AppsError>) -> ApiResult<T> {
    match result {
        Err(AppsError::Refused(refusal)) if refusal.kind.code == doorward_apps::GROUP_UNKNOWN.code => {
            Err(super::lookup::group(state, group)
                .await
                .err()
                .unwrap_or_else(|| refusal.into()))
        }
        result => Ok(result?),
    }
}

/// Scopes, each checked.
pub(super) fn scopes(list: &[String]) -> ApiResult<ScopeSet> {
    let mut set = ScopeSet::default();
    for token in list {
        set.insert(Scope::parse(token)?);
    }
    Ok(set)
}

/// A refusal of a setting that never became an edit.
fn no_edit(setting: &str, error: &dyn std::fmt::Display) -> ApiError {
    ApiError::invalid(format!("{setting}: {error}"))
}

/// A token of an application for itself has the client id as its subject. One that is a person's id would be taken for that person
/// (RFC 9700 §4.15).
async fn nobody_is_called_so(state: &ApiState, client_id: Option<&str>) -> ApiResult<()> {
    let Some(id) = client_id.and_then(|id| id.parse::<uuid::Uuid>().ok()) else {
        return Ok(());
    };
    match state.directory.user(id).await? {
        Some(_) => Err(
            ApiError::invalid("client_id: expected a name, received the id of a person or service account")
                .remedy("Choose a name of the application's own."),
        ),
        None => Ok(()),
    }
}
