//! The audit log.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use doorward_api as api;
use doorward_audit::{EventFilter, EventFollower, Outcome, RecordedEvent, Reference, events};
use doorward_directory::Right;
use doorward_store::StoreError;
use uuid::Uuid;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    follow::{self, Follower},
    input::{Query, id_cursor, limit},
    lookup,
    state::ApiState,
};

/// List events, the latest first.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(api::EventQuery),
    responses((status = 200, body = api::List<api::Event>, description = "A page of events.")))]
pub(super) async fn list_events(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::EventQuery>,
) -> ApiResult<Json<api::List<api::Event>>> {
    caller.require(Right::ReadAudit)?;
    let before: Option<Uuid> = id_cursor(query.cursor.as_deref())?;
    let (limit, filter) = (limit(query.limit)?, filter(&state, query).await?);
    let found: Result<Vec<RecordedEvent>, StoreError> = state
        .store
        .scan(move |tx| events::list(tx, &filter, before, limit.saturating_add(1)))
        .await;
    let mut found = found?;
    let asked = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > asked;
    found.truncate(asked);
    let next = if more {
        found.last().map(|event| event.id.to_string())
    } else {
        None
    };
    Ok(Json(api::List {
        items: found.into_iter().map(view).collect(),
        next,
    }))
}

/// Follow events as JSON lines; an empty line now and then shows that the connection is alive.
#[utoipa::path(get, path = "/api/v1/events/follow", tag = "events", params(api::EventQuery),
    responses((status = 200, body = api::Event, content_type = "application/x-ndjson", description = "One event a line, without an end.")))]
pub(super) async fn follow_events(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::EventQuery>,
) -> ApiResult<Response> {
    caller.require(Right::ReadAudit)?;
    let after: Option<Uuid> = id_cursor(query.cursor.as_deref())?;
    let (store, filter) = (state.store.clone(), filter(&state, query).await?);
    let follower = match after {
        Some(id) => EventFollower::after(store, filter, id),
        None => EventFollower::from_now(store, filter, state.now()),
    };
    follow::answer(&state, Events(follower))
}

struct Events(EventFollower);

impl Follower for Events {
    type Line = api::Event;

    async fn next(&mut self) -> Result<Vec<api::Event>, StoreError> {
        Ok(self.0.next().await?.into_iter().map(view).collect())
    }
}

async fn filter(state: &ApiState, query: api::EventQuery) -> ApiResult<EventFilter> {
    let trace = query.trace.map(|text| text.parse::<Reference>()).transpose();
    let person = match &query.person {
        // An id is enough, also of somebody who is gone: what they did is kept.
        Some(name) => match name.parse() {
            Ok(id) => Some(id),
            Err(_) => Some(lookup::person(state, name).await?.id),
        },
        None => None,
    };
    Ok(EventFilter {
        person,
        action: query.action,
        actor: query.actor,
        subject: query.subject,
        trace: trace.map_err(|error| ApiError::invalid(format!("trace: {error}")))?,
        refused_only: query.refused.unwrap_or(false),
    })
}

fn view(recorded: RecordedEvent) -> api::Event {
    let event = recorded.event;
    api::Event {
        id: recorded.id,
        at: recorded.at,
        action: event.action.into_owned(),
        actor: api::EventActor {
            id: event.actor.id,
            name: event.actor.name,
            via: event.actor.via.into_owned(),
        },
        subject: event.subject.map(|subject| api::EventSubject {
            kind: subject.kind.into_owned(),
            id: subject.id,
            name: subject.name,
        }),
        outcome: match event.outcome {
            Outcome::Ok => api::EventOutcome::Ok,
            Outcome::Refused => api::EventOutcome::Refused,
        },
        reason: event.reason,
        address: event.address,
        trace: event.trace.map(|trace| trace.to_string()),
        data: event.data,
    }
}
