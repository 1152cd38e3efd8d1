//! The whole state as files: writing them, planning them, carrying them out.

use std::sync::Arc;

use axum::{Json, extract::State};
use doorward_api as api;
use doorward_directory::Right;
use doorward_doctor::{Finding, drift};
use doorward_jose::Secret;
use doorward_state::{Change, Plan, Request, Setting, Shown, State as Files, What};

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Document, Query, Standing},
    settings::Settings,
    state::ApiState,
};

/// All files in one request are no larger, with what quoting them as JSON adds.
const MAX_FILES: usize = 2 * api::STATE_BYTES;

/// Write everything but people as files. Comments and order of the files that are sent stay.
#[utoipa::path(post, path = "/api/v1/state/export", tag = "state", request_body = api::StateFiles,
    responses((status = 200, body = api::StateFiles, description = "The files.")))]
pub(super) async fn export_state(
    State(state): State<ApiState>,
    caller: Caller,
    Standing(standing): Standing<api::StateFiles, MAX_FILES>,
) -> ApiResult<Json<api::StateFiles>> {
    let files = files(&state).export(&caller.0, standing.files).await?;
    Ok(Json(api::StateFiles { files }))
}

/// Show one thing as its file.
#[utoipa::path(get, path = "/api/v1/state/file", tag = "state", params(api::StateFileQuery),
    responses((status = 200, body = api::StateFile, description = "The file.")))]
pub(super) async fn show_state_file(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::StateFileQuery>,
) -> ApiResult<Json<api::StateFile>> {
    caller.require(Right::ReadSettings)?;
    let text = files(&state).file(&caller.0, &query.path).await?;
    let text = text
        .ok_or_else(|| ApiError::not_found(format!("{}: it is not there", query.path)).remedy("doorward export DIR"))?;
    Ok(Json(api::StateFile { path: query.path, text }))
}

/// What each kind of file may say: JSON schemas for editors.
#[utoipa::path(get, path = "/api/v1/state/schema", tag = "state",
    responses((status = 200, body = api::StateSchemas, description = "A schema for each folder and file.")))]
pub(super) async fn show_state_schemas(State(state): State<ApiState>, _: Caller) -> ApiResult<Json<api::StateSchemas>> {
    let schemas = files(&state).schemas().iter();
    let schemas = schemas.map(|(name, schema)| ((*name).to_owned(), schema.json().clone()));
    Ok(Json(api::StateSchemas {
        schemas: schemas.collect(),
    }))
}

/// Whether the server is still as the files say that were applied last, as far as the caller may see that.
pub(super) async fn drifted(state: &ApiState, caller: &Caller) -> ApiResult<Option<Finding>> {
    if !caller.0.has(Right::ReadApps) || !caller.0.has(Right::ReadPeople) {
        return Ok(None);
    }
    let drift = files(state).drift(&caller.0).await?;
    Ok(drift.map(|drift| drift::finding(drift.at, &drift.by, &drift.differs)))
}

/// Write people as tables of the file of people, some at a time.
#[utoipa::path(get, path = "/api/v1/state/people", tag = "state", params(api::StatePeopleQuery),
    responses((status = 200, body = api::StatePeople, description = "A part of the file.")))]
pub(super) async fn export_people(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::StatePeopleQuery>,
) -> ApiResult<Json<api::StatePeople>> {
    caller.require(Right::ReadSettings)?;
    let (text, next) = files(&state).people(&caller.0, query.cursor).await?;
    Ok(Json(api::StatePeople { text, next }))
}

/// Say what files would change here, and what is here that they do not name. Changes nothing.
#[utoipa::path(post, path = "/api/v1/state/plan", tag = "state", request_body = api::StateRequest,
    responses((status = 200, body = api::StatePlan, description = "What would change.")))]
pub(super) async fn plan_state(
    State(state): State<ApiState>,
    caller: Caller,
    Document(request): Document<api::StateRequest, MAX_FILES>,
) -> ApiResult<Json<api::StatePlan>> {
    let plan = files(&state).plan(&caller.0, read(request), state.now()).await?;
    Ok(Json(shown(plan)))
}

/// Carry files out, all of them or none, if the state is still the one that was planned for.
#[utoipa::path(post, path = "/api/v1/state/apply", tag = "state", request_body = api::StateRequest,
    responses((status = 200, body = api::StatePlan, description = "What was changed.")))]
pub(super) async fn apply_state(
    State(state): State<ApiState>,
    caller: Caller,
    Document(request): Document<api::StateRequest, MAX_FILES>,
) -> ApiResult<Json<api::StatePlan>> {
    let Some(digest) = request.digest.clone() else {
        return Err(ApiError::invalid("digest: expected what the plan said, received none")
            .remedy("plan first: POST /api/v1/state/plan"));
    };
    let plan = files(&state)
        .apply(&caller.0, read(request), &digest, state.now())
        .await?;
    Ok(Json(shown(plan)))
}

fn files(state: &ApiState) -> Files {
    Files::new(
        state.store.clone(),
        state.directory.clone(),
        state.apps.clone(),
        state.upstreams.clone(),
        Arc::clone(&state.random),
        Arc::new(Settings),
    )
}

fn read(request: api::StateRequest) -> Request {
    Request {
        files: request.files,
        secrets: request
            .secrets
            .into_iter()
            .map(|(path, secret)| (path, Secret::new(secret)))
            .collect(),
        prune: request.prune,
    }
}

fn shown(plan: Plan) -> api::StatePlan {
    api::StatePlan {
        digest: plan.digest,
        changes: plan.changes.into_iter().map(change).collect(),
        only_here: plan.only_here,
        unread: plan.unread,
    }
}

fn change(change: Change) -> api::StateChange {
    api::StateChange {
        file: change.file,
        what: match change.what {
            What::Add => api::StateWhat::Add,
            What::Change => api::StateWhat::Change,
            What::Remove => api::StateWhat::Remove,
        },
        settings: change.settings.into_iter().map(setting).collect(),
        weakens: change
            .weakens
            .into_iter()
            .map(|one| api::StateWeaker {
                name: one.name,
                meaning: one.meaning,
            })
            .collect(),
    }
}

fn setting(setting: Setting) -> api::StateSetting {
    let Shown {
        name,
        goes,
        comes,
        from,
        to,
    } = Shown::of(&setting);
    api::StateSetting {
        name: setting.name,
        from: setting.from,
        to: setting.to,
        shown: api::StateShown {
            name,
            goes,
            comes,
            from,
            to,
        },
    }
}
