//! From a checked authorization request to its answer: asks the rules, then does what they say.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use doorward_apps::{App, Consent, RegistrationUse};
use doorward_audit::{CODE_ISSUED, Event, TraceOutcome, events};
use doorward_directory::Proof;
use doorward_oidc::{Delivery, ScopeSet};
use doorward_provider::authorize::{
    Accepted, Decision, GrantPlan, LoginReason, Progress, Reply, ReplyTo, Situation, decide, request_object,
};
use doorward_store::{StoreError, Ticket, attempts, codes, consents, grants, pushed_requests, sessions};
use http::{StatusCode, header};
use jiff::Timestamp;

use super::{Errand, OpenAttempt, grant, refused_page, second, strength, terms};
use crate::{
    Door,
    answer::{self, see_other, with_header},
    cookies::Kind,
    failure::{Answer, Failure},
    pages::{self, AppRef, FormPost},
    protocol::check_session,
    session::{self, Entrance, LoggedIn},
    telemetry,
    trail::Trail,
    visit::Visit,
};

/// Decides what happens next with this request and does it.
///
/// `logged_in` is the browser's session as of now, which a handler that has just created one passes along.
pub(crate) async fn proceed(
    door: &Door,
    visit: &Visit,
    mut attempt: OpenAttempt,
    logged_in: Option<LoggedIn>,
    mut trail: Trail,
) -> Answer {
    let Errand::App { request, progress } = &attempt.errand else {
        return Ok(see_other("/"));
    };
    let snapshot = door.snapshots.current().await?;
    let Some(app) = snapshot.find(&request.client_id).cloned() else {
        // Removed while the person was typing.
        trail
            .steps
            .info("authorize.client", "the application was removed during the login");
        trail.close(door, visit, TraceOutcome::Refused);
        return Ok(see_other("/"));
    };
    trail.app(&app.client_id);
    let consented = match &logged_in {
        Some(who) if app.consent == Consent::Ask => consented(door, who, &app).await?,
        _ => None,
    };
    let session = logged_in.as_ref().map(LoggedIn::session_facts);
    let strength = strength::of(door, visit, logged_in.as_ref(), &app, request).await?;
    let open_terms = match &logged_in {
        Some(who) => session::open_terms(door, who).await?,
        None => None,
    };
    let situation = Situation {
        server: &door.server,
        app: &app,
        session: session.as_ref(),
        facts: logged_in.as_ref().map(|who| &*who.facts),
        open_terms,
        consented: consented.as_ref(),
        progress,
        strength,
        now: visit.seconds(),
    };
    if let Some(who) = &logged_in {
        trail.user(&who.facts.user.name);
    }
    let page = match decide(request, situation, &mut trail.steps) {
        Decision::Issue(plan) => {
            let Some(who) = logged_in else {
                return Err("a grant without a person".into());
            };
            let reply_to = request.reply_to.clone();
            return issue(door, visit, &attempt, &who, &app, &reply_to, *plan, trail).await;
        }
        Decision::Refuse(refusal) => {
            trail.count(&refusal);
            record_refusal(door, visit, &app, logged_in.as_ref(), &refusal, &trail).await?;
            let reference = trail.reference;
            trail.close(door, visit, TraceOutcome::Refused);
            if refusal.delivery == Delivery::Redirect {
                return reply(door, visit, &app, request.reply_to.error(&refusal)).await;
            }
            return Ok(refused_page(
                door,
                visit,
                &refusal,
                Some(&app),
                reference,
                logged_in.as_ref(),
                None,
            ));
        }
        Decision::Login {
            reason: LoginReason::Stronger,
            ..
        } if logged_in
            .as_ref()
            .is_some_and(|who| session::is_fresh(&who.session, visit.now)) =>
        {
            let Some(who) = logged_in else {
                return Err("a session to strengthen that is not there".into());
            };
            return strengthen(door, visit, attempt, &who, trail).await;
        }
        Decision::Login { .. } => "/login",
        Decision::SelectAccount => "/login/account",
        Decision::Terms(_) => terms::PATH,
        Decision::Consent { .. } => "/consent",
    };
    if attempt.is_new()
        && logged_in.is_none()
        && let Err(wait) = door.strangers.pay_attempt(visit.client.address, visit.now)
        && !door.directory.knows_browser(visit.cookie(door, Kind::Browser)).await?
    {
        return Ok(too_many(door, visit, wait));
    }
    let cookie = attempt.save(door, visit).await?;
    trail.close(door, visit, TraceOutcome::InProgress);
    let response = see_other(&format!("{page}?attempt={}", attempt.value()));
    Ok(match cookie {
        Some(cookie) => with_header(response, header::SET_COOKIE, cookie),
        None => response,
    })
}

/// The first factor was proved a moment ago: only what is lacking is asked for, not the password again.
async fn strengthen(door: &Door, visit: &Visit, mut attempt: OpenAttempt, who: &LoggedIn, trail: Trail) -> Answer {
    let cookie = attempt.save(door, visit).await?;
    let entrance = Entrance {
        user_id: who.session.user_id,
        amr: who.session.amr.clone(),
        authenticated: Some(who.session.auth_time),
        ends: Some(who.session.expires),
        proof: Proof::by_session(who.session.user_id, who.session.id),
        is_backup: false,
    };
    let response = match second::lacking(door, visit, &attempt, &entrance, &who.facts).await? {
        Some(half) => second::go(door, visit, &attempt, &half, trail),
        None => see_other(&format!("/login?attempt={}", attempt.value())),
    };
    Ok(match cookie {
        Some(cookie) => with_header(response, header::SET_COOKIE, cookie),
        None => response,
    })
}

/// This address has begun as many logins as strangers may.
pub(crate) fn too_many(door: &Door, visit: &Visit, wait: std::time::Duration) -> Response {
    let seconds = wait.as_secs().max(1);
    let html = pages::fault(&pages::Fault::TooManyRequests { seconds }, &visit.chrome(door, None));
    let response = answer::page(StatusCode::TOO_MANY_REQUESTS, html, &[]);
    with_header(response, header::RETRY_AFTER, http::HeaderValue::from(seconds))
}

pub(crate) async fn consented(door: &Door, who: &LoggedIn, app: &App) -> Result<Option<ScopeSet>, Failure> {
    let (user, app) = (who.session.user_id, app.id);
    let found = door.store.read(move |tx| consents::find(tx, user, app)).await?;
    Ok(found.map(|consent| ScopeSet::parse(&consent.scopes.join(" ")).unwrap_or_default()))
}

/// Grant, code and event in one unit of work, then the answer.
#[allow(clippy::too_many_arguments, reason = "everything that a grant is made of, once")]
async fn issue(
    door: &Door,
    visit: &Visit,
    attempt: &OpenAttempt,
    who: &LoggedIn,
    app: &Arc<App>,
    reply_to: &ReplyTo,
    plan: GrantPlan,
    mut trail: Trail,
) -> Answer {
    let code = Ticket::new(visit.now, &*door.random);
    let code_expires = Timestamp::from_second(plan.code_expires)?;
    let trace = Some(trail.reference.to_string());
    let grant = grant::of_plan(door, visit, (who, app), &plan, app.lifetimes.code, trace)?;
    let stored = codes::Code {
        grant_id: grant.id,
        app_id: plan.app_id,
        redirect_uri: plan.redirect_uri.unwrap_or_default(),
        code_challenge: plan.code_challenge.map(String::from),
        dpop_jkt: plan.dpop_jkt,
        nonce: plan.nonce,
        expires: code_expires,
    };
    let user = &who.facts.user;
    let event = Event::new(
        "login",
        doorward_audit::Actor::new(user.id, user.name.to_string(), "session"),
    )
    .about("app", Some(app.id), app.client_id.as_str())
    .from_address(visit.client.address.to_string())
    .in_trace(Some(trail.reference));
    let (ticket, taken) = (code.clone(), attempt.stored_ticket());
    let (session_id, user_id, app_id) = (who.session.id, who.session.user_id, app.id);
    let pushed = plan.pushed;
    let needs_consent = app.consent == Consent::Ask;
    let used = RegistrationUse::of(app);
    let claimed = door
        .store
        .write::<_, StoreError>(visit.now, move |tx| {
            // Ended or disabled while the rules were asked: whoever ended it has revoked what there was by then.
            if sessions::hold(tx, session_id)?.is_none() || !doorward_directory::is_enabled(tx, user_id)? {
                return Ok(Claimed::Elsewhere);
            }
            // Withdrawn while the rules were asked: whoever withdrew it has revoked what there was by then.
            if needs_consent && !consents::hold(tx, user_id, app_id)? {
                return Ok(Claimed::Elsewhere);
            }
            if let Some(taken) = taken
                && attempts::take(tx, &taken)?.is_none()
            {
                return Ok(Claimed::Elsewhere);
            }
            if let Some(pushed) = pushed
                && !pushed_requests::take(tx, pushed)?
            {
                return Ok(Claimed::Spent);
            }
            used.note(tx)?;
            grants::create(tx, &grant)?;
            codes::insert(tx, &ticket, &stored)?;
            events::record(tx, &event)?;
            Ok(Claimed::Mine)
        })
        .await?;
    match claimed {
        Claimed::Mine => {}
        // The same form was sent twice and the other request has the answer, or the session has just ended.
        Claimed::Elsewhere => return Ok(see_other("/")),
        Claimed::Spent => {
            let refusal = request_object::unusable("the pushed request was answered before");
            trail.refused("authorize.request_object", &refusal);
            trail.close(door, visit, TraceOutcome::Refused);
            return reply(door, visit, app, reply_to.error(&refusal)).await;
        }
    }
    metrics::counter!(telemetry::LOGINS, "outcome" => "ok").increment(1);
    trail.steps.ok(CODE_ISSUED, "");
    trail.close(door, visit, TraceOutcome::InProgress);
    let asks = check_session::begin(door, app, &reply_to.redirect_uri, who.session.id);
    let state = asks.as_ref().map(|(state, _)| state.as_str());
    let response = reply(door, visit, app, reply_to.code(&code.encode(), state)).await?;
    Ok(match asks {
        Some((_, cookie)) => with_header(response, header::SET_COOKIE, cookie),
        None => response,
    })
}

/// Who has the answer to a request.
enum Claimed {
    /// This one.
    Mine,
    /// Another request, or nobody.
    Elsewhere,
    /// The pushed request was answered in another tab.
    Spent,
}

/// Sends an authorization response by the way that the application asked for.
pub(crate) async fn reply(door: &Door, visit: &Visit, app: &App, reply: Reply) -> Answer {
    match reply {
        Reply::Unsigned(unsigned) => {
            let keys = door.keys.current().await?;
            let signed = unsigned.sign(app, &keys, visit.seconds())?;
            Ok(send(door, visit, app, signed))
        }
        reply => Ok(send(door, visit, app, reply)),
    }
}

fn send(door: &Door, visit: &Visit, app: &App, reply: Reply) -> Response {
    match reply {
        // Signed above: nothing is sent that was asked for signed and is not.
        Reply::Unsigned(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Reply::Redirect(location) => see_other(&location),
        Reply::FormPost { action, fields } => {
            let target = origin_of(&action);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let view = FormPost {
                app: app_ref(app),
                action: &action,
                fields: &fields,
            };
            answer::form_post_page(pages::form_post(&view, &visit.chrome(door, None)), &target)
        }
    }
}

/// The application as pages show it.
pub(crate) fn app_ref(app: &App) -> AppRef<'_> {
    AppRef {
        name: &app.name,
        host: None,
    }
}

/// Scheme, host and port; of a private-use URI the scheme alone.
pub(crate) fn origin_of(uri: &str) -> String {
    match url::Url::parse(uri) {
        Ok(url) if url.origin().is_tuple() => url.origin().ascii_serialization(),
        Ok(url) => format!("{}:", url.scheme()),
        Err(_) => String::new(),
    }
}

pub(crate) async fn record_refusal(
    door: &Door,
    visit: &Visit,
    app: &App,
    who: Option<&LoggedIn>,
    refusal: &doorward_oidc::Refusal,
    trail: &Trail,
) -> Result<(), Failure> {
    metrics::counter!(telemetry::LOGINS, "outcome" => "refused").increment(1);
    let Some(who) = who else { return Ok(()) };
    let user = &who.facts.user;
    let event = Event::new(
        "login",
        doorward_audit::Actor::new(user.id, user.name.to_string(), "session"),
    )
    .about("app", Some(app.id), app.client_id.as_str())
    .refused(refusal.kind.code)
    .from_address(visit.client.address.to_string())
    .in_trace(Some(trail.reference));
    door.store
        .write::<_, StoreError>(visit.now, move |tx| events::record(tx, &event).map(|_| ()))
        .await?;
    Ok(())
}

/// Begins the attempt of a checked request.
pub(crate) async fn begin(door: &Door, visit: &Visit, request: Accepted, trail: Trail) -> Answer {
    let logged_in = session::of_browser(door, visit).await?;
    let errand = Errand::App {
        request: Box::new(request),
        progress: Progress::default(),
    };
    let attempt = OpenAttempt::new(door, visit, errand, trail.reference);
    proceed(door, visit, attempt, logged_in, trail).await
}
