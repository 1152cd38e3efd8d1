//! Who is logged in where.

use std::collections::{HashMap, hash_map::Entry};

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::Right;
use doorward_store::sessions::{self, Session};
use http::StatusCode;
use uuid::Uuid;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Names, Query, id_cursor, limit},
    lookup,
    state::ApiState,
};

/// List live sessions, the latest first.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "sessions", params(api::SessionQuery),
    responses((status = 200, body = api::List<api::Session>, description = "A page of sessions.")))]
pub(super) async fn list_sessions(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::SessionQuery>,
) -> ApiResult<Json<api::List<api::Session>>> {
    caller.require(Right::ReadPeople)?;
    let (now, limit) = (state.now(), limit(query.limit)?);
    let before: Option<Uuid> = id_cursor(query.cursor.as_deref())?;
    let user = match &query.user {
        Some(name) => Some(lookup::person(&state, name).await?.id),
        None => None,
    };
    // One more than asked for tells whether there is a next page.
    let mut found: Vec<Session> = state
        .store
        .scan(move |tx| sessions::live(tx, user, before, limit.saturating_add(1), now))
        .await?;
    let asked = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > asked;
    found.truncate(asked);
    let next = if more {
        found.last().map(|session| session.id.to_string())
    } else {
        None
    };
    let mut names = HashMap::new();
    let mut items = Vec::with_capacity(found.len());
    for session in found {
        if let Entry::Vacant(unknown) = names.entry(session.user_id) {
            let user = state.directory.user(session.user_id).await?;
            unknown.insert(user.map(|user| user.name.to_string()).unwrap_or_default());
        }
        items.push(view(session, &names));
    }
    Ok(Json(api::List { items, next }))
}

/// End a session, and what applications got through it.
#[utoipa::path(delete, path = "/api/v1/sessions/{session}", tag = "sessions",
    params(("session" = String, Path, description = "Id of the session.")), responses((status = 204, description = "It is ended.")))]
pub(super) async fn end_session(
    State(state): State<ApiState>,
    caller: Caller,
    Names(id): Names<String>,
) -> ApiResult<StatusCode> {
    caller.require(Right::ChangePeople)?;
    let unknown = || ApiError::not_found(format!("there is no live session {id:?}")).remedy("doorward session list");
    let key: Uuid = id.parse().map_err(|_| unknown())?;
    if state.directory.end_session(&caller.0, key, state.now()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown())
    }
}

/// End all sessions of a person, and whatever applications may do for them, also in their absence.
#[utoipa::path(delete, path = "/api/v1/users/{user}/sessions", tag = "sessions",
    params(("user" = String, Path, description = "Name or id.")),
    responses((status = 200, body = api::Ended, description = "How many there were.")))]
pub(super) async fn end_user_sessions(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::Ended>> {
    caller.require(Right::ChangePeople)?;
    let user = lookup::person(&state, &name).await?;
    let ended = state.directory.end_sessions(&caller.0, user.id, state.now()).await?;
    Ok(Json(api::Ended {
        ended: u64::try_from(ended.sessions.len()).unwrap_or(u64::MAX),
        grants: ended.grants,
    }))
}

fn view(session: Session, names: &HashMap<Uuid, String>) -> api::Session {
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    api::Session {
        id: session.id,
        user: names.get(&session.user_id).cloned().unwrap_or_default(),
        created: session.created,
        last_seen: session.last_seen,
        expires: session.expires,
        address: given(session.address),
        user_agent: given(session.user_agent),
        methods: session.amr,
    }
}
