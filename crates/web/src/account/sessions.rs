//! The person's sessions: where they are logged in, and ending that.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
};
use doorward_audit::{Event, events};
use doorward_store::{
    StoreError,
    grants::{self, Offline},
    sessions,
};
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
        end_these(&door, &visit, &who, vec![wanted]).await?;
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
    let (user_id, now, mine) = (who.session.user_id, visit.now, who.session.id);
    let own = door
        .store
        .scan::<_, StoreError>(move |tx| sessions::of_user(tx, user_id, now))
        .await?;
    let others: Vec<Uuid> = own.iter().map(|session| session.id).filter(|id| *id != mine).collect();
    let count = others.len();
    end_these(&door, &visit, &who, others).await?;
    // One more than were ended, so that "one other" and "this one" differ on the page.
    Ok(see_other(&format!("{}?ended={}", path::SESSIONS, count + 1)))
}

pub(super) fn foreign_form(door: &Door, visit: &Visit, who: &LoggedIn) -> axum::response::Response {
    let html = pages::fault(&Fault::ForeignForm, &visit.chrome(door, Some(who.viewer())));
    answer::page(StatusCode::FORBIDDEN, html, &[])
}

/// Ends sessions with all their grants, also those meant for absence: the person says that something is not theirs.
async fn end_these(door: &Door, visit: &Visit, who: &LoggedIn, ids: Vec<Uuid>) -> Result<(), Failure> {
    let user = &who.facts.user;
    let (user_id, name, address) = (user.id, user.name.to_string(), visit.client.address.to_string());
    door.store
        .write::<_, StoreError>(visit.now, move |tx| {
            for id in ids {
                grants::revoke_by_session(tx, id, Offline::Revoke)?;
                sessions::end(tx, id)?;
                let actor = doorward_audit::Actor::new(user_id, name.clone(), "session");
                let event = Event::new("session.end", actor)
                    .about("session", Some(id), name.clone())
                    .from_address(address.clone());
                events::record(tx, &event)?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}
