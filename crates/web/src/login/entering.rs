//! Somebody has proved who they are: their session begins, and the errand goes on.

use std::sync::Arc;

use axum::response::Response;
use doorward_audit::{Event, Reference, TraceOutcome, events};
use doorward_directory::Facts;
use doorward_provider::authorize::Progress;
use doorward_store::{StoreError, Tx, sessions::Session};
use http::header;

use super::{Errand, OpenAttempt, flow::proceed, terms};
use crate::{
    Door,
    answer::{see_other, with_header},
    failure::{Answer, Failure},
    session::{self, Beginning, Entrance, LoggedIn, Threshold},
    trail::Trail,
    visit::Visit,
};

/// Begins the session and goes on with the errand; `None` when what it rests on ended meanwhile.
pub(crate) async fn enter(
    door: &Door,
    visit: &Visit,
    attempt: OpenAttempt,
    threshold: &Threshold,
    (entrance, facts): (&Entrance, &Arc<Facts>),
    trail: Trail,
) -> Result<Option<Response>, Failure> {
    let beginning = threshold.cross(entrance);
    let Some(logged_in) = begin(door, visit, &beginning, facts, &trail).await? else {
        return Ok(None);
    };
    go_on(door, visit, attempt, &beginning, logged_in, trail)
        .await
        .map(Some)
}

/// Session and event in one unit of work. `None` when the session to renew, the proof or the user has ended meanwhile.
pub(crate) async fn begin(
    door: &Door,
    visit: &Visit,
    beginning: &Beginning,
    facts: &Arc<Facts>,
    trail: &Trail,
) -> Result<Option<LoggedIn>, Failure> {
    let (beginning, name, reference) = (beginning.clone(), facts.user.name.to_string(), trail.reference);
    let session = door
        .store
        .write::<_, StoreError>(visit.now, move |tx| write(tx, &beginning, &name, reference))
        .await?;
    Ok(session.map(|session| LoggedIn {
        session,
        facts: Arc::clone(facts),
    }))
}

/// The same within a unit of work.
pub(crate) fn write(
    tx: &mut Tx<'_>,
    beginning: &Beginning,
    name: &str,
    reference: Reference,
) -> Result<Option<Session>, StoreError> {
    let session = beginning.write(tx)?;
    if let Some(session) = &session {
        let by = doorward_audit::Actor::new(session.user_id, name, "login");
        if beginning.is_backup() {
            // Not before: whoever has half a login is not in.
            let event = Event::new("login.backup", by.clone())
                .from_address(beginning.address())
                .in_trace(Some(reference));
            events::record(tx, &event)?;
        }
        let event = Event::new("session.begin", by)
            .about("session", Some(session.id), name)
            .from_address(beginning.address())
            .in_trace(Some(reference));
        events::record(tx, &event)?;
    }
    Ok(session)
}

/// Goes on with the errand in the session that has just begun.
pub(crate) async fn go_on(
    door: &Door,
    visit: &Visit,
    mut attempt: OpenAttempt,
    beginning: &Beginning,
    logged_in: LoggedIn,
    trail: Trail,
) -> Answer {
    if beginning.is_backup() {
        let user = &logged_in.facts.user.name;
        tracing::warn!(%user, "an administrator came in at the backup door");
    }
    if let Errand::App { progress, .. } = &mut attempt.errand {
        *progress = Progress {
            authenticated: Some(beginning.id()),
            ..Progress::default()
        };
    }
    let response = match &attempt.errand {
        Errand::App { .. } => proceed(door, visit, attempt, Some(logged_in), trail).await?,
        Errand::Page(_) | Errand::StepUp(..) if session::open_terms(door, &logged_in).await?.is_some() => {
            trail.close(door, visit, TraceOutcome::InProgress);
            see_other(&terms::href(&attempt))
        }
        Errand::Page(path) | Errand::StepUp(path, _) => {
            trail.close(door, visit, TraceOutcome::Ok);
            see_other(path)
        }
    };
    Ok(with_header(response, header::SET_COOKIE, beginning.cookie(door)))
}
