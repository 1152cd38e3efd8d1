//! Logout: our own, and RP-initiated (OpenID Connect RP-Initiated Logout 1.0).

use std::sync::Arc;

use axum::{
    Form,
    body::Bytes,
    extract::{RawQuery, State},
    response::Response,
};
use doorward_audit::{Event, TraceOutcome, events};
use doorward_oidc::{EndSessionRequest, Parameters, encode};
use doorward_provider::{
    logout::{Current, LogoutPlan, plan},
    path,
};
use doorward_store::{StoreError, app_sessions, grants::Offline, sessions};
use http::{StatusCode, header};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    Door,
    answer::{self, see_other, with_header},
    cookies::Kind,
    failure::{Answer, Failure},
    login::flow::{app_ref, origin_of},
    pages::{self, ConfirmLogout, field},
    session::{self, LoggedIn},
    trail::Trail,
    upstream::{self, ended::Then},
    visit::Visit,
};

use super::logged_out::{self, Ended};

const CONFIRM: &str = "/logout/confirm";

/// GET. Whatever comes, the person ends up somewhere friendly.
pub(crate) async fn get(State(door): State<Arc<Door>>, visit: Visit, RawQuery(query): RawQuery) -> Answer {
    let request = read(query.unwrap_or_default().as_bytes());
    let who = session::of_browser(&door, &visit).await?;
    let mut trail = Trail::begin(&door, &visit, "logout");
    let plan = decide(&door, &request, who.as_ref(), &mut trail).await?;
    if let (true, Some(who)) = (plan.confirm, &who) {
        trail.close(&door, &visit, TraceOutcome::InProgress);
        return confirmation(&door, &visit, who, &request, &plan).await;
    }
    end(&door, &visit, who, plan, trail).await
}

/// POST by an application: sent on as GET, because the browser does not send our cookie with it.
pub(crate) async fn post(body: Bytes) -> Response {
    let parameters = Parameters::parse(&body).ok();
    let query = parameters
        .map(|parameters| encode(parameters.iter()))
        .unwrap_or_default();
    see_other(&format!("{}?{query}", path::LOGOUT))
}

/// What cannot be read counts as nothing said.
fn read(query: &[u8]) -> EndSessionRequest {
    Parameters::parse(query)
        .and_then(|parameters| EndSessionRequest::parse(&parameters))
        .unwrap_or_default()
}

async fn decide(
    door: &Door,
    request: &EndSessionRequest,
    who: Option<&LoggedIn>,
    trail: &mut Trail,
) -> Result<LogoutPlan, Failure> {
    let snapshot = door.snapshots.current().await?;
    let keys = door.keys.current().await?;
    let find = |client_id: &str| snapshot.find(client_id).map(|app| &**app);
    let subject = who.map(|who| match request.client_id.as_deref().and_then(find) {
        Some(app) => doorward_provider::subject(&door.server, app, &who.facts),
        None => who.session.user_id.to_string(),
    });
    let current = who.zip(subject.as_deref()).map(|(who, subject)| Current {
        id: who.session.id,
        subject,
    });
    let plan = plan(request, current, find, &door.server, &keys, &mut trail.steps);
    if let Some(client_id) = &plan.client_id {
        trail.app(client_id);
    }
    if let Some(who) = who {
        trail.user(&who.facts.user.name);
    }
    Ok(plan)
}

async fn confirmation(
    door: &Door,
    visit: &Visit,
    who: &LoggedIn,
    request: &EndSessionRequest,
    plan: &LogoutPlan,
) -> Answer {
    let snapshot = door.snapshots.current().await?;
    let app = plan.client_id.as_deref().and_then(|client_id| snapshot.find(client_id));
    let csrf = session::form_token(door, &who.session);
    let hidden: Vec<(&str, String)> = request.to_pairs();
    let hidden: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let view = ConfirmLogout {
        app: app.map(|app| app_ref(app)),
        display_name: &who.facts.user.display_name,
        action: CONFIRM,
        csrf: &csrf,
        hidden: &hidden,
    };
    let target = plan.then.as_deref().map(origin_of).unwrap_or_default();
    // The form's answer may lead on to the upstream, which our policy must allow.
    let onward = match upstream::ended::hint(door, who.session.id).await {
        Some(hint) => upstream::ended::onward(door, visit, hint, None).await,
        None => None,
    };
    let upstream = onward.as_deref().map(origin_of).unwrap_or_default();
    let html = pages::confirm_logout(&view, &visit.chrome(door, Some(who.viewer())));
    Ok(answer::page(StatusCode::OK, html, &[&target, &upstream]))
}

/// What the question's form sends, besides the request that it carries along.
#[derive(Debug, Deserialize)]
pub(crate) struct ConfirmForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    decision: String,
    client_id: Option<String>,
    post_logout_redirect_uri: Option<String>,
    state: Option<String>,
}

/// POST by our own page.
pub(crate) async fn confirm(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<ConfirmForm>) -> Answer {
    let Some(who) = session::of_browser(&door, &visit).await? else {
        return Ok(see_other("/login"));
    };
    if form.decision != field::ALLOW || !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(see_other("/"));
    }
    let request = EndSessionRequest {
        client_id: form.client_id,
        post_logout_redirect_uri: form.post_logout_redirect_uri,
        state: form.state,
        ..EndSessionRequest::default()
    };
    let mut trail = Trail::begin(&door, &visit, "logout");
    let plan = decide(&door, &request, Some(&who), &mut trail).await?;
    end(&door, &visit, Some(who), plan, trail).await
}

/// Ends the session that an application's server names by its ID token, if that application got tokens in it. Which one, if
/// any did.
async fn end_named(
    door: &Door,
    visit: &Visit,
    session: Uuid,
    plan: &LogoutPlan,
    trail: &mut Trail,
) -> Result<Option<Uuid>, Failure> {
    let snapshot = door.snapshots.current().await?;
    let Some(app) = plan.client_id.as_deref().and_then(|client_id| snapshot.find(client_id)) else {
        return Ok(None);
    };
    let by = doorward_audit::Actor::named(&app.client_id, "logout");
    let event = Event::new("session.end", by)
        .from_address(visit.client.address.to_string())
        .in_trace(Some(trail.reference));
    let (app_id, reference) = (app.id, trail.reference.to_string());
    let ended = door
        .store
        .write::<_, StoreError>(visit.now, move |tx| {
            if !app_sessions::open(tx, session)?.contains(&app_id) {
                return Ok(false);
            }
            let Some(found) = sessions::by_id(tx, session)? else {
                return Ok(false);
            };
            if !sessions::end_with_grants(tx, session, Offline::Keep)? {
                return Ok(false);
            }
            app_sessions::in_trace(tx, session, &reference)?;
            let event = event.about("session", Some(session), found.user_id.to_string());
            events::record(tx, &event)?;
            Ok(true)
        })
        .await?;
    if ended {
        trail
            .steps
            .ok("logout.named", "the session that the ID token names has ended");
    }
    Ok(ended.then_some(session))
}

/// Browsers open a native application (RFC 8252 §7.1) by a redirect, and not by themselves from a page.
fn is_web(address: &str) -> bool {
    address.starts_with("https:") || address.starts_with("http:")
}

/// Ends the session with the grants that lived in it, then says so or goes where the application wants.
async fn end(door: &Door, visit: &Visit, who: Option<LoggedIn>, plan: LogoutPlan, mut trail: Trail) -> Answer {
    let mut hint = None;
    if let Some(who) = &who {
        hint = upstream::ended::hint(door, who.session.id).await;
        let user = &who.facts.user;
        let event = Event::new(
            "session.end",
            doorward_audit::Actor::new(user.id, user.name.to_string(), "session"),
        )
        .about("session", Some(who.session.id), user.name.to_string())
        .from_address(visit.client.address.to_string())
        .in_trace(Some(trail.reference));
        let session_id = who.session.id;
        let reference = trail.reference.to_string();
        door.store
            .write::<_, StoreError>(visit.now, move |tx| {
                sessions::end_with_grants(tx, session_id, Offline::Keep)?;
                app_sessions::in_trace(tx, session_id, &reference)?;
                events::record(tx, &event).map(|_| ())
            })
            .await?;
    }
    let ended = match (&who, plan.named) {
        (Some(who), _) => Some(who.session.id),
        (None, Some(named)) => end_named(door, visit, named, &plan, &mut trail).await?,
        (None, None) => None,
    };
    // Whoever comes without the session's cookie, with an ID token out of some log, is not told where that person has accounts.
    let shown = who.as_ref().map(|who| who.session.id);
    let framed = match shown {
        Some(session) if plan.then.as_deref().is_none_or(is_web) => logged_out::framed(door, session).await?,
        _ => Vec::new(),
    };
    for app in &framed {
        let loaded = format!(
            "{app}: a frame in the page after the logout; whether the browser loaded it and let it work is not known"
        );
        trail.steps.info("logout.frontchannel", loaded);
    }
    trail.close(door, visit, TraceOutcome::Ok);
    // Ended here, whatever the upstream says and however long it takes.
    let onward = match hint {
        Some(hint) => {
            let then = plan.then.as_deref().map(Then::Address).or(ended.map(Then::Page));
            upstream::ended::onward(door, visit, hint, then).await
        }
        None => None,
    };
    let next = onward.as_ref().or(plan.then.as_ref()).map(String::as_str);
    let response = match next {
        Some(next) if framed.is_empty() => see_other(next),
        _ => {
            let ended = Ended {
                session: shown,
                client_id: plan.client_id.as_deref(),
                refusal: plan.refusal.as_ref(),
                onward: next,
            };
            logged_out::page(door, visit, ended).await?
        }
    };
    let clear = [Kind::Session, Kind::State].map(|kind| door.cookies.clear(kind));
    let clearing = |response, cookie| with_header(response, header::SET_COOKIE, cookie);
    Ok(clear.into_iter().fold(response, clearing))
}
