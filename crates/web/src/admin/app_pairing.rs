//! Redirect URIs that an application sent and that are not registered: for one that makes its own up, the first is confirmed here.

use axum::{Router, extract::Path, routing::get};
use doorward_api as api;
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    Console,
    desk::{Desk, Shown, Turned},
    form::Signed,
};
use crate::pages::console::{self, AppPairing, Done, segment};

/// The routes below an application's.
pub(super) fn routes() -> Router<Console> {
    Router::new().route("/admin/apps/{app}/pair", get(show).post(register))
}

/// GET `/admin/apps/{app}/pair`.
async fn show(desk: Desk, Path(id): Path<String>) -> Shown {
    respond(&desk, &id, None).await
}

async fn respond(desk: &Desk, id: &str, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let app: api::App = desk.get("/apps/{app}", &[id]).await?;
    let query = api::TraceQuery {
        app: Some(app.client_id.clone()),
        refused: Some(true),
        ..api::TraceQuery::default()
    };
    let refused: api::List<api::TraceSummary> = desk.query("/traces", &[], &query).await?;
    let view = AppPairing {
        app: &app,
        refused: &refused.items,
        may_change: desk.may(Right::ChangeApps),
        error: problem.map(|(_, error)| error),
    };
    match problem {
        Some((status, _)) => Ok(desk.show_with(status, |frame| console::app_pairing(&view, frame))),
        None => Ok(desk.show_live(|frame| console::app_pairing(&view, frame))),
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
struct Confirmed {
    #[serde(default)]
    uri: String,
}

/// POST `/admin/apps/{app}/pair`.
async fn register(Path(id): Path<String>, Signed(desk, form): Signed<Confirmed>) -> Shown {
    desk.fresh(&format!("/admin/apps/{}/pair", segment(&id))).await?;
    let change = api::AppChange {
        add_redirect_uris: vec![form.uri],
        ..api::AppChange::default()
    };
    match desk.patch::<api::App>("/apps/{app}", &[&id], &change).await {
        Ok(_) => Ok(Desk::onward(&format!("/admin/apps/{}", segment(&id)), Done::Saved)),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &id, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}
