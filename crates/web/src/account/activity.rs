//! What a person did lately and what was done to their account, without what belongs to others: whom they administer, and where
//! those were who administered them.

use std::sync::Arc;

use axum::extract::{Query, State};
use doorward_apps::Snapshot as Apps;
use doorward_audit::{Event, EventFilter, Outcome, RecordedEvent, events};
use doorward_store::StoreError;
use doorward_upstreams::Snapshot as Upstreams;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::log_in_first;
use crate::{
    Door, answer,
    failure::Answer,
    pages::{self, Activity, By, Deed, path},
    session,
    visit::Visit,
};

/// Entries of a page.
const PER_PAGE: usize = 50;

/// Which page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    before: Option<String>,
}

/// GET `/account/activity`.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Query(asked): Query<Asked>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, path::ACTIVITY));
    };
    let me = who.session.user_id;
    let before: Option<Uuid> = asked.before.as_deref().and_then(|text| text.parse().ok());
    let one_more = u32::try_from(PER_PAGE + 1).unwrap_or(u32::MAX);
    let mut found = door
        .store
        .scan::<_, StoreError>(move |tx| events::list(tx, &EventFilter::of_person(me), before, one_more))
        .await?;
    let has_more = found.len() > PER_PAGE;
    found.truncate(PER_PAGE);
    let older = found.last().filter(|_| has_more).map(|last| last.id.to_string());
    let (apps, upstreams) = (door.snapshots.current().await?, door.upstreams.snapshot().await?);
    let deeds: Vec<Deed<'_>> = found
        .iter()
        .map(|recorded| deed(recorded, me, &apps, &upstreams))
        .collect();
    let view = Activity {
        deeds: &deeds,
        now: visit.now,
        older: older.as_deref(),
        is_later: before.is_some(),
    };
    let html = pages::activity(&view, &visit.chrome(&door, Some(who.viewer())));
    Ok(answer::page(StatusCode::OK, html, &[]))
}

fn deed<'a>(recorded: &'a RecordedEvent, me: Uuid, apps: &'a Apps, upstreams: &'a Upstreams) -> Deed<'a> {
    let event = &recorded.event;
    Deed {
        at: recorded.at,
        action: &event.action,
        refused: event.outcome == Outcome::Refused,
        by: by(event, me),
        about: about(event, apps, upstreams),
        address: event.address.as_deref().filter(|_| event.actor.id == Some(me)),
    }
}

/// Who did it, as far as it is this person's to know.
pub(super) fn by(event: &Event, me: Uuid) -> By {
    let is_me = event.actor.id == Some(me);
    let is_attempt = event.outcome == Outcome::Refused && matches!(event.action.as_ref(), "login" | "upstream.login");
    match (is_me, event.actor.via.as_ref()) {
        _ if is_attempt => By::Somebody,
        (true, _) if is_of_another(event, me) => By::Office,
        (true, _) => By::Oneself,
        (false, "system") => By::Server,
        // Whoever typed this person's name, or their address.
        (false, "login" | "registration") => By::Somebody,
        (false, _) => By::Administrator,
    }
}

/// Whether what the person did was done to somebody or something that is not theirs.
fn is_of_another(event: &Event, me: Uuid) -> bool {
    if names_another(&event.data, me) {
        return true;
    }
    event
        .subject
        .as_ref()
        .is_some_and(|subject| match subject.kind.as_ref() {
            "user" => subject.id != Some(me),
            "session" => false,
            "terms" => event.action != "terms.accept",
            // What people do with applications and providers for themselves; the rest is administering them.
            "app" => !matches!(event.action.as_ref(), "login" | "consent.give" | "grant.revoke"),
            // `upstream.logout` is its own doing, or comes of switching it off.
            "upstream" => !matches!(
                event.action.as_ref(),
                "upstream.login" | "upstream.link" | "upstream.unlink"
            ),
            _ => true,
        })
}

/// Whether an event's data names somebody else: one person as `user`, their id alone or with more, or several ids as `users`.
fn names_another(data: &Value, me: Uuid) -> bool {
    let one = data.pointer("/user/id").or_else(|| data.get("user"));
    let several = data.get("users").and_then(Value::as_array).into_iter().flatten();
    one.into_iter()
        .chain(several)
        .filter_map(|id| id.as_str()?.parse::<Uuid>().ok())
        .any(|id| id != me)
}

/// The name under which people know what it was about; its technical name when it is gone.
fn about<'a>(event: &'a Event, apps: &'a Apps, upstreams: &'a Upstreams) -> Option<&'a str> {
    let subject = event.subject.as_ref()?;
    let known = match subject.kind.as_ref() {
        "app" => apps.by_id(subject.id?).map(|app| app.name.as_str()),
        "upstream" => upstreams.by_id(subject.id?).map(|upstream| upstream.title.as_str()),
        _ => return None,
    };
    Some(known.unwrap_or(&subject.name))
}

#[cfg(test)]
mod tests {
    use doorward_audit::Actor;
    use serde_json::json;

    use super::*;

    #[test]
    fn who_did_it_is_said_without_naming_anybody() {
        let (me, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let of = |actor: Actor, action: &'static str| Event::new(action, actor);
        let i = |via: &'static str| Actor::new(me, "alice", via);
        let cases = [
            (
                of(i("session"), "user.password.change").about("user", Some(me), "alice"),
                By::Oneself,
            ),
            (
                of(i("session"), "session.end").about("session", Some(other), "alice"),
                By::Oneself,
            ),
            (
                of(i("session"), "login").about("app", Some(other), "netbox"),
                By::Oneself,
            ),
            (
                of(i("session"), "user.edit").about("user", Some(other), "bob"),
                By::Office,
            ),
            (
                of(i("session"), "group.member.add").about("group", Some(other), "crew"),
                By::Office,
            ),
            (
                of(i("session"), "app.edit").about("app", Some(other), "netbox"),
                By::Office,
            ),
            (
                of(i("session"), "grant.revoke")
                    .about("app", Some(other), "netbox")
                    .with_data(json!({ "user": { "id": other } })),
                By::Office,
            ),
            (of(i("session"), "terms.accept").about("terms", None, "3"), By::Oneself),
            (of(i("session"), "terms.publish").about("terms", None, "3"), By::Office),
            (of(i("login"), "login.backup"), By::Oneself),
            (of(i("login"), "login").refused("wrong_credentials"), By::Somebody),
            (
                of(Actor::named("somebody", "registration"), "registration.ask").about("user", Some(me), "alice"),
                By::Somebody,
            ),
            (
                of(i("registration"), "user.register").about("user", Some(me), "alice"),
                By::Oneself,
            ),
            (
                of(Actor::named("somebody", "login"), "password.forgotten").about("user", Some(me), "alice"),
                By::Somebody,
            ),
            (
                of(Actor::system(), "user.expire").about("user", Some(me), "alice"),
                By::Server,
            ),
            (
                of(Actor::new(other, "bob", "session"), "user.edit").about("user", Some(me), "alice"),
                By::Administrator,
            ),
            (
                of(Actor::named("root", "socket"), "user.edit").about("user", Some(me), "alice"),
                By::Administrator,
            ),
        ];
        for (event, expected) in cases {
            assert_eq!(by(&event, me), expected, "{event:?}");
        }
    }

    #[test]
    fn whose_login_at_a_provider_it_was_is_in_the_data() {
        let (me, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for (action, data, expected) in [
            (
                "upstream.unlink",
                json!({ "subject": "a1", "users": [me] }),
                By::Oneself,
            ),
            (
                "upstream.unlink",
                json!({ "subject": "b2", "users": [other] }),
                By::Office,
            ),
            (
                "upstream.unlink",
                json!({ "subject": "c3", "users": [me, other] }),
                By::Office,
            ),
            ("upstream.link", json!({ "user": me, "subject": "a1" }), By::Oneself),
            ("upstream.link", json!({ "user": other, "subject": "b2" }), By::Office),
            ("upstream.logout", json!({ "sessions": [other] }), By::Office),
            (
                "upstream.login",
                json!({ "how": "known", "subject": "a1" }),
                By::Oneself,
            ),
        ] {
            let event = Event::new(action, Actor::new(me, "alice", "session"))
                .about("upstream", Some(other), "corp")
                .with_data(data);
            assert_eq!(by(&event, me), expected, "{event:?}");
        }
    }
}
