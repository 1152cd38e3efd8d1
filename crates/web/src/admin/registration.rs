//! People who come by themselves: whether they may, and who waits to be let in.

use axum::extract::Query;
use doorward_api::{self as api, List};
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{
    desk::{Desk, Shown, Turned},
    form::{Signed, given, names},
    people::{Asked, PER_PAGE},
};
use crate::pages::console::{self, Done, Registration};

const PAGE: &str = "/admin/registration";

/// GET `/admin/registration`.
pub(super) async fn show(desk: Desk, Query(asked): Query<Asked>) -> Shown {
    respond(&desk, asked.cursor, None).await
}

async fn respond(desk: &Desk, cursor: Option<String>, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let query = api::PageQuery {
        cursor,
        limit: Some(PER_PAGE),
    };
    let waiting: List<api::RegistrationRequest> = desk.query("/registration/requests", &[], &query).await?;
    let policy: Option<api::Registration> = if desk.may(Right::ReadSettings) {
        Some(desk.get("/registration", &[]).await?)
    } else {
        None
    };
    let view = Registration {
        policy: policy.as_ref(),
        waiting: &waiting,
        may_change: desk.may(Right::Full),
        may_decide: desk.may(Right::ChangePeople),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::registration(&view, frame)))
}

async fn ended<T>(desk: &Desk, result: Result<T, Turned>, done: Done) -> Shown {
    match result {
        Ok(_) => Ok(Desk::onward(PAGE, done)),
        Err(Turned::Denied { status, error, .. }) => respond(desk, None, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    open: bool,
    approval: bool,
    #[serde(default)]
    domains: String,
    #[serde(default)]
    groups: String,
}

/// POST `/admin/registration`: who gets an account from now on, so a borrowed browser is not enough.
pub(super) async fn edit(Signed(desk, form): Signed<Change>) -> Shown {
    desk.fresh(PAGE).await?;
    let change = api::RegistrationChange {
        open: Some(form.open),
        domains: Some(names(&form.domains)),
        approval: Some(form.approval),
        groups: Some(names(&form.groups)),
    };
    let result = desk.patch::<api::Registration>("/registration", &[], &change).await;
    ended(&desk, result, Done::Saved).await
}

/// What the buttons send.
#[derive(Debug, Deserialize)]
pub(super) struct Decision {
    #[serde(default)]
    request: String,
    #[serde(default)]
    name: String,
}

/// POST `/admin/registration/approve`: somebody gets an account, as when one is added.
pub(super) async fn approve(Signed(desk, form): Signed<Decision>) -> Shown {
    desk.fresh(PAGE).await?;
    let approval = api::RegistrationApproval {
        name: given(&form.name),
    };
    let result = desk
        .post::<api::RegistrationApproved>("/registration/requests/{request}/approve", &[&form.request], &approval)
        .await;
    ended(&desk, result, Done::Added).await
}

/// POST `/admin/registration/reject`.
pub(super) async fn reject(Signed(desk, form): Signed<Decision>) -> Shown {
    let result = desk
        .post::<()>(
            "/registration/requests/{request}/reject",
            &[&form.request],
            &json!(null),
        )
        .await;
    ended(&desk, result, Done::Removed).await
}
