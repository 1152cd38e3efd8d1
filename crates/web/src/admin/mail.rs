//! Letters: whether they are sent, and those that have not arrived.

use axum::{
    Router,
    extract::Query,
    routing::{get, post},
};
use doorward_api::{self as api, List};
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    Console,
    desk::{Desk, Shown, Turned},
    form::{Signed, given},
    people::{Asked, PER_PAGE},
};
use crate::pages::console::{self, Done, Mail};

const PAGE: &str = "/admin/mail";

/// The routes of this room.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PAGE, get(show))
        .route("/admin/mail/test", post(test))
        .route("/admin/mail/retry", post(retry))
        .route("/admin/mail/remove", post(remove))
}

/// How the last try ended.
#[derive(Default)]
struct Tried<'a> {
    to: &'a str,
    tested: Option<&'a str>,
    refused: Option<(StatusCode, &'a api::ErrorBody)>,
}

/// GET `/admin/mail`.
async fn show(desk: Desk, Query(asked): Query<Asked>) -> Shown {
    respond(&desk, asked.cursor, Tried::default()).await
}

async fn respond(desk: &Desk, cursor: Option<String>, tried: Tried<'_>) -> Shown {
    let known: api::MailStatus = desk.get("/mail", &[]).await?;
    let query = api::PageQuery {
        cursor,
        limit: Some(PER_PAGE),
    };
    let queue: Option<List<api::Letter>> = if desk.may(Right::ReadPeople) {
        Some(desk.query("/mail/queue", &[], &query).await?)
    } else {
        None
    };
    let view = Mail {
        status: &known,
        queue: queue.as_ref(),
        may_change: desk.may(Right::ChangePeople),
        may_test: desk.may(Right::Full),
        to: tried.to,
        tested: tried.tested,
        error: tried.refused.map(|(_, error)| error),
    };
    let status = tried.refused.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::mail(&view, frame)))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
struct Test {
    #[serde(default)]
    to: String,
    #[serde(default)]
    language: String,
}

/// POST `/admin/mail/test`.
async fn test(Signed(desk, form): Signed<Test>) -> Shown {
    let to = form.to.trim();
    let request = api::MailTest {
        to: to.to_owned(),
        language: given(&form.language),
    };
    match desk.post::<api::MailTested>("/mail/test", &[], &request).await {
        Ok(_) => {
            let tried = Tried {
                to,
                tested: Some(to),
                refused: None,
            };
            respond(&desk, None, tried).await
        }
        Err(Turned::Denied { status, error, .. }) => {
            let tried = Tried {
                to,
                tested: None,
                refused: Some((status, &error)),
            };
            respond(&desk, None, tried).await
        }
        Err(turned) => Err(turned),
    }
}

/// What the buttons send.
#[derive(Debug, Deserialize)]
struct OfLetter {
    #[serde(default)]
    letter: String,
}

/// POST `/admin/mail/retry`.
async fn retry(Signed(desk, form): Signed<OfLetter>) -> Shown {
    let result = desk
        .post::<()>("/mail/queue/{letter}/retry", &[&form.letter], &())
        .await;
    ended(&desk, result, Done::Tried).await
}

/// POST `/admin/mail/remove`.
async fn remove(Signed(desk, form): Signed<OfLetter>) -> Shown {
    let result = desk.delete::<()>("/mail/queue/{letter}", &[&form.letter]).await;
    ended(&desk, result, Done::Removed).await
}

async fn ended(desk: &Desk, result: Result<(), Turned>, done: Done) -> Shown {
    match result {
        Ok(()) => Ok(Desk::onward(PAGE, done)),
        Err(Turned::Denied { status, error, .. }) => {
            let tried = Tried {
                refused: Some((status, &error)),
                ..Tried::default()
            };
            respond(desk, None, tried).await
        }
        Err(turned) => Err(turned),
    }
}
