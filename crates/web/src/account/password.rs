//! Changing the own password.

use std::sync::Arc;

use axum::{Form, extract::State};
use doorward_directory::{DirectoryError, LoginRefusal, MAX_PASSWORD_BYTES};
use doorward_jose::Secret;
use doorward_oidc::Refusal;
use http::StatusCode;
use serde::Deserialize;

use super::{log_in_first, sessions::foreign_form};
use crate::{
    Door, answer,
    answer::see_other,
    failure::Answer,
    pages::{self, ChangePassword, PasswordProblem, path},
    session::{self, LoggedIn},
    visit::Visit,
};

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct PasswordForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    current_password: Secret<String>,
    #[serde(default)]
    new_password: Secret<String>,
    #[serde(default)]
    repeat_password: Secret<String>,
}

/// GET `/account/password`.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit) -> Answer {
    match session::current(&door, &visit).await? {
        Some(who) => page(&door, &visit, &who, None, false).await,
        None => Ok(log_in_first(&door, &visit, path::PASSWORD)),
    }
}

/// POST `/account/password`.
pub(crate) async fn change(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<PasswordForm>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(see_other("/login"));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    let min = door.directory.password_rules(who.session.user_id).await?.min;
    if let Some(problem) = problem_with(&form.new_password, &form.repeat_password, min) {
        return page(&door, &visit, &who, Some(problem), false).await;
    }
    let changed = door
        .directory
        .change_password(
            who.session.user_id,
            form.current_password,
            form.new_password,
            Some(who.session.id),
            visit.now,
        )
        .await;
    let seconds = |after: std::time::Duration| after.as_secs().max(1);
    let problem = match changed {
        Ok(()) => return page(&door, &visit, &who, None, true).await,
        Err(LoginRefusal::Wrong { .. } | LoginRefusal::Closed { .. }) => PasswordProblem::CurrentWrong,
        Err(LoginRefusal::Throttled { retry_after, .. }) => PasswordProblem::Throttled {
            seconds: seconds(retry_after),
        },
        Err(LoginRefusal::Busy { retry_after }) => PasswordProblem::Busy {
            seconds: seconds(retry_after),
        },
        Err(LoginRefusal::Failed(DirectoryError::Refused(refusal))) => {
            problem_of(&refusal, min).ok_or(DirectoryError::Refused(refusal))?
        }
        Err(LoginRefusal::Failed(error)) => return Err(error.into()),
    };
    page(&door, &visit, &who, Some(problem), false).await
}

/// What is wrong with a new password, before anything is asked of the directory.
/// `min` is what policy asks.
pub(super) fn problem_with(new: &Secret<String>, repeat: &Secret<String>, min: usize) -> Option<PasswordProblem> {
    let new = new.expose();
    if new.chars().count() < min {
        Some(PasswordProblem::TooShort { min })
    } else if new.len() > MAX_PASSWORD_BYTES {
        Some(PasswordProblem::TooLong {
            max: MAX_PASSWORD_BYTES,
        })
    } else if new != repeat.expose() {
        Some(PasswordProblem::Mismatch)
    } else {
        None
    }
}

/// What the directory says against a new password; `None` when its refusal is about something else.
pub(super) fn problem_of(refusal: &Refusal, min: usize) -> Option<PasswordProblem> {
    match refusal.kind.code {
        "weak_password" => Some(PasswordProblem::Weak { min }),
        "password_too_short" => Some(PasswordProblem::TooShort { min }),
        "guessable_password" => Some(PasswordProblem::Guessable),
        "common_password" => Some(PasswordProblem::Common),
        _ => None,
    }
}

async fn page(door: &Door, visit: &Visit, who: &LoggedIn, problem: Option<PasswordProblem>, done: bool) -> Answer {
    let csrf = session::form_token(door, &who.session);
    let view = ChangePassword {
        action: path::PASSWORD,
        csrf: &csrf,
        username: who.facts.user.name.as_str(),
        min_length: door.directory.password_rules(who.session.user_id).await?.min,
        problem,
        done,
    };
    let status = if problem.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok(answer::page(
        status,
        pages::change_password(&view, &visit.chrome(door, Some(who.viewer()))),
        &[],
    ))
}
