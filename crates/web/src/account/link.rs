//! The page behind an enrolment, reset or first-administrator link.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, State},
    response::Response,
};
use doorward_directory::{DirectoryError, LinkKind, LinkPurpose, NewUser, Verified};
use doorward_jose::Secret;
use http::{StatusCode, header};
use serde::Deserialize;

use super::password::{problem_of, problem_with};
use crate::{
    Door, answer,
    answer::{see_other, with_header},
    failure::{Answer, Failure},
    login::{OpenAttempt, password::with_browser_cookie, second},
    pages::{self, Enrol, EnrolReason, Fault, PasswordProblem, SpentLink},
    session::{self, Entrance},
    trail::Trail,
    visit::Visit,
};

/// The path of a link's page: `/link/TICKET`.
pub(crate) const PATH: &str = "/link/{ticket}";

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct LinkForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    username: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    new_password: Secret<String>,
    #[serde(default)]
    repeat_password: Secret<String>,
}

/// GET: shows what the link is for. Looking does not use it up, so that a mail scanner does no harm.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Path(ticket): Path<String>) -> Answer {
    match door.directory.link(&ticket, visit.now).await {
        Ok(purpose) => {
            let min = shortest(&door, &purpose).await?;
            Ok(page(&door, &visit, (&ticket, min), &purpose, ("", ""), None))
        }
        Err(DirectoryError::Refused(_)) => Ok(spent(&door, &visit)),
        Err(error) => Err(error.into()),
    }
}

/// POST: sets the password, logs the person in.
pub(crate) async fn redeem(
    State(door): State<Arc<Door>>,
    visit: Visit,
    Path(ticket): Path<String>,
    Form(form): Form<LinkForm>,
) -> Answer {
    if !visit.is_same_origin(&door) || form.token != ticket {
        let html = pages::fault(&Fault::ForeignForm, &visit.chrome(&door, None));
        return Ok(answer::page(StatusCode::FORBIDDEN, html, &[]));
    }
    let purpose = match door.directory.link(&ticket, visit.now).await {
        Ok(purpose) => purpose,
        Err(DirectoryError::Refused(_)) => return Ok(spent(&door, &visit)),
        Err(error) => return Err(error.into()),
    };
    let typed = (form.username.trim().to_owned(), form.display_name.trim().to_owned());
    let typed = (typed.0.as_str(), typed.1.as_str());
    let min = shortest(&door, &purpose).await?;
    if let Some(problem) = problem_with(&form.new_password, &form.repeat_password, min) {
        return Ok(page(&door, &visit, (&ticket, min), &purpose, typed, Some(problem)));
    }
    let origin = visit.origin(&door);
    let redeemed = if purpose.kind == LinkKind::FirstAdmin {
        let person = NewUser {
            name: typed.0.to_owned(),
            display_name: Some(typed.1.to_owned()).filter(|name| !name.is_empty()),
            ..NewUser::default()
        };
        door.directory
            .redeem_first_admin(&ticket, person, form.new_password, &origin, visit.now)
            .await
    } else {
        door.directory
            .redeem(&ticket, form.new_password, &origin, visit.now)
            .await
    };
    match redeemed {
        Ok(verified) => enter(&door, &visit, &verified).await,
        Err(DirectoryError::Refused(refusal)) => {
            let problem = match refusal.kind.code {
                "name_taken" => Some(PasswordProblem::UsernameTaken),
                "invalid_user_name" => Some(PasswordProblem::BadUsername),
                _ => problem_of(&refusal, min),
            };
            match problem {
                Some(_) => Ok(page(&door, &visit, (&ticket, min), &purpose, typed, problem)),
                None => Ok(spent(&door, &visit)),
            }
        }
        Err(DirectoryError::Busy { retry_after }) => {
            let problem = PasswordProblem::Busy {
                seconds: retry_after.as_secs().max(1),
            };
            Ok(page(&door, &visit, (&ticket, min), &purpose, typed, Some(problem)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Whoever has set a password by a link goes on as after a login.
pub(super) async fn enter(door: &Door, visit: &Visit, verified: &Verified) -> Answer {
    let before = session::of_browser(door, visit).await?;
    let mut trail = Trail::begin(door, visit, "link");
    trail.user(&verified.facts.user.name);
    trail.steps.ok("link.redeemed", "a password was set by a link");
    let entrance = Entrance::from(verified);
    let (attempt, cookie) = OpenAttempt::for_page(door, visit, pages::path::START);
    let known = (&entrance, &verified.facts);
    // A link proves what a password does: whoever has a second factor, or needs one, is asked for it.
    let Some(response) = second::pass(door, visit, attempt, before.as_ref(), known, trail).await? else {
        return Ok(see_other("/"));
    };
    let response = with_browser_cookie(door, response, verified);
    Ok(match cookie {
        Some(cookie) => with_header(response, header::SET_COOKIE, cookie),
        None => response,
    })
}

/// Fewest characters of a password of whoever the link is for.
async fn shortest(door: &Door, purpose: &LinkPurpose) -> Result<usize, Failure> {
    let user = purpose.user.as_ref().map(|user| user.id).unwrap_or_default();
    Ok(door.directory.password_rules(user).await?.min)
}

pub(super) fn spent(door: &Door, visit: &Visit) -> Response {
    let html = pages::spent_link(&SpentLink { reference: None }, &visit.chrome(door, None));
    answer::page(StatusCode::GONE, html, &[])
}

fn page(
    door: &Door,
    visit: &Visit,
    (ticket, min_length): (&str, usize),
    purpose: &LinkPurpose,
    typed: (&str, &str),
    problem: Option<PasswordProblem>,
) -> Response {
    let (name, display_name) = match &purpose.user {
        Some(user) => (user.name.as_str(), user.display_name.as_str()),
        None if typed.0.is_empty() => ("admin", typed.1),
        None => typed,
    };
    let action = format!("/link/{ticket}");
    let view = Enrol {
        reason: match purpose.kind {
            LinkKind::Enrol => EnrolReason::Welcome,
            LinkKind::Reset => EnrolReason::Reset,
            LinkKind::FirstAdmin => EnrolReason::FirstAdministrator,
        },
        action: &action,
        token: ticket,
        username: name,
        display_name,
        min_length,
        problem,
    };
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    answer::page(status, pages::enrol(&view, &visit.chrome(door, None)), &[])
}
