//! The page that asks for a second factor.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use doorward_directory::{
    Level,
    factors::{self, Outcome, Presented},
};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;

use super::{Half, Verdict, complete, finish::Finished, seals};
use crate::{
    Door, answer,
    answer::{see_other, with_header},
    cookies::Kind,
    failure::Answer,
    login::{
        OpenAttempt,
        flow::{app_ref, origin_of},
    },
    pages::{self, CodeProblem, Second},
    visit::Visit,
};

/// What the page's address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct HalfQuery {
    #[serde(default)]
    pub(super) half: String,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct CodeForm {
    #[serde(default)]
    half: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    remember: String,
}

/// Where an ended login begins anew.
pub(super) fn again(half: Option<&Half>) -> Response {
    match half {
        Some(half) => see_other(&format!("/login?attempt={}", half.attempt)),
        None => see_other("/login"),
    }
}

/// GET `/login/second`.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<HalfQuery>) -> Answer {
    match Half::open(&door, &visit, &query.half) {
        Some(half) => page(&door, &visit, &query.half, &half, None).await,
        None => Ok(again(None)),
    }
}

/// POST `/login/second`: a code of an app, or a recovery code.
pub(crate) async fn submit(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<CodeForm>) -> Answer {
    let half = if visit.is_same_origin(&door) {
        Half::open(&door, &visit, &form.half)
    } else {
        None
    };
    let Some(half) = half else { return Ok(again(None)) };
    let Verdict::Prove { remember_days, .. } = half.verdict else {
        return Ok(again(Some(&half)));
    };
    if form.code.trim().is_empty() {
        return page(&door, &visit, &form.half, &half, Some(CodeProblem::Empty)).await;
    }
    let (seals, user) = (seals(&door), half.user);
    let cookie = visit.cookie(&door, Kind::Browser).map(str::to_owned);
    let presented = Presented::parse(&form.code);
    let is_to_be_remembered = remember_days > 0 && !form.remember.is_empty();
    let tried = complete(&door, &visit, half.clone(), is_to_be_remembered, move |tx| {
        factors::prove(tx, &seals, cookie.as_deref(), user, &presented)
    })
    .await?;
    match tried {
        Finished::On(response) => Ok(response),
        Finished::Not(outcome) => page(&door, &visit, &form.half, &half, problem(&outcome)).await,
        Finished::Begun(_) | Finished::Ended => Ok(again(Some(&half))),
    }
}

/// As pages say it.
pub(crate) fn problem(outcome: &Outcome) -> Option<CodeProblem> {
    match outcome {
        Outcome::Right(_) => None,
        Outcome::Wrong => Some(CodeProblem::Wrong),
        Outcome::Spent { retry_after } => Some(CodeProblem::Throttled {
            seconds: retry_after.as_secs().max(1),
        }),
    }
}

/// Status and waiting time of a page with a problem.
pub(super) fn status(problem: Option<CodeProblem>) -> (StatusCode, Option<u64>) {
    match problem {
        Some(CodeProblem::Throttled { seconds }) => (StatusCode::TOO_MANY_REQUESTS, Some(seconds)),
        Some(CodeProblem::Wrong | CodeProblem::Passkey | CodeProblem::UntrustedPasskey) => {
            (StatusCode::UNAUTHORIZED, None)
        }
        _ => (StatusCode::OK, None),
    }
}

pub(super) async fn page(door: &Door, visit: &Visit, value: &str, half: &Half, problem: Option<CodeProblem>) -> Answer {
    let Verdict::Prove { needs, remember_days } = half.verdict else {
        return Ok(again(Some(half)));
    };
    let Some(attempt) = OpenAttempt::find(door, visit, &half.attempt).await? else {
        return Ok(again(None));
    };
    let Some(user) = door.directory.user(half.user).await? else {
        return Ok(again(None));
    };
    let has = door.directory.enrolled(half.user).await?;
    let snapshot = door.snapshots.current().await?;
    let request = attempt.errand.request();
    let app = request.and_then(|request| snapshot.find(&request.client_id));
    let other = format!("/login?attempt={}&other=1", half.attempt);
    let view = Second {
        app: app.map(|app| app_ref(app)),
        action: super::PATH,
        half: value,
        username: user.name.as_str(),
        // What does not lead to where the login must come is not asked for.
        asks_code: has.totp.is_some() && needs < Level::Passkey,
        has_recovery: has.recovery_codes > 0 && needs < Level::Passkey,
        passkey: (has.passkeys > 0 && door.relying_party.is_some())
            .then_some((super::passkey::PATH, super::passkey::OPTIONS)),
        remember_days,
        problem,
        other: &other,
    };
    let target = request
        .map(|request| origin_of(&request.reply_to.redirect_uri))
        .unwrap_or_default();
    let (status, retry) = status(problem);
    let html = pages::second(&view, &visit.chrome(door, None));
    let response = if view.passkey.is_some() {
        answer::passkey_page(status, html, &[&target])
    } else {
        answer::page(status, html, &[&target])
    };
    Ok(match retry {
        Some(seconds) => with_header(response, header::RETRY_AFTER, HeaderValue::from(seconds)),
        None => response,
    })
}
