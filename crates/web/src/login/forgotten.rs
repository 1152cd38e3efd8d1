//! The page for people who forgot the password. It answers alike whoever is named; the rest is said by mail.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
    response::Response,
};
use doorward_directory::Asked;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;

use crate::{
    Door, answer,
    answer::{see_other, with_header},
    failure::Answer,
    pages::{self, Fault, Forgotten, ForgottenProblem, path},
    visit::Visit,
};

/// What the page's address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ForgottenQuery {
    /// The form was sent.
    sent: Option<String>,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct ForgottenForm {
    #[serde(default)]
    username: String,
}

/// GET `/forgot`.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<ForgottenQuery>) -> Response {
    page(&door, &visit, "", query.sent.is_some(), None)
}

/// POST `/forgot`: notes the request.
pub(crate) async fn ask(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<ForgottenForm>) -> Answer {
    if !visit.is_same_origin(&door) {
        let html = pages::fault(&Fault::ForeignForm, &visit.chrome(&door, None));
        return Ok(answer::page(StatusCode::FORBIDDEN, html, &[]));
    }
    if !door.outbox.is_on() {
        return Ok(page(&door, &visit, "", false, None));
    }
    let typed = form.username.trim();
    if typed.is_empty() {
        return Ok(page(&door, &visit, "", false, Some(ForgottenProblem::Empty)));
    }
    let language = doorward_mail::Lang::from_tag(visit.lang.tag());
    let asked = door
        .directory
        .forgot_password(typed, language, visit.client.address, visit.now)
        .await?;
    Ok(match asked {
        Asked::Noted => see_other(&format!("{}?sent=1", path::FORGOT)),
        Asked::Later { retry_after } => {
            let seconds = retry_after.as_secs().max(1);
            let problem = Some(ForgottenProblem::Throttled { seconds });
            let response = page(&door, &visit, typed, false, problem);
            with_header(response, header::RETRY_AFTER, HeaderValue::from(seconds))
        }
    })
}

fn page(door: &Door, visit: &Visit, username: &str, sent: bool, problem: Option<ForgottenProblem>) -> Response {
    let view = Forgotten {
        action: path::FORGOT,
        username,
        sent,
        problem,
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(ForgottenProblem::Empty) => StatusCode::UNPROCESSABLE_ENTITY,
        Some(ForgottenProblem::Throttled { .. }) => StatusCode::TOO_MANY_REQUESTS,
    };
    answer::page(status, pages::forgotten(&view, &visit.chrome(door, None)), &[])
}
