//! What is stored about a person, for that person (GDPR article 15 and 20).

use std::sync::Arc;

use axum::extract::State;
use doorward_audit::{Event, EventFilter, RecordedEvent, events};
use doorward_directory::AcceptedQuery;
use doorward_store::{StoreError, sessions};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::{activity, log_in_first, proved_first};
use crate::{
    Door, answer,
    answer::with_header,
    failure::{Answer, Failure},
    pages::{By, path},
    session::{self, LoggedIn},
    visit::Visit,
};

/// The latest events that are handed out; older ones are an administrator's to look up.
const MOST_EVENTS: u32 = 1000;

/// The latest versions of the terms that the person has accepted.
const MOST_VERSIONS: u32 = 500;

/// GET `/account/export`: a JSON file. It tells much, so the login must be fresh.
pub(crate) async fn download(State(door): State<Arc<Door>>, visit: Visit) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, path::PROFILE));
    };
    if let Some(response) = proved_first(&door, &visit, &who, path::PROFILE).await? {
        return Ok(response);
    }
    let document = document(&door, &visit, &who).await?;
    let user = &who.facts.user;
    let event = Event::new(
        "user.export",
        doorward_audit::Actor::new(user.id, user.name.as_str(), "session"),
    )
    .about("user", Some(user.id), user.name.as_str())
    .from_address(visit.client.address.to_string());
    door.store
        .write::<_, StoreError>(visit.now, move |tx| events::record(tx, &event).map(|_| ()))
        .await?;
    let response = answer::json(StatusCode::OK, &document);
    Ok(with_header(
        response,
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"account.json\""),
    ))
}

async fn document(door: &Door, visit: &Visit, who: &LoggedIn) -> Result<Value, Failure> {
    let (user, now) = (&who.facts.user, visit.now);
    let id = user.id;
    let (live, recorded) = door
        .store
        .scan::<_, StoreError>(move |tx| {
            let live = sessions::of_user(tx, id, now)?;
            Ok((live, events::list(tx, &EventFilter::of_person(id), None, MOST_EVENTS)?))
        })
        .await?;
    let accepted = AcceptedQuery {
        user: Some(id),
        limit: MOST_VERSIONS,
        ..AcceptedQuery::default()
    };
    let accepted = door.directory.accepted_terms(accepted).await?.items;
    let terms: Vec<Value> = accepted
        .iter()
        .map(|word| {
            json!({ "version": word.version, "accepted": word.accepted, "language": word.language, "address": word.address })
        })
        .collect();
    let snapshot = door.snapshots.current().await?;
    let given = door.directory.app_grants(id, now).await?;
    let applications: Vec<Value> = given
        .iter()
        .map(|given| {
            let app = snapshot.by_id(given.app_id).map(|app| app.client_id.clone());
            json!({ "application": app, "scopes": given.scopes, "since": given.since, "last_login": given.last_login,
                "consented": given.consented })
        })
        .collect();
    let sessions: Vec<Value> = live
        .iter()
        .map(|session| {
            json!({ "created": session.created, "last_seen": session.last_seen, "expires": session.expires,
                "address": session.address, "browser": session.user_agent, "methods": session.amr })
        })
        .collect();
    Ok(json!({
        "exported": now,
        "from": door.server.public_url(),
        "account": user,
        "groups": who.facts.groups,
        "applications": applications,
        "sessions": sessions,
        "terms": terms,
        "events": own_events(who, &recorded),
    }))
}

/// What the page of the person's own activity says, and no more: neither who else did it, nor from where.
fn own_events(who: &LoggedIn, recorded: &[RecordedEvent]) -> Vec<Value> {
    let me = who.facts.user.id;
    recorded
        .iter()
        .map(|recorded| {
            let event = &recorded.event;
            let own = event.actor.id == Some(me);
            json!({ "at": recorded.at, "action": event.action, "by": kind(activity::by(event, me)),
                "outcome": event.outcome, "address": event.address.as_ref().filter(|_| own) })
        })
        .collect()
}

/// The kind of who did something, as a program reads it.
fn kind(by: By) -> &'static str {
    match by {
        By::Oneself | By::Office => "you",
        By::Administrator => "administrator",
        By::Server => "server",
        By::Somebody => "somebody",
    }
}
