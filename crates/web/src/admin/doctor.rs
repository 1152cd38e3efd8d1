//! What is wrong with the logins into an application.

use axum::{Router, extract::Path, routing::get, routing::post};
use doorward_api as api;
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    Console,
    desk::{Desk, Shown, Turned},
    form::{Signed, given, misread},
};
use crate::pages::console::{self, AppDoctor, Done, segment};

/// The routes: below an application's, and the installation's own.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/admin/doctor", get(installation))
        .route("/admin/apps/{app}/doctor", get(show).post(look))
        .route("/admin/apps/{app}/doctor/fix", post(fix))
}

/// GET `/admin/doctor`: the look takes a few seconds.
async fn installation(desk: Desk) -> Shown {
    let diagnosis: api::Diagnosis = desk.get("/doctor", &[]).await?;
    Ok(desk.show(|frame| console::installation(&diagnosis, frame)))
}

fn page(id: &str) -> String {
    format!("/admin/apps/{}/doctor", segment(id))
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    user: String,
    #[serde(default)]
    allow_private: String,
}

/// GET `/admin/apps/{app}/doctor`: nothing is asked of the application before somebody presses the button.
async fn show(desk: Desk, Path(id): Path<String>) -> Shown {
    respond(&desk, &id, &Asked::default(), None, None).await
}

async fn respond(
    desk: &Desk,
    id: &str,
    asked: &Asked,
    diagnosis: Option<&api::Diagnosis>,
    problem: Option<(StatusCode, &api::ErrorBody)>,
) -> Shown {
    let app: api::App = desk.get("/apps/{app}", &[id]).await?;
    let view = AppDoctor {
        app: &app,
        diagnosis,
        user: asked.user.trim(),
        allow_private: asked.allow_private == "true",
        may_change: desk.may(Right::ChangeApps),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::app_doctor(&view, frame)))
}

/// POST `/admin/apps/{app}/doctor`.
async fn look(Path(id): Path<String>, Signed(desk, asked): Signed<Asked>) -> Shown {
    let request = api::DoctorRequest {
        user: given(&asked.user),
        allow_private: Some(asked.allow_private == "true"),
    };
    match desk
        .post::<api::Diagnosis>("/apps/{app}/doctor", &[&id], &request)
        .await
    {
        Ok(diagnosis) => respond(&desk, &id, &asked, Some(&diagnosis), None).await,
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &id, &asked, None, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the button of a finding sends: the change that was shown beside it.
#[derive(Debug, Deserialize)]
struct Mending {
    #[serde(default)]
    change: String,
}

/// POST `/admin/apps/{app}/doctor/fix`: the ordinary change of an application, with its rights and its proof.
async fn fix(Path(id): Path<String>, Signed(desk, form): Signed<Mending>) -> Shown {
    desk.fresh(&page(&id)).await?;
    let asked = Asked::default();
    let Ok(change) = serde_json::from_str::<api::AppChange>(&form.change) else {
        let error = misread("change", "a change of an application", "something else");
        return respond(&desk, &id, &asked, None, Some((StatusCode::BAD_REQUEST, &error))).await;
    };
    match desk.patch::<api::App>("/apps/{app}", &[&id], &change).await {
        Ok(_) => Ok(Desk::onward(&page(&id), Done::Saved)),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &id, &asked, None, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}
