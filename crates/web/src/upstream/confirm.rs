//! Back from an upstream with a login that is to be connected: the person sees both names and says that both are theirs. Until then
//! nothing is written; somebody else may have been logged in there.

use std::sync::Arc;

use axum::{Form, extract::State, response::Response};
use doorward_audit::TraceOutcome;
use doorward_upstreams::{Arrival, Upstream};
use http::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::{Purpose, connect::hindrance, turned_away};
use crate::{
    Door,
    account::{log_in_first, sessions::foreign_form},
    answer::{self, see_other},
    failure::Answer,
    pages::{self, ConfirmLogin, field, path},
    session::{self, LoggedIn},
    trail::Trail,
    visit::Visit,
};

/// The question, for the session that began this.
pub(super) async fn ask(
    door: &Door,
    visit: &Visit,
    upstream: &Arc<Upstream>,
    arrival: Arrival,
    session: Uuid,
    mut trail: Trail,
) -> Answer {
    let Some(who) = session::current(door, visit)
        .await?
        .filter(|who| who.session.id == session)
    else {
        return Ok(log_in_first(door, visit, path::LOGINS));
    };
    if let Some(response) = hindrance(door, visit, &who).await? {
        return Ok(response);
    }
    trail.user(&who.facts.user.name);
    let held = match door
        .upstreams
        .hold(&arrival, who.session.user_id, session, visit.now)
        .await
    {
        Ok(held) => held,
        Err(error) => {
            let purpose = Some(Purpose::Connect(session));
            return turned_away::by_service(door, visit, upstream, error, purpose, trail).await;
        }
    };
    let subject = &arrival.sub;
    trail.steps.info(
        "upstream.connect",
        format!("whether {subject} is {} was asked", who.facts.user.name),
    );
    trail.close(door, visit, TraceOutcome::InProgress);
    Ok(page(door, visit, &who, upstream, &arrival, &held))
}

fn page(door: &Door, visit: &Visit, who: &LoggedIn, upstream: &Upstream, arrival: &Arrival, held: &str) -> Response {
    let csrf = session::form_token(door, &who.session);
    let user = &who.facts.user;
    let view = ConfirmLogin {
        upstream: &upstream.title,
        there: arrival.shown_name(),
        full_name_there: arrival.claims.get("name").and_then(serde_json::Value::as_str),
        here: user.name.as_str(),
        full_name_here: &user.display_name,
        held,
        csrf: &csrf,
    };
    let html = pages::confirm_login(&view, &visit.chrome(door, Some(who.viewer())));
    answer::page(StatusCode::OK, html, &[])
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct ConfirmForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    decision: String,
}

/// POST `/account/logins/confirm`: the login becomes one of the person, whose proof must still be fresh.
pub(crate) async fn answer(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<ConfirmForm>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(see_other("/login"));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    if let Some(response) = hindrance(&door, &visit, &who).await? {
        return Ok(response);
    }
    let session = who.session.id;
    let released = door.upstreams.release(&form.login, session, visit.now).await?;
    if form.decision != field::ALLOW {
        return Ok(see_other(path::LOGINS));
    }
    let snapshot = door.upstreams.snapshot().await?;
    let Some((arrival, upstream)) = released.and_then(|arrival| {
        let upstream = snapshot.by_id(arrival.upstream)?.clone();
        Some((arrival, upstream))
    }) else {
        return Ok(see_other(&format!("{}?done=late", path::LOGINS)));
    };
    let mut trail = Trail::begin(&door, &visit, "upstream");
    trail.user(&who.facts.user.name);
    let context = turned_away::context(&visit, &trail);
    let confirmed_by = Some(who.session.user_id);
    let connected = door
        .upstreams
        .accept(&arrival, confirmed_by, &context, visit.now, |_, _| Ok(()));
    match connected.await {
        Ok((accepted, ())) => {
            trail.steps.ok(
                "upstream.connect",
                format!("{} is {} now", accepted.subject, accepted.user.name),
            );
            trail.close(&door, &visit, TraceOutcome::Ok);
            Ok(see_other(&format!("{}?done=connected", path::LOGINS)))
        }
        Err(error) => {
            let purpose = Some(Purpose::Connect(session));
            turned_away::by_service(&door, &visit, &upstream, error, purpose, trail).await
        }
    }
}
