//! The login page: user name and password.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use doorward_audit::{Event, TraceOutcome, events};
use doorward_directory::{LoginRefusal, Verified};
use doorward_jose::Secret;
use doorward_provider::authorize::CONSENT_DENIED;
use doorward_store::StoreError;
use doorward_upstreams::Upstream;
use http::header;
use serde::Deserialize;

use super::{
    Errand, OpenAttempt,
    backup::{self, Standing},
    page::{self, Shown},
    second, terms,
};
use crate::{
    Door,
    answer::{see_other, with_header},
    cookies::Kind,
    failure::{Answer, Failure},
    pages::{self, LoginProblem},
    session::{self, Entrance, LoggedIn},
    telemetry,
    trail::Trail,
    upstream,
    visit::Visit,
};

/// A browser that has logged in before is remembered for a year.
pub(crate) const REMEMBER_BROWSER: i64 = 365 * 86_400;

/// Who tried, in trace and event, when the directory knows nobody of that name.
const UNKNOWN: &str = "unknown";

/// What the page's address may carry.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct LoginQuery {
    attempt: Option<String>,
    /// The person chose to log in as somebody else.
    other: Option<String>,
    /// The way in for administrators while an upstream cannot let them in.
    backup: Option<String>,
}

/// What the form sends. Unknown fields (a password manager's, an extension's) are ignored.
#[derive(Debug, Deserialize)]
pub(crate) struct LoginForm {
    #[serde(default)]
    attempt: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: Secret<String>,
    /// The form asked for the name alone.
    #[serde(default)]
    step: String,
    #[serde(default)]
    backup: String,
}

/// GET `/login`: with an attempt its login page; without one, the way to our own start page.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<LoginQuery>) -> Answer {
    let is_backup = query.backup.is_some();
    let found = match &query.attempt {
        Some(value) => OpenAttempt::find(&door, &visit, value).await?,
        None => None,
    };
    if let Some(attempt) = found {
        let who = session::of_browser(&door, &visit)
            .await?
            .filter(|_| query.other.is_none());
        // Logged in already, and turned away by a page of ours: only the terms are in the way.
        if let (Errand::Page(_), Some(who)) = (&attempt.errand, &who)
            && session::open_terms(&door, who).await?.is_some()
        {
            return Ok(see_other(&terms::href(&attempt)));
        }
        let shown = Shown {
            who: who.as_ref(),
            is_backup,
            ..Shown::default()
        };
        return page::respond(&door, &visit, &attempt, shown).await;
    }
    let shown = Shown {
        problem: query.attempt.is_some().then_some(LoginProblem::Expired),
        is_backup,
        ..Shown::default()
    };
    afresh(&door, &visit, shown).await
}

/// A new attempt that leads to the start page, and its login page.
pub(super) async fn afresh(door: &Door, visit: &Visit, shown: Shown<'_>) -> Answer {
    if session::of_browser(door, visit).await?.is_some() {
        return Ok(see_other("/"));
    }
    let (attempt, cookie) = OpenAttempt::for_page(door, visit, pages::path::START);
    let response = page::respond(door, visit, &attempt, shown).await?;
    Ok(match cookie {
        Some(cookie) => with_header(response, header::SET_COOKIE, cookie),
        None => response,
    })
}

/// POST `/login`.
pub(crate) async fn submit(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<LoginForm>) -> Answer {
    let username = form.username.trim().to_owned();
    let is_backup = !form.backup.is_empty();
    let found = if visit.is_same_origin(&door) {
        OpenAttempt::find(&door, &visit, &form.attempt).await?
    } else {
        None
    };
    let mut shown = Shown {
        username: &username,
        is_backup,
        ..Shown::default()
    };
    let Some(attempt) = found else {
        shown.problem = Some(LoginProblem::Expired);
        return afresh(&door, &visit, shown).await;
    };
    let again = session::of_browser(&door, &visit).await?;
    shown.who = again.as_ref();
    if let Some(upstream) = routed(&door, &username, is_backup).await? {
        let href = upstream::begin::href_for(&upstream, &attempt.value(), &username);
        return Ok(upstream::begin::onward(&door, &visit, &upstream, &href));
    }
    shown.problem = match (
        username.is_empty() && again.is_none(),
        form.password.expose().is_empty(),
    ) {
        (true, _) => Some(LoginProblem::NoUsername),
        (_, true) if form.step == pages::field::NAME_STEP => {
            return page::respond(&door, &visit, &attempt, shown).await;
        }
        (_, true) => Some(LoginProblem::NoPassword),
        _ => None,
    };
    if shown.problem.is_some() {
        return page::respond(&door, &visit, &attempt, shown).await;
    }
    let name = match &again {
        Some(who) if username.is_empty() => who.facts.user.name.to_string(),
        _ => username.clone(),
    };
    let trail = attempt.trail("login");
    let origin = visit.origin(&door);
    match door
        .directory
        .verify_password(&name, form.password, &origin, visit.now)
        .await
    {
        Ok(verified) => {
            let proved = Proved {
                attempt,
                before: again,
                verified,
                trail,
            };
            admit(&door, &visit, proved, is_backup).await
        }
        Err(LoginRefusal::Failed(error)) => Err(error.into()),
        Err(refusal) => {
            shown.problem = Some(refuse(&door, &visit, &refusal, trail).await?);
            shown.username = &name;
            page::respond(&door, &visit, &attempt, shown).await
        }
    }
}

/// The upstream that people with such an address log in through.
async fn routed(door: &Door, username: &str, is_backup: bool) -> Result<Option<Arc<Upstream>>, Failure> {
    if is_backup {
        return Ok(None);
    }
    Ok(door.upstreams.snapshot().await?.for_login(username).cloned())
}

/// A login whose password was right.
struct Proved {
    attempt: OpenAttempt,
    /// The session that the browser had already.
    before: Option<LoggedIn>,
    verified: Verified,
    trail: Trail,
}

/// Whether the password lets its owner in.
async fn admit(door: &Door, visit: &Visit, proved: Proved, is_backup: bool) -> Answer {
    let facts = &proved.verified.facts;
    match backup::standing(door, facts, is_backup).await? {
        Standing::Elsewhere(upstream, refusal) => {
            let attempt = &proved.attempt;
            backup::elsewhere(door, visit, attempt, facts, (&upstream, &refusal), proved.trail).await
        }
        Standing::Backup => enter(door, visit, proved, true).await,
        Standing::In => enter(door, visit, proved, false).await,
    }
}

/// Notes a refused login in trace, event and counters, and says what the page shows.
///
/// The person is named as the directory names them, never as they typed it: people type passwords into the field for
/// the name, and both records are read by others.
async fn refuse(door: &Door, visit: &Visit, refused: &LoginRefusal, mut trail: Trail) -> Result<LoginProblem, Failure> {
    let seconds = |after: &std::time::Duration| after.as_secs().max(1);
    let (problem, user_id) = match refused {
        LoginRefusal::Throttled { retry_after, .. } => (
            LoginProblem::Throttled {
                seconds: seconds(retry_after),
            },
            None,
        ),
        LoginRefusal::Busy { retry_after } => (
            LoginProblem::Busy {
                seconds: seconds(retry_after),
            },
            None,
        ),
        LoginRefusal::Wrong { user_id, .. } => (LoginProblem::Wrong, *user_id),
        LoginRefusal::Closed { refusal, user_id } => (
            LoginProblem::of_closed(refusal.kind.code).unwrap_or(LoginProblem::Wrong),
            Some(*user_id),
        ),
        LoginRefusal::Failed(_) => (LoginProblem::Wrong, None),
    };
    let Some(refusal) = refused.refusal() else {
        return Ok(problem);
    };
    metrics::counter!(telemetry::LOGINS, "outcome" => "refused").increment(1);
    trail.refused("login.password", &refusal);
    let user = match user_id {
        Some(id) => door.directory.user(id).await?,
        None => None,
    };
    let name = user.map_or_else(|| UNKNOWN.to_owned(), |user| user.name.to_string());
    trail.user(&name);
    // A flood of throttled tries must not become a flood of durable writes; the trace has them.
    if matches!(refused, LoginRefusal::Wrong { .. } | LoginRefusal::Closed { .. }) {
        let who = doorward_audit::Actor {
            id: user_id,
            name,
            via: "login".into(),
        };
        let event = Event::new("login", who)
            .refused(refusal.kind.code)
            .from_address(visit.client.address.to_string())
            .in_trace(Some(trail.reference));
        door.store
            .write::<_, StoreError>(visit.now, move |tx| events::record(tx, &event).map(|_| ()))
            .await?;
    }
    trail.close(door, visit, TraceOutcome::InProgress);
    Ok(problem)
}

/// Begins the session and goes on with the errand.
async fn enter(door: &Door, visit: &Visit, proved: Proved, is_backup: bool) -> Answer {
    let Proved {
        attempt,
        before,
        verified,
        mut trail,
    } = proved;
    let user = &verified.facts.user;
    trail.user(&user.name);
    trail.steps.ok("login.password", "the password is right");
    let entrance = Entrance {
        is_backup,
        ..Entrance::from(&verified)
    };
    let known = (&entrance, &verified.facts);
    let entered = second::pass(door, visit, attempt, before.as_ref(), known, trail).await?;
    let Some(response) = entered else {
        // The session ended while its person typed: a fresh one, on the next try.
        let shown = Shown {
            username: user.name.as_str(),
            problem: Some(LoginProblem::Expired),
            ..Shown::default()
        };
        return afresh(door, visit, shown).await;
    };
    Ok(with_browser_cookie(door, response, &verified))
}

/// Sets the cookie of a browser that is known from now on.
pub(crate) fn with_browser_cookie(door: &Door, response: Response, verified: &Verified) -> Response {
    match &verified.browser.set_cookie {
        Some(value) => {
            let cookie = door.cookies.set(Kind::Browser, value.expose(), Some(REMEMBER_BROWSER));
            with_header(response, header::SET_COOKIE, cookie)
        }
        None => response,
    }
}

/// GET `/login/cancel`: back to the application with `access_denied`.
pub(crate) async fn cancel(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<LoginQuery>) -> Answer {
    let value = query.attempt.unwrap_or_default();
    let Some(attempt) = OpenAttempt::find(&door, &visit, &value).await? else {
        return Ok(see_other("/login"));
    };
    let Errand::App { request, .. } = &attempt.errand else {
        return Ok(see_other("/login"));
    };
    let snapshot = door.snapshots.current().await?;
    let Some(app) = snapshot.find(&request.client_id) else {
        return Ok(see_other("/login"));
    };
    let refusal = doorward_oidc::Refusal::redirect(&CONSENT_DENIED, "the person left the login page");
    let mut trail = attempt.trail("login");
    trail.app(&app.client_id);
    trail.refused("login.cancel", &refusal);
    trail.close(&door, &visit, TraceOutcome::Refused);
    super::flow::reply(&door, &visit, app, request.reply_to.error(&refusal)).await
}
