//! The choice between the account that is logged in and another one (`prompt=select_account`).

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    Errand, OpenAttempt,
    flow::{app_ref, origin_of, proceed},
};
use crate::{
    Door, answer,
    answer::see_other,
    failure::Answer,
    pages::{self, AccountChooser, AccountItem, field},
    session,
    visit::Visit,
};

/// What the page's address carries.
#[derive(Debug, Deserialize)]
pub(crate) struct ChooserQuery {
    #[serde(default)]
    attempt: String,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct ChooserForm {
    #[serde(default)]
    attempt: String,
    #[serde(default)]
    account: String,
}

/// GET `/login/account`.
pub(crate) async fn choose(State(door): State<Arc<Door>>, visit: Visit, Query(query): Query<ChooserQuery>) -> Answer {
    let Some(attempt) = OpenAttempt::find(&door, &visit, &query.attempt).await? else {
        return Ok(see_other("/login"));
    };
    let value = attempt.value();
    let (Errand::App { request, .. }, Some(who)) = (&attempt.errand, session::of_browser(&door, &visit).await?) else {
        return Ok(see_other(&format!("/login?attempt={value}")));
    };
    let snapshot = door.snapshots.current().await?;
    let id = who.session.user_id.to_string();
    let viewer = who.viewer();
    let accounts = [AccountItem {
        id: &id,
        display_name: viewer.display_name,
        username: viewer.username,
    }];
    let view = AccountChooser {
        app: snapshot.find(&request.client_id).map(|app| app_ref(app)),
        action: "/login/account",
        attempt: &value,
        accounts: &accounts,
    };
    let html = pages::account_chooser(&view, &visit.chrome(&door, None));
    Ok(answer::page(
        StatusCode::OK,
        html,
        &[&origin_of(&request.reply_to.redirect_uri)],
    ))
}

/// POST `/login/account`.
pub(crate) async fn chosen(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<ChooserForm>) -> Answer {
    let found = if visit.is_same_origin(&door) {
        OpenAttempt::find(&door, &visit, &form.attempt).await?
    } else {
        None
    };
    let Some(mut attempt) = found else {
        return Ok(see_other("/login"));
    };
    let who = session::of_browser(&door, &visit).await?;
    let stays = who
        .as_ref()
        .filter(|who| form.account == who.session.user_id.to_string());
    match (&mut attempt.errand, stays) {
        (Errand::App { progress, .. }, Some(who)) => {
            progress.account_chosen = Some(who.session.user_id);
            let mut trail = attempt.trail("login");
            trail
                .steps
                .ok("login.account", "the person goes on with the account that is logged in");
            let who = who.clone();
            proceed(&door, &visit, attempt, Some(who), trail).await
        }
        _ if form.account == field::OTHER_ACCOUNT => {
            Ok(see_other(&format!("/login?attempt={}&other=1", attempt.value())))
        }
        _ => Ok(see_other(&format!("/login?attempt={}", attempt.value()))),
    }
}
