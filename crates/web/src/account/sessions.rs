//! The person's sessions: where they are logged in, and ending that.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
};
use doorward_audit::{Event, events};
use doorward_directory::end_access;
use doorward_store::{StoreError, grants::Offline, sessions};
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::log_in_first;
use crate::{
    Door,
    answer::{self, see_other},
    failure::{Answer, Failure},
    pages::{self, Fault, SessionItem, Sessions, SessionsNotice, path},
    session::{self, LoggedIn},
    visit::Visit,
};

/// What has just happened, carried over the redirect.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Notice {
    ended: Option<usize>,
}

/// What the forms send.
#[derive(Debug, Deserialize)]
pub(crate) struct EndForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    session: String,
}

/// GET `/account/sessions`.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Query(notice): Query<Notice>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, path::SESSIONS));
    };
    let (user_id, now) = (who.session.user_id, visit.now);
    let mut found = door
        .store
        .scan::<_, StoreError>(move |tx| sessions::of_user(tx, user_id, now))
        .await?;
    found.sort_by_key(|session| (session.id != who.session.id, std::cmp::Reverse(session.last_seen)));
    let ids: Vec<String> = found.iter().map(|session| session.id.to_string()).collect();
    let items: Vec<SessionItem<'_>> = found
        .iter()
        .zip(&ids)
        .map(|(session, id)| SessionItem {
            id,
            user_agent: &session.user_agent,
            address: &session.address,
            created: session.created,
            last_seen: session.last_seen,
            expires: session.expires,
            current: session.id == who.session.id,
        })
        .collect();
    let csrf = session::form_token(&door, &who.session);
    let view = Sessions {
        sessions: &items,
        now: visit.now,
        csrf: &csrf,
        notice: notice.ended.map(|count| match count {
            0 | 1 => SessionsNotice::Ended,
            count => SessionsNotice::OthersEnded { count: count - 1 },
        }),
    };
    let html = pages::sessions(&view, &visit.chrome(&door, Some(who.viewer())));
    Ok(answer::page(StatusCode::OK, html, &[]))
}

/// POST `/account/sessions/end`.
pub(crate) async fn end(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<EndForm>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(see_other("/login"));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    let (user_id, now) = (who.session.user_id, visit.now);
    let own = door
        .store
        .scan::<_, StoreError>(move |tx| sessions::of_user(tx, user_id, now))
        .await?;
    let wanted = form
        .session
        .parse::<Uuid>()
        .ok()
        .filter(|wanted| own.iter().any(|session| session.id == *wanted));
    if let Some(wanted) = wanted {
        end_this(&door, &visit, &who, wanted).await?;
    }
    Ok(see_other(&format!("{}?ended=1", path::SESSIONS)))
}

/// POST `/account/sessions/end-others`.
pub(crate) async fn end_others(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<EndForm>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(see_other("/login"));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    let (user, mine) = (&who.facts.user, who.session.id);
    let (user_id, name) = (user.id, user.name.to_string());
    let event = Event::new(
        "session.end",
        doorward_audit::Actor::new(user_id, name.clone(), "session"),
    )
    .about("user", Some(user_id), name)
    .from_address(visit.client.address.to_string());
    let ended = door
        .store
        .write::<_, StoreError>(visit.now, move |tx| {
            let ended = end_access(tx, user_id, Some(mine))?;
            let data = serde_json::json!({ "sessions": ended.sessions.len(), "grants": ended.grants });
            events::record(tx, &event.with_data(data))?;
            Ok(ended)
        })
        .await?;
    // One more than were ended, so that "one other" and "this one" differ on the page.
    let count = ended.sessions.len() + 1;
    Ok(see_other(&format!("{}?ended={count}", path::SESSIONS)))
}

pub(crate) fn foreign_form(door: &Door, visit: &Visit, who: &LoggedIn) -> axum::response::Response {
    let html = pages::fault(&Fault::ForeignForm, &visit.chrome(door, Some(who.viewer())));
    answer::page(StatusCode::FORBIDDEN, html, &[])
}

/// Ends a session with all its grants, also those meant for absence: the person says that it is not theirs.
async fn end_this(door: &Door, visit: &Visit, who: &LoggedIn, id: Uuid) -> Result<(), Failure> {
    let user = &who.facts.user;
    let event = Event::new(
        "session.end",
        doorward_audit::Actor::new(user.id, user.name.to_string(), "session"),
    )
    .about("session", Some(id), user.name.to_string())
    .from_address(visit.client.address.to_string());
    door.store
        .write::<_, StoreError>(visit.now, move |tx| {
            if sessions::end_with_grants(tx, id, Offline::Revoke)? {
                events::record(tx, &event)?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}
