//! Logging in by passkey alone: the browser's answer proves who it is, nothing is typed.

use std::sync::Arc;

use axum::{Form, extract::State};
use doorward_audit::{Event, TraceOutcome, events};
use doorward_directory::{PasskeyRefusal, PasskeyUsed};
use doorward_oidc::Refusal;
use doorward_store::StoreError;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::{
    OpenAttempt,
    backup::{self, Standing},
    page::{self, Shown},
    password::{afresh, with_browser_cookie},
    second,
};
use crate::{
    Door,
    answer::{self, see_other},
    failure::{Answer, Failure},
    pages::LoginProblem,
    passkey,
    session::{self, Entrance},
    telemetry,
    trail::Trail,
    visit::Visit,
};

/// What the form, and the script before it, send.
#[derive(Debug, Deserialize)]
pub(crate) struct PasskeyForm {
    #[serde(default)]
    attempt: String,
    #[serde(default)]
    answer: String,
}

/// POST `/login/passkey/options`: what the browser is to ask its authenticators. Nothing is stored.
pub(crate) async fn options(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<PasskeyForm>) -> Answer {
    let begin_again = json!({ "next": "/login" });
    let found = if visit.is_same_origin(&door) {
        OpenAttempt::find(&door, &visit, &form.attempt).await?
    } else {
        None
    };
    let (Some(attempt), Some(party)) = (found, &door.relying_party) else {
        return Ok(answer::json(StatusCode::BAD_REQUEST, &begin_again));
    };
    let options = passkey::ask_alone(&door, &visit, party, attempt.binding());
    Ok(answer::json(StatusCode::OK, &options))
}

/// POST `/login/passkey`.
pub(crate) async fn submit(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<PasskeyForm>) -> Answer {
    let found = if visit.is_same_origin(&door) {
        OpenAttempt::find(&door, &visit, &form.attempt).await?
    } else {
        None
    };
    let Some(attempt) = found else {
        let shown = Shown {
            problem: Some(LoginProblem::Expired),
            ..Shown::default()
        };
        return afresh(&door, &visit, shown).await;
    };
    let Some(party) = &door.relying_party else {
        return Ok(see_other("/login"));
    };
    let mut trail = attempt.trail("login");
    match passkey::check_alone(&door, &visit, party, attempt.binding(), &form.answer).await {
        Ok(used) => {
            trail.steps.ok("login.passkey", "the passkey is right");
            enter(&door, &visit, attempt, used, trail).await
        }
        Err(PasskeyRefusal::Failed(error)) => Err(error.into()),
        Err(PasskeyRefusal::Refused { refusal, user_id }) => {
            let problem = refuse(&door, &visit, &refusal, user_id, trail).await?;
            let who = session::of_browser(&door, &visit).await?;
            let shown = Shown {
                who: who.as_ref(),
                problem: Some(problem),
                ..Shown::default()
            };
            page::respond(&door, &visit, &attempt, shown).await
        }
    }
}

/// Begins the session and goes on with the errand, unless the person's group logs in elsewhere.
async fn enter(door: &Door, visit: &Visit, attempt: OpenAttempt, used: PasskeyUsed, mut trail: Trail) -> Answer {
    let verified = used.alone();
    let facts = &verified.facts;
    trail.user(&facts.user.name);
    if let Standing::Elsewhere(upstream, refusal) = backup::standing(door, facts, false).await? {
        return backup::elsewhere(door, visit, &attempt, facts, (&upstream, &refusal), trail).await;
    }
    let before = session::of_browser(door, visit).await?;
    let entrance = Entrance::from(&verified);
    let entered = second::pass(door, visit, attempt, before.as_ref(), (&entrance, facts), trail).await?;
    let Some(response) = entered else {
        // The session, or the passkey, ended meanwhile: a fresh one, on the next try.
        let shown = Shown {
            problem: Some(LoginProblem::Expired),
            ..Shown::default()
        };
        return afresh(door, visit, shown).await;
    };
    Ok(with_browser_cookie(door, response, &verified))
}

/// Notes a refused passkey in trace, event and counters, and says what the page shows.
async fn refuse(
    door: &Door,
    visit: &Visit,
    refusal: &Refusal,
    user_id: Option<Uuid>,
    mut trail: Trail,
) -> Result<LoginProblem, Failure> {
    metrics::counter!(telemetry::LOGINS, "outcome" => "refused").increment(1);
    trail.refused("login.passkey", refusal);
    let user = match user_id {
        Some(id) => door.directory.user(id).await?,
        None => None,
    };
    // A stranger who invents credential ids causes no durable write, and who knows one causes few.
    if let Some(user) = &user {
        trail.user(&user.name);
    }
    if let Some(user) = user.filter(|_| door.strangers.pay_trace(visit.client.address, visit.now)) {
        let event = Event::new(
            "login",
            doorward_audit::Actor::new(user.id, user.name.to_string(), "login"),
        )
        .refused(refusal.kind.code)
        .from_address(visit.client.address.to_string())
        .in_trace(Some(trail.reference));
        door.store
            .write::<_, StoreError>(visit.now, move |tx| events::record(tx, &event).map(|_| ()))
            .await?;
    }
    trail.close(door, visit, TraceOutcome::InProgress);
    Ok(match refusal.kind.code {
        "passkey_copied" => LoginProblem::PasskeyCopied,
        code => LoginProblem::of_closed(code).unwrap_or(LoginProblem::Passkey),
    })
}
