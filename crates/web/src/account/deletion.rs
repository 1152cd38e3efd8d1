//! Deleting one's own account, where the settings let people do that.

use std::sync::Arc;

use axum::{Form, extract::State, response::Response};
use doorward_directory::{Deletion, DirectoryError, deletion_grace_days, may_delete_own};
use doorward_store::StoreError;
use http::StatusCode;
use serde::Deserialize;

use super::{log_in_first, proved_first, sessions::foreign_form};
use crate::{
    Door,
    answer::{self, see_other},
    failure::{Answer, Failure},
    pages::{self, AccountClosed, DeleteAccount, path},
    session::{self, LoggedIn},
    visit::Visit,
};

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct DeleteForm {
    #[serde(default)]
    csrf: String,
}

/// GET `/account/delete`.
pub(crate) async fn ask(State(door): State<Arc<Door>>, visit: Visit) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, path::PROFILE));
    };
    let settings = door
        .store
        .read::<_, StoreError>(|tx| Ok((may_delete_own(tx)?, deletion_grace_days(tx)?)))
        .await?;
    let (true, days) = settings else {
        return Ok(see_other(path::PROFILE));
    };
    if let Some(response) = proved_first(&door, &visit, &who, path::DELETE).await? {
        return Ok(response);
    }
    Ok(page(&door, &visit, &who, days, !who.facts.roles.is_empty()))
}

/// POST `/account/delete`. The session ends with the account.
pub(crate) async fn delete(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<DeleteForm>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(see_other(path::LOGIN));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    if let Some(response) = proved_first(&door, &visit, &who, path::DELETE).await? {
        return Ok(response);
    }
    let deleted = door
        .directory
        .delete_own(who.session.user_id, who.session.id, visit.now)
        .await;
    match deleted {
        Ok(done) => Ok(closed(&door, &visit, done)),
        Err(DirectoryError::Refused(refusal)) if refusal.kind.code == "protected_by_role" => {
            Ok(page(&door, &visit, &who, 0, true))
        }
        Err(DirectoryError::Refused(_)) => Ok(see_other(path::PROFILE)),
        Err(error) => Err(Failure::from(error)),
    }
}

fn page(door: &Door, visit: &Visit, who: &LoggedIn, days: u32, has_role: bool) -> Response {
    let csrf = session::form_token(door, &who.session);
    let view = DeleteAccount {
        csrf: &csrf,
        username: who.facts.user.name.as_str(),
        days,
        has_role,
    };
    let html = pages::delete_account(&view, &visit.chrome(door, Some(who.viewer())));
    let status = if has_role {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::OK
    };
    answer::page(status, html, &[])
}

fn closed(door: &Door, visit: &Visit, done: Deletion) -> Response {
    let view = AccountClosed {
        gone: match done {
            Deletion::Planned(at) => Some(at),
            Deletion::Done => None,
        },
        now: visit.now,
    };
    answer::page(
        StatusCode::OK,
        pages::account_closed(&view, &visit.chrome(door, None)),
        &[],
    )
}
