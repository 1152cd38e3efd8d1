//! A passkey as second factor.

use std::sync::Arc;

use axum::{Form, extract::State};
use doorward_directory::{
    PasskeyRefusal,
    factors::{HARDWARE_PASSKEY, Outcome, SYNCED_PASSKEY},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{
    Half, Verdict,
    ask::{again, page, problem},
    complete,
    finish::Finished,
};
use crate::{Door, answer, failure::Answer, login::OpenAttempt, pages::CodeProblem, passkey, visit::Visit};

/// Where its answer goes.
pub(crate) const PATH: &str = "/login/second/passkey";
/// Where the script asks what to ask of the browser.
pub(crate) const OPTIONS: &str = "/login/second/passkey/options";

/// What the form, and the script before it, send.
#[derive(Debug, Deserialize)]
pub(crate) struct SecondPasskeyForm {
    #[serde(default)]
    half: String,
    #[serde(default)]
    answer: String,
    #[serde(default)]
    remember: String,
}

fn open(door: &Door, visit: &Visit, form: &SecondPasskeyForm) -> Option<(Half, String)> {
    let half = visit
        .is_same_origin(door)
        .then(|| Half::open_bound(door, visit, &form.half))
        .flatten();
    half.filter(|(half, _)| matches!(half.verdict, Verdict::Prove { .. }))
}

/// POST `/login/second/passkey/options`: what the browser is to ask its authenticators. Nothing is stored.
pub(crate) async fn options(
    State(door): State<Arc<Door>>,
    visit: Visit,
    Form(form): Form<SecondPasskeyForm>,
) -> Answer {
    let half = open(&door, &visit, &form);
    let (Some((half, binding)), Some(party)) = (half, &door.relying_party) else {
        return Ok(answer::json(StatusCode::BAD_REQUEST, &json!({ "next": "/login" })));
    };
    let options = passkey::ask_second(&door, &visit, party, (&binding, half.user)).await?;
    Ok(answer::json(StatusCode::OK, &options))
}

/// POST `/login/second/passkey`.
pub(crate) async fn submit(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<SecondPasskeyForm>) -> Answer {
    let half = open(&door, &visit, &form);
    let (Some((half, binding)), Some(party)) = (half, &door.relying_party) else {
        return Ok(again(None));
    };
    let checked = match passkey::check_second(&door, &visit, party, (&binding, half.user), &form.answer).await {
        Ok(checked) => checked,
        Err(PasskeyRefusal::Failed(error)) => return Err(error.into()),
        Err(PasskeyRefusal::Refused { refusal, .. }) => {
            if let Some(attempt) = OpenAttempt::find(&door, &visit, &half.attempt).await? {
                let mut trail = attempt.trail("login");
                trail.refused("login.second", &refusal);
                trail.close(&door, &visit, doorward_audit::TraceOutcome::InProgress);
            }
            return page(&door, &visit, &form.half, &half, Some(CodeProblem::Passkey)).await;
        }
    };
    let is_to_be_remembered =
        matches!(half.verdict, Verdict::Prove { remember_days: 1.., .. }) && !form.remember.is_empty();
    let tried = complete(&door, &visit, half.clone(), is_to_be_remembered, move |tx| {
        let proven = if checked.passkey().synced {
            SYNCED_PASSKEY
        } else {
            HARDWARE_PASSKEY
        };
        Ok(if checked.accept(tx)? {
            Outcome::Right(proven)
        } else {
            Outcome::Wrong
        })
    })
    .await?;
    match tried {
        Finished::On(response) => Ok(response),
        Finished::Not(outcome) => {
            let shown = problem(&outcome).map(|_| CodeProblem::Passkey);
            page(&door, &visit, &form.half, &half, shown).await
        }
        Finished::Begun(_) | Finished::Ended => Ok(again(Some(&half))),
    }
}
