//! Whether an application knows of the logouts that concern it.

use axum::{
    Router,
    extract::Path,
    routing::{get, post},
};
use doorward_api as api;
use doorward_directory::Right;
use http::StatusCode;

use super::{
    Console,
    desk::{Desk, Shown, Turned},
    form::{Nothing, Signed},
};
use crate::pages::console::{self, AppLogouts, Done, segment};

/// The routes below an application's.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/admin/apps/{app}/logouts", get(show))
        .route("/admin/apps/{app}/logouts/retry", post(retry))
}

/// GET `/admin/apps/{app}/logouts`.
async fn show(desk: Desk, Path(id): Path<String>) -> Shown {
    respond(&desk, &id, None).await
}

async fn respond(desk: &Desk, id: &str, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let app: api::App = desk.get("/apps/{app}", &[id]).await?;
    let logouts: api::Logouts = desk.get("/apps/{app}/logouts", &[id]).await?;
    let view = AppLogouts {
        app: &app,
        logouts: &logouts,
        may_change: desk.may(Right::ChangeApps),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::app_logouts(&view, frame)))
}

/// POST `/admin/apps/{app}/logouts/retry`.
async fn retry(Path(id): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    match desk
        .post::<api::LogoutsRetried>("/apps/{app}/logouts/retry", &[&id], &())
        .await
    {
        Ok(_) => Ok(Desk::onward(
            &format!("/admin/apps/{}/logouts", segment(&id)),
            Done::Tried,
        )),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &id, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}
