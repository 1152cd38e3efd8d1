//! The terms and conditions: asked of whoever is logged in and has not accepted them, before anything is given to an application
//! and before any page of theirs. Whoever declines has no session any more.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use doorward_audit::{Event, TraceOutcome, events};
use doorward_directory::{AcceptedQuery, Terms};
use doorward_oidc::Refusal;
use doorward_provider::authorize::TERMS_DECLINED;
use doorward_store::{StoreError, grants::Offline, sessions};
use http::{StatusCode, header};
use serde::Deserialize;

use super::{
    Errand, OpenAttempt,
    flow::{app_ref, origin_of, proceed, reply},
};
use crate::{
    Door,
    answer::{self, see_other, with_header},
    cookies::Kind,
    failure::{Answer, Failure},
    pages::{self, AskedTerms, Fault, Refused, field, path},
    session::{self, LoggedIn},
    telemetry,
    visit::Visit,
};

/// Where they are asked for.
pub(crate) const PATH: &str = path::TERMS;

/// The question, for this errand.
pub(super) fn href(attempt: &OpenAttempt) -> String {
    format!("{PATH}?attempt={}", attempt.value())
}

/// What the page's address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct TermsQuery {
    attempt: Option<String>,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct TermsForm {
    #[serde(default)]
    attempt: String,
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    shown: String,
    #[serde(default)]
    decision: String,
}

/// GET `/terms`: the question on the way in; without a login under way, to be read by anybody.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<TermsQuery>) -> Answer {
    let who = session::of_browser(&door, &visit).await?;
    let terms = door.directory.terms_in_force().await?;
    let Some(value) = query.attempt else {
        return read(&door, &visit, who.as_ref(), (*terms).as_ref()).await;
    };
    let Some(attempt) = OpenAttempt::find(&door, &visit, &value).await? else {
        return Ok(see_other("/"));
    };
    match (who, (*terms).as_ref()) {
        (Some(who), Some(terms)) if terms.are_open(&who.facts) => ask(&door, &visit, &attempt, &who, terms).await,
        (who, _) => go_on(&door, &visit, attempt, who, None).await,
    }
}

async fn read(door: &Door, visit: &Visit, who: Option<&LoggedIn>, terms: Option<&Terms>) -> Answer {
    let chrome = visit.chrome(door, who.map(LoggedIn::viewer));
    let Some(terms) = terms else {
        let html = pages::fault(&Fault::NotFound, &chrome);
        return Ok(answer::page(StatusCode::NOT_FOUND, html, &[]));
    };
    let word = match who {
        Some(who) => {
            let query = AcceptedQuery {
                version: Some(terms.version),
                user: Some(who.session.user_id),
                limit: 1,
                ..AcceptedQuery::default()
            };
            door.directory.accepted_terms(query).await?.items.pop()
        }
        None => None,
    };
    let view = pages::Terms {
        accepted: word.map(|word| word.accepted),
        ..view(visit, terms)
    };
    Ok(answer::page(StatusCode::OK, pages::terms(&view, &chrome), &[]))
}

fn view<'t>(visit: &Visit, terms: &'t Terms) -> pages::Terms<'t> {
    let said = terms.in_language(visit.lang.tag());
    pages::Terms {
        version: terms.version,
        language: said.map(|said| said.language.as_str()).unwrap_or_default(),
        text: said.and_then(|said| said.text.as_deref()),
        url: said.and_then(|said| said.url.as_deref()),
        published: terms.published,
        accepted: None,
        ask: None,
        now: visit.now,
    }
}

async fn ask(door: &Door, visit: &Visit, attempt: &OpenAttempt, who: &LoggedIn, terms: &Terms) -> Answer {
    let snapshot = door.snapshots.current().await?;
    let request = attempt.errand.request();
    let app = request.and_then(|request| snapshot.find(&request.client_id));
    let value = attempt.value();
    let csrf = session::form_token(door, &who.session);
    let view = pages::Terms {
        ask: Some(AskedTerms {
            app: app.map(|app| app_ref(app)),
            action: PATH,
            attempt: &value,
            csrf: &csrf,
            changed: who.facts.accepted_terms > 0,
        }),
        ..view(visit, terms)
    };
    let target = request
        .map(|request| origin_of(&request.reply_to.redirect_uri))
        .unwrap_or_default();
    let html = pages::terms(&view, &visit.chrome(door, Some(who.viewer())));
    Ok(answer::page(StatusCode::OK, html, &[&target]))
}

/// POST `/terms`.
pub(crate) async fn answer(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<TermsForm>) -> Answer {
    let found = if visit.is_same_origin(&door) {
        OpenAttempt::find(&door, &visit, &form.attempt).await?
    } else {
        None
    };
    let Some(attempt) = found else {
        return Ok(see_other("/"));
    };
    let Some(who) = session::of_browser(&door, &visit).await? else {
        return Ok(see_other(&format!("/login?attempt={}", attempt.value())));
    };
    let shown: Option<u32> = form.shown.parse().ok();
    // Somebody else has logged in in this browser since, or it is no form of ours: the page again.
    let (true, Some(version)) = (session::form_is_ours(&door, &visit, &who.session, &form.csrf), shown) else {
        return Ok(see_other(&href(&attempt)));
    };
    if form.decision != field::ALLOW {
        return decline(&door, &visit, &attempt, &who, version).await;
    }
    let reading = (visit.lang.tag(), visit.client.address.to_string());
    let (facts, session) = (&who.facts, who.session.id);
    let trace = Some(attempt.reference);
    let is_accepted = door
        .directory
        .accept_terms((facts, session), version, reading, trace, visit.now)
        .await?;
    if !is_accepted {
        // Another version by now: that one is asked for.
        return Ok(see_other(&href(&attempt)));
    }
    // With what is known of the person from now on.
    let who = session::of_browser(&door, &visit).await?;
    go_on(&door, &visit, attempt, who, Some(version)).await
}

async fn go_on(
    door: &Door,
    visit: &Visit,
    attempt: OpenAttempt,
    who: Option<LoggedIn>,
    accepted: Option<u32>,
) -> Answer {
    let mut trail = attempt.trail("login");
    if let Some(who) = &who {
        trail.user(&who.facts.user.name);
    }
    if let Some(version) = accepted {
        trail.steps.ok(
            "login.terms",
            format!("the person accepted version {version} of the terms"),
        );
    }
    match &attempt.errand {
        Errand::App { .. } => proceed(door, visit, attempt, who, trail).await,
        Errand::Page(path) | Errand::StepUp(path, _) => {
            trail.close(door, visit, TraceOutcome::Ok);
            Ok(see_other(path))
        }
    }
}

/// Without a session, and back to the application with the error that says so.
async fn decline(door: &Door, visit: &Visit, attempt: &OpenAttempt, who: &LoggedIn, version: u32) -> Answer {
    let detail = format!("the person declined version {version} of the terms");
    let refusal = Refusal::redirect(&TERMS_DECLINED, detail);
    metrics::counter!(telemetry::LOGINS, "outcome" => "refused").increment(1);
    let mut trail = attempt.trail("login");
    trail.user(&who.facts.user.name);
    trail.refused("login.terms", &refusal);
    end(door, visit, attempt, who, version).await?;
    let snapshot = door.snapshots.current().await?;
    let request = attempt.errand.request();
    let app = request.and_then(|request| snapshot.find(&request.client_id));
    if let Some(app) = app {
        trail.app(&app.client_id);
    }
    let reference = trail.reference.to_string();
    trail.close(door, visit, TraceOutcome::Refused);
    let response = match (request, app) {
        (Some(request), Some(app)) => reply(door, visit, app, request.reply_to.error(&refusal)).await?,
        _ => refused(door, visit, &refusal, &reference),
    };
    let clear = [Kind::Session, Kind::State].map(|kind| door.cookies.clear(kind));
    let clearing = |response, cookie| with_header(response, header::SET_COOKIE, cookie);
    Ok(clear.into_iter().fold(response, clearing))
}

async fn end(door: &Door, visit: &Visit, attempt: &OpenAttempt, who: &LoggedIn, version: u32) -> Result<(), Failure> {
    let (user, session_id) = (&who.facts.user, who.session.id);
    let by = doorward_audit::Actor::new(user.id, user.name.to_string(), "session");
    let event = Event::new("terms.accept", by)
        .about("terms", None, version.to_string())
        .refused(TERMS_DECLINED.code)
        .from_address(visit.client.address.to_string())
        .in_trace(Some(attempt.reference));
    door.store
        .write::<_, StoreError>(visit.now, move |tx| {
            sessions::end_with_grants(tx, session_id, Offline::Keep)?;
            events::record(tx, &event).map(|_| ())
        })
        .await?;
    Ok(())
}

fn refused(door: &Door, visit: &Visit, refusal: &Refusal, reference: &str) -> Response {
    let view = Refused {
        refusal,
        app: None,
        reference: Some(reference),
        operator: false,
        difference: None,
        retry: Some("/login"),
        retry_with: None,
        back: None,
    };
    let html = pages::refused(&view, &visit.chrome(door, None));
    answer::page(StatusCode::FORBIDDEN, html, &[])
}
