//! Everything as files: what one says, and what another would change.

use axum::{
    Router,
    extract::Query,
    routing::{get, post},
};
use doorward_api as api;
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    Console,
    desk::{Desk, Shown, Turned},
    form::{Signed, given},
};
use crate::pages::console::{self, Done, StateView};

const PAGE: &str = "/admin/settings/files";

/// The routes of this room.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PAGE, get(show))
        .route("/admin/settings/files/plan", post(plan))
        .route("/admin/settings/files/apply", post(apply))
}

/// Which file, and what was typed.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    path: String,
    #[serde(default)]
    text: String,
    digest: Option<String>,
}

impl Asked {
    fn request(&self, digest: Option<String>) -> api::StateRequest {
        // One of the file of people stands in that file.
        let path = self.path.split(':').next().unwrap_or_default().trim().to_owned();
        api::StateRequest {
            files: [(path, self.text.replace("\r\n", "\n"))].into(),
            digest,
            ..api::StateRequest::default()
        }
    }
}

/// What came of the last try.
#[derive(Default)]
struct Tried<'a> {
    plan: Option<&'a api::StatePlan>,
    refused: Option<(StatusCode, &'a api::ErrorBody)>,
}

/// GET `/admin/settings/files`.
async fn show(desk: Desk, Query(asked): Query<Asked>) -> Shown {
    let Some(path) = given(&asked.path) else {
        return respond(&desk, &Asked::default(), Tried::default()).await;
    };
    let query = api::StateFileQuery { path };
    match desk.query::<api::StateFile>("/state/file", &[], &query).await {
        Ok(file) => {
            let asked = Asked {
                path: file.path,
                text: file.text,
                digest: None,
            };
            respond(&desk, &asked, Tried::default()).await
        }
        Err(Turned::Denied { status, error, .. }) => {
            let refused = Some((status, &*error));
            respond(&desk, &asked, Tried { plan: None, refused }).await
        }
        Err(turned) => Err(turned),
    }
}

async fn respond(desk: &Desk, asked: &Asked, tried: Tried<'_>) -> Shown {
    let all: api::StateFiles = desk.post("/state/export", &[], &api::StateFiles::default()).await?;
    let files: Vec<&str> = all.files.keys().map(String::as_str).collect();
    let view = StateView {
        files: &files,
        path: asked.path.trim(),
        text: &asked.text,
        plan: tried.plan,
        may_change: desk.may(Right::Full),
        error: tried.refused.map(|(_, error)| error),
    };
    let status = tried.refused.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::state_files(&view, frame)))
}

/// POST `/admin/settings/files/plan`: changes nothing.
async fn plan(Signed(desk, asked): Signed<Asked>) -> Shown {
    let planned = desk
        .post::<api::StatePlan>("/state/plan", &[], &asked.request(None))
        .await;
    match planned {
        Ok(plan) => {
            let plan = Some(&plan);
            respond(&desk, &asked, Tried { plan, refused: None }).await
        }
        Err(Turned::Denied { status, error, .. }) => {
            let refused = Some((status, &*error));
            respond(&desk, &asked, Tried { plan: None, refused }).await
        }
        Err(turned) => Err(turned),
    }
}

/// POST `/admin/settings/files/apply`: a file can give anybody any role, so a borrowed browser is not enough.
async fn apply(Signed(desk, asked): Signed<Asked>) -> Shown {
    desk.fresh(PAGE).await?;
    let request = asked.request(Some(asked.digest.clone().unwrap_or_default()));
    match desk.post::<api::StatePlan>("/state/apply", &[], &request).await {
        Ok(_) => Ok(Desk::onward(PAGE, Done::Saved)),
        Err(Turned::Denied { status, error, .. }) => {
            let refused = Some((status, &*error));
            respond(&desk, &asked, Tried { plan: None, refused }).await
        }
        Err(turned) => Err(turned),
    }
}
