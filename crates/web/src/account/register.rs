//! The pages of people who come by themselves. The first answers alike whoever has an account; the second is behind the link
//! that came by mail.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, Query, State},
    response::Response,
};
use doorward_directory::{Asked, DirectoryError, Newcomer, OpenRegistration, Registered, RegistrationPolicy};
use doorward_jose::Secret;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;

use super::{
    link::{enter, spent},
    password::{problem_of, problem_with},
};
use crate::{
    Door, answer,
    answer::{see_other, with_header},
    failure::{Answer, Failure},
    pages::{self, Fault, Join, PasswordProblem, Register, RegisterProblem, path},
    visit::Visit,
};

/// The path of the page behind a letter's link: `/register/TICKET`.
pub(crate) const LINK: &str = "/register/{ticket}";

/// What the page's address carries.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct RegisterQuery {
    /// The form was sent.
    sent: Option<String>,
}

/// What the first form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct RegisterForm {
    #[serde(default)]
    email: String,
}

/// What the second form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct JoinForm {
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

/// GET `/register`.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<RegisterQuery>) -> Answer {
    respond(&door, &visit, "", query.sent.is_some(), None).await
}

/// POST `/register`: notes the request.
pub(crate) async fn ask(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<RegisterForm>) -> Answer {
    if !visit.is_same_origin(&door) {
        let html = pages::fault(&Fault::ForeignForm, &visit.chrome(&door, None));
        return Ok(answer::page(StatusCode::FORBIDDEN, html, &[]));
    }
    let typed = form.email.trim();
    let upstreams = door.upstreams.snapshot().await?;
    if let Some(upstream) = upstreams.for_login(typed) {
        let problem = RegisterProblem::Elsewhere { title: &upstream.title };
        return respond(&door, &visit, typed, false, Some(problem)).await;
    }
    let language = doorward_mail::Lang::from_tag(visit.lang.tag());
    let asked = door
        .directory
        .ask_to_register(typed, language, visit.client.address, visit.now)
        .await;
    let problem = match asked {
        Ok(Asked::Noted) => return Ok(see_other(&format!("{}?sent=1", path::REGISTER))),
        Ok(Asked::Later { retry_after }) => RegisterProblem::Throttled {
            seconds: retry_after.as_secs().max(1),
        },
        Err(DirectoryError::Refused(refusal)) => match refusal.kind.code {
            "address_not_admitted" => RegisterProblem::Domain,
            "invalid_user" => RegisterProblem::Address,
            _ => return Ok(closed(&door, &visit)),
        },
        Err(error) => return Err(error.into()),
    };
    respond(&door, &visit, typed, false, Some(problem)).await
}

/// Nobody can register here: there is no such page.
fn closed(door: &Door, visit: &Visit) -> Response {
    let html = pages::fault(&Fault::NotFound, &visit.chrome(door, None));
    answer::page(StatusCode::NOT_FOUND, html, &[])
}

async fn respond(door: &Door, visit: &Visit, email: &str, sent: bool, problem: Option<RegisterProblem<'_>>) -> Answer {
    let Some(policy) = door.directory.open_registration().await? else {
        return Ok(closed(door, visit));
    };
    let is_for_all = policy
        .domains
        .iter()
        .any(|domain| domain == RegistrationPolicy::ANY_DOMAIN);
    let view = Register {
        action: path::REGISTER,
        email,
        domains: if is_for_all { &[] } else { &policy.domains },
        approval: policy.approval,
        sent,
        problem,
    };
    let html = pages::register(&view, &visit.chrome(door, None));
    Ok(match problem {
        None => answer::page(StatusCode::OK, html, &[]),
        Some(RegisterProblem::Throttled { seconds }) => {
            let response = answer::page(StatusCode::TOO_MANY_REQUESTS, html, &[]);
            with_header(response, header::RETRY_AFTER, HeaderValue::from(seconds))
        }
        Some(_) => answer::page(StatusCode::UNPROCESSABLE_ENTITY, html, &[]),
    })
}

/// GET `/register/TICKET`: asks who they are. Looking does not use the link up.
pub(crate) async fn join_form(State(door): State<Arc<Door>>, visit: Visit, Path(ticket): Path<String>) -> Answer {
    match door.directory.registration(&ticket, visit.now).await {
        Ok(open) => Ok(form(&door, &visit, &ticket, &open, ("", ""), None)),
        Err(error) => gone(&door, &visit, error),
    }
}

/// POST: the account is there, or an administrator decides.
pub(crate) async fn join(
    State(door): State<Arc<Door>>,
    visit: Visit,
    Path(ticket): Path<String>,
    Form(sent): Form<JoinForm>,
) -> Answer {
    if !visit.is_same_origin(&door) || sent.token != ticket {
        let html = pages::fault(&Fault::ForeignForm, &visit.chrome(&door, None));
        return Ok(answer::page(StatusCode::FORBIDDEN, html, &[]));
    }
    let open = match door.directory.registration(&ticket, visit.now).await {
        Ok(open) => open,
        Err(error) => return gone(&door, &visit, error),
    };
    let typed = (sent.username.trim(), sent.display_name.trim());
    let refuse = |problem| Ok(form(&door, &visit, &ticket, &open, typed, Some(problem)));
    let mismatch = problem_with(&sent.new_password, &sent.repeat_password, open.min_password);
    if let Some(problem) = mismatch.filter(|_| !open.approval) {
        return refuse(problem);
    }
    let newcomer = Newcomer {
        name: typed.0.to_owned(),
        display_name: Some(typed.1.to_owned()).filter(|name| !name.is_empty()),
        password: sent.new_password,
    };
    let origin = visit.origin(&door);
    let seconds = |after: std::time::Duration| after.as_secs().max(1);
    match door.directory.register(&ticket, newcomer, &origin, visit.now).await {
        Ok(Registered::In(verified)) => enter(&door, &visit, &verified).await,
        Ok(Registered::Waiting) => Ok(waits(&door, &visit, &open)),
        Ok(Registered::Later { retry_after }) => refuse(PasswordProblem::Throttled {
            seconds: seconds(retry_after),
        }),
        Err(DirectoryError::Busy { retry_after }) => refuse(PasswordProblem::Busy {
            seconds: seconds(retry_after),
        }),
        Err(DirectoryError::Refused(refusal)) => {
            let problem = match refusal.kind.code {
                "name_taken" => Some(PasswordProblem::UsernameTaken),
                "invalid_user_name" | "invalid_user" => Some(PasswordProblem::BadUsername),
                _ => problem_of(&refusal, open.min_password),
            };
            match problem {
                Some(problem) => refuse(problem),
                None => Ok(spent(&door, &visit)),
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn gone(door: &Door, visit: &Visit, error: DirectoryError) -> Result<Response, Failure> {
    match error {
        DirectoryError::Refused(_) => Ok(spent(door, visit)),
        error => Err(error.into()),
    }
}

fn form(
    door: &Door,
    visit: &Visit,
    ticket: &str,
    open: &OpenRegistration,
    (username, display_name): (&str, &str),
    problem: Option<PasswordProblem>,
) -> Response {
    let action = format!("{}/{ticket}", path::REGISTER);
    let view = Join {
        action: &action,
        token: ticket,
        username,
        display_name,
        asks_password: !open.approval,
        problem,
        ..page_of(open)
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(PasswordProblem::Throttled { .. }) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    answer::page(status, pages::join(&view, &visit.chrome(door, None)), &[])
}

fn waits(door: &Door, visit: &Visit, open: &OpenRegistration) -> Response {
    let view = Join {
        waits: true,
        ..page_of(open)
    };
    let html = pages::join(&view, &visit.chrome(door, None));
    answer::page(StatusCode::OK, html, &[])
}

/// What the page shows of a registration in any case.
fn page_of(open: &OpenRegistration) -> Join<'_> {
    Join {
        action: "",
        token: "",
        email: &open.address,
        username: "",
        display_name: "",
        asks_password: false,
        min_length: open.min_password,
        problem: None,
        waits: false,
    }
}
