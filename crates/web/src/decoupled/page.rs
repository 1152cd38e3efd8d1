//! The pages: typing the code of a device, and the question whether it is oneself who asks. Nothing is ever answered by opening a
//! page: whoever is sent a link with a code in it reads which application asks, from where, and what not to do (RFC 8628 §5.4).

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use doorward_apps::{App, RegistrationUse};
use doorward_audit::{Event, TraceOutcome, events};
use doorward_directory::within::UserCodeBudget;
use doorward_oidc::{Refusal, encode};
use doorward_provider::{
    authorize::GrantPlan,
    decoupled::{REQUEST_DENIED, user_code},
    path,
};
use doorward_store::{
    StoreError,
    decoupled::{self, Decoupled, Kind, State as Standing},
    grants, sessions,
};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Asked, begin,
    judge::{self, Judged, judge},
};
use crate::{
    Door,
    account::{log_in_first, sessions::foreign_form},
    answer::{self, see_other},
    failure::Answer,
    login::grant::{self, NewConsent},
    pages::{self, AppRef, DeviceCode, DeviceCodeProblem, Outcome, Question, QuestionKind},
    session::{self, LoggedIn},
    telemetry,
    visit::Visit,
};

/// The question of an application that named the person.
pub(crate) const ASKED: &str = "/asked";
/// Where questions are answered.
pub(crate) const ANSWER: &str = "/asked/answer";

/// What the addresses carry.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    /// The code of a device.
    #[serde(default)]
    user_code: String,
    /// A request of an application that named the person.
    #[serde(default)]
    request: String,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Answered {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    request: String,
    #[serde(default)]
    shown: String,
    #[serde(default)]
    decision: String,
}

/// What a row keeps of a code. Keyed: the database alone must not be enough to try all codes.
pub(super) fn hash(door: &Door, code: &str) -> [u8; 32] {
    door.master.keyed_hash("code of a device", code.as_bytes())
}

/// GET `/device`: the field for the code, or with a code the question.
pub(crate) async fn device(State(door): State<Arc<Door>>, visit: Visit, Query(typed): Query<Typed>) -> Answer {
    let code = user_code::typed(&typed.user_code);
    let Some(who) = session::current(&door, &visit).await? else {
        let back = code.as_deref().map_or_else(|| path::DEVICE.to_owned(), back_to);
        return Ok(log_in_first(&door, &visit, &back));
    };
    if typed.user_code.trim().is_empty() {
        return Ok(field(&door, &visit, &who, &typed.user_code, None));
    }
    let Some(code) = code else {
        let problem = Some(DeviceCodeProblem::Unreadable);
        return Ok(field(&door, &visit, &who, &typed.user_code, problem));
    };
    // A page elsewhere that opens this one again and again would spend the person's tries: the code is filled in, and whoever
    // means it presses the button.
    if visit
        .headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site")
    {
        return Ok(field(&door, &visit, &who, &user_code::shown(&code), None));
    }
    let (hashed, now) = (hash(&door, &code), visit.now);
    let budget = UserCodeBudget::of(who.session.user_id, visit.client.address);
    // Paid before it is looked at, and given back when it was right: a thousand tries at once would all be free otherwise.
    let found = door
        .store
        .write::<_, StoreError>(now, move |tx| {
            if let Some(wait) = budget.pay(tx)? {
                return Ok(Err(wait));
            }
            let found = decoupled::by_code(tx, &hashed, now)?;
            if found.is_some() {
                budget.give_back(tx)?;
            }
            Ok(Ok(found))
        })
        .await?;
    let problem = match found {
        Ok(Some(found)) => return ask(&door, &visit, &who, &found, &back_to(&code)).await,
        Ok(None) => DeviceCodeProblem::Unknown,
        Err(wait) => DeviceCodeProblem::Throttled {
            seconds: wait.as_secs().max(1),
        },
    };
    Ok(field(&door, &visit, &who, &user_code::shown(&code), Some(problem)))
}

fn back_to(code: &str) -> String {
    format!("{}?{}", path::DEVICE, encode([("user_code", &*user_code::shown(code))]))
}

fn field(door: &Door, visit: &Visit, who: &LoggedIn, typed: &str, problem: Option<DeviceCodeProblem>) -> Response {
    let status = match problem {
        None => StatusCode::OK,
        Some(DeviceCodeProblem::Throttled { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let view = DeviceCode {
        action: path::DEVICE,
        typed: typed.get(..32).unwrap_or(typed),
        problem,
    };
    let html = pages::device_code(&view, &visit.chrome(door, Some(who.viewer())));
    answer::page(status, html, &[])
}

/// GET `/asked`: the question of an application that named the person.
pub(crate) async fn asked(State(door): State<Arc<Door>>, visit: Visit, Query(typed): Query<Typed>) -> Answer {
    let Ok(id) = typed.request.parse::<Uuid>() else {
        return Ok(see_other(pages::path::START));
    };
    let back = asked_at(id);
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, &back));
    };
    let found = door.store.read(move |tx| decoupled::by_id(tx, id)).await?;
    let is_theirs = |found: &Decoupled| found.kind == Kind::Ciba && found.user_id == Some(who.session.user_id);
    match found.filter(is_theirs) {
        Some(found) => ask(&door, &visit, &who, &found, &back).await,
        None => Ok(outcome(&door, &visit, &who, Outcome::Over, None)),
    }
}

/// The address of a question.
pub(crate) fn asked_at(id: Uuid) -> String {
    format!("{ASKED}?request={}", id.hyphenated())
}

/// Shows the question, unless something has to happen first.
async fn ask(door: &Door, visit: &Visit, who: &LoggedIn, found: &Decoupled, back: &str) -> Answer {
    let app = begin::app_of(door, found.app_id).await?;
    let Some(app) = app.filter(|_| is_open(found, visit.now)) else {
        return Ok(outcome(door, visit, who, Outcome::Over, None));
    };
    let asked = Asked::of(found)?;
    let plan = match judge(door, visit, who, &app, &asked, back).await? {
        Judged::MayAllow(plan) => plan,
        Judged::Instead(response) => return Ok(response),
    };
    let csrf = session::form_token(door, &who.session);
    let shown = question(door, who, found, &app, &plan);
    let id = found.id.hyphenated().to_string();
    let code = asked.code(door, found.id)?.as_deref().map(user_code::shown);
    // That nobody is asked for consent was decided for addresses at which nobody else receives the answer; the code of a device
    // is received by whoever asked for it.
    let says_what = found.kind == Kind::Device || judge::is_consent(&app);
    let scopes: Vec<&str> = plan.scope.iter().collect();
    let view = Question {
        app: app_ref(&app),
        kind: match &code {
            Some(code) => QuestionKind::Device { code },
            None => QuestionKind::Application {
                message: asked.message.as_deref(),
            },
        },
        is_unvouched: app.grants.registered,
        scopes: if says_what { &scopes } else { &[] },
        address: &asked.address,
        user_agent: &asked.user_agent,
        began: found.created,
        now: visit.now,
        action: ANSWER,
        request: &id,
        csrf: &csrf,
        shown: &shown,
    };
    let html = pages::question(&view, &visit.chrome(door, Some(who.viewer())));
    Ok(answer::page(StatusCode::OK, html, &[]))
}

fn app_ref(app: &App) -> AppRef<'_> {
    AppRef {
        name: &app.name,
        host: None,
    }
}

fn is_open(found: &Decoupled, now: Timestamp) -> bool {
    found.state == Standing::Waiting && now < found.expires
}

/// What exactly was shown to whom in which session: an answer counts for that, and proves that the page was seen.
fn question(door: &Door, who: &LoggedIn, found: &Decoupled, app: &App, plan: &GrantPlan) -> String {
    let asked = serde_json::json!([
        found.id,
        who.session.id,
        app.client_id,
        app.name,
        plan.scope.to_string()
    ])
    .to_string();
    data_encoding::BASE64URL_NOPAD.encode(&door.master.keyed_hash("question to a person", asked.as_bytes()))
}

/// POST `/asked/answer`.
pub(crate) async fn answer(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<Answered>) -> Answer {
    use subtle::ConstantTimeEq;
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(see_other(pages::path::START));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    let Ok(id) = form.request.parse::<Uuid>() else {
        return Ok(outcome(&door, &visit, &who, Outcome::Over, None));
    };
    let found = door.store.read(move |tx| decoupled::by_id(tx, id)).await?;
    let Some(found) = found.filter(|found| is_open(found, visit.now)) else {
        return Ok(outcome(&door, &visit, &who, Outcome::Over, None));
    };
    let Some(app) = begin::app_of(&door, found.app_id).await? else {
        return Ok(outcome(&door, &visit, &who, Outcome::Over, None));
    };
    let asked = Asked::of(&found)?;
    let back = match (found.kind, asked.code(&door, found.id)?) {
        (Kind::Device, Some(code)) => back_to(&code),
        _ => asked_at(found.id),
    };
    let plan = match judge(&door, &visit, &who, &app, &asked, &back).await? {
        Judged::MayAllow(plan) => plan,
        Judged::Instead(response) => return Ok(response),
    };
    let expected = question(&door, &who, &found, &app, &plan);
    if !bool::from(expected.as_bytes().ct_eq(form.shown.as_bytes())) {
        // Never shown in this session, or something about it has changed: nobody knows what was meant.
        return Ok(outcome(&door, &visit, &who, Outcome::Over, None));
    }
    if form.decision == pages::field::ALLOW {
        allow(&door, &visit, &who, &app, &found, &asked, *plan).await
    } else {
        deny(&door, &visit, &who, &app, &found, &asked).await
    }
}

async fn allow(
    door: &Door,
    visit: &Visit,
    who: &LoggedIn,
    app: &Arc<App>,
    found: &Decoupled,
    asked: &Asked,
    plan: GrantPlan,
) -> Answer {
    let to_fetch = found.expires.as_second().saturating_sub(visit.seconds());
    let trace = Some(asked.trace.clone()).filter(|trace| !trace.is_empty());
    let grant = grant::of_plan(door, visit, (who, app), &plan, to_fetch, trace)?;
    let mut trail = judge::trail(asked, door, visit);
    let event = event(visit, who, app, found, asked);
    let (request, grant_id, user) = (found.id, grant.id, who.session.user_id);
    let session_id = who.session.id;
    let consent = judge::is_consent(app).then(|| NewConsent::to(&plan.scope, visit, who, app));
    let used = RegistrationUse::of(app);
    let is_done = door
        .store
        .write::<_, StoreError>(visit.now, move |tx| {
            // Ended or disabled while the rules were asked: whoever ended it has revoked what there was by then.
            if sessions::hold(tx, session_id)?.is_none() || !doorward_directory::is_enabled(tx, user)? {
                return Ok(false);
            }
            if !decoupled::approve(tx, request, user, grant_id)? {
                return Ok(false);
            }
            if let Some(consent) = consent {
                consent.remember(tx)?;
            }
            used.note(tx)?;
            grants::create(tx, &grant)?;
            events::record(tx, &event)?;
            Ok(true)
        })
        .await?;
    if !is_done {
        return Ok(outcome(door, visit, who, Outcome::Over, None));
    }
    metrics::counter!(telemetry::LOGINS, "outcome" => "ok").increment(1);
    trail.app(&app.client_id);
    trail.user(&who.facts.user.name);
    trail.steps.ok("decoupled.answer", "the person said yes");
    trail.close(door, visit, TraceOutcome::InProgress);
    Ok(outcome(door, visit, who, Outcome::Allowed, Some(app)))
}

async fn deny(door: &Door, visit: &Visit, who: &LoggedIn, app: &Arc<App>, found: &Decoupled, asked: &Asked) -> Answer {
    let (request, user) = (found.id, who.session.user_id);
    let event = event(visit, who, app, found, asked).refused(REQUEST_DENIED.code);
    let is_done = door
        .store
        .write::<_, StoreError>(visit.now, move |tx| {
            if !decoupled::deny(tx, request, user)? {
                return Ok(false);
            }
            events::record(tx, &event).map(|_| true)
        })
        .await?;
    if !is_done {
        return Ok(outcome(door, visit, who, Outcome::Over, None));
    }
    let mut trail = judge::trail(asked, door, visit);
    trail.app(&app.client_id);
    trail.user(&who.facts.user.name);
    let refusal = Refusal::response(&REQUEST_DENIED, "the person said no");
    trail.refused("decoupled.answer", &refusal);
    trail.close(door, visit, TraceOutcome::Refused);
    Ok(outcome(door, visit, who, Outcome::Denied, Some(app)))
}

fn event(visit: &Visit, who: &LoggedIn, app: &App, found: &Decoupled, asked: &Asked) -> Event {
    let user = &who.facts.user;
    let way = match found.kind {
        Kind::Device => "device",
        Kind::Ciba => "ciba",
    };
    Event::new(
        "login",
        doorward_audit::Actor::new(user.id, user.name.to_string(), "session"),
    )
    .about("app", Some(app.id), app.client_id.as_str())
    .from_address(visit.client.address.to_string())
    .in_trace(asked.trace.parse().ok())
    .with_data(serde_json::json!({ "way": way, "began_at": asked.address }))
}

fn outcome(door: &Door, visit: &Visit, who: &LoggedIn, outcome: Outcome, app: Option<&App>) -> Response {
    let status = match outcome {
        Outcome::Over => StatusCode::GONE,
        Outcome::Allowed | Outcome::Denied => StatusCode::OK,
    };
    let html = pages::answered(outcome, app.map(app_ref), &visit.chrome(door, Some(who.viewer())));
    answer::page(status, html, &[])
}
