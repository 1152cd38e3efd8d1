//! Somebody has proved who they are: their session begins, and the errand goes on.

use std::sync::Arc;

use axum::response::Response;
use doorward_audit::{Event, TraceOutcome, events};
use doorward_provider::authorize::Progress;
use doorward_store::{StoreError, Tx};
use http::header;
use uuid::Uuid;

use super::{Errand, OpenAttempt, flow::proceed};
use crate::{
    Door,
    answer::{see_other, with_header},
    failure::Failure,
    session::{Beginning, Entrance, LoggedIn},
    trail::Trail,
    visit::Visit,
};

/// What else is written in the unit of work that begins a session, given its id.
pub(crate) type Also = Box<dyn FnOnce(&mut Tx<'_>, Uuid) -> Result<(), StoreError> + Send>;

/// Begins the session and goes on with the errand; `None` when what it rests on ended meanwhile.
pub(crate) async fn enter(
    door: &Door,
    visit: &Visit,
    mut attempt: OpenAttempt,
    before: Option<LoggedIn>,
    entrance: &Entrance,
    also: Option<Also>,
    trail: Trail,
) -> Result<Option<Response>, Failure> {
    let beginning = Beginning::new(door, visit, entrance, before.as_ref());
    let Some(logged_in) = begin(door, visit, &beginning, entrance, also, &trail).await? else {
        return Ok(None);
    };
    if let Errand::App { progress, .. } = &mut attempt.errand {
        *progress = Progress {
            authenticated: Some(beginning.id()),
            ..Progress::default()
        };
    }
    let response = match &attempt.errand {
        Errand::App { .. } => proceed(door, visit, attempt, Some(logged_in), trail).await?,
        Errand::Page(path) => {
            trail.close(door, visit, TraceOutcome::Ok);
            see_other(path)
        }
    };
    Ok(Some(with_header(response, header::SET_COOKIE, beginning.cookie(door))))
}

/// Session and event in one unit of work. `None` when the session to renew, the proof or the user has ended meanwhile.
pub(crate) async fn begin(
    door: &Door,
    visit: &Visit,
    beginning: &Beginning,
    entrance: &Entrance,
    also: Option<Also>,
    trail: &Trail,
) -> Result<Option<LoggedIn>, Failure> {
    let user = &entrance.facts.user;
    let event = Event::new(
        "session.begin",
        doorward_audit::Actor::new(user.id, user.name.to_string(), "login"),
    )
    .about("session", Some(beginning.id()), user.name.to_string())
    .from_address(visit.client.address.to_string())
    .in_trace(Some(trail.reference));
    let beginning = beginning.clone();
    let session = door
        .store
        .write::<_, StoreError>(visit.now, move |tx| {
            let session = beginning.write(tx)?;
            if session.is_some() {
                events::record(tx, &event)?;
                if let Some(also) = also {
                    also(tx, beginning.id())?;
                }
            }
            Ok(session)
        })
        .await?;
    Ok(session.map(|session| LoggedIn {
        session,
        facts: Arc::clone(&entrance.facts),
    }))
}
