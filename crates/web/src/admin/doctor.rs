//! What is wrong with the logins into an application.

use axum::{Router, extract::Path, routing::get, routing::post};
use doorward_api as api;
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    Console,
    desk::{Desk, Shown, Turned},
    form::{Nothing, Signed, given, misread},
};
use crate::pages::console::{self, AppDoctor, Done, segment};

/// The routes: below an application's, and the installation's own.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/admin/doctor", get(ask).post(installation))
        .route("/admin/doctor/fix", post(fix_installation))
        .route("/admin/apps/{app}/doctor", get(show).post(look))
        .route("/admin/apps/{app}/doctor/fix", post(fix))
}

/// GET `/admin/doctor`: this server goes nowhere before somebody presses the button.
async fn ask(desk: Desk) -> Shown {
    desk.require(Right::ReadSettings).map_err(Turned::Away)?;
    Ok(desk.show(|frame| console::installation(None, None, frame)))
}

/// POST `/admin/doctor`: the look takes a few seconds.
async fn installation(Signed(desk, _): Signed<Nothing>) -> Shown {
    match desk.get::<api::Diagnosis>("/doctor", &[]).await {
        Ok(diagnosis) => Ok(desk.show(|frame| console::installation(Some(&diagnosis), None, frame))),
        Err(Turned::Denied { status, error, .. }) => {
            Ok(desk.show_with(status, |frame| console::installation(None, Some(&error), frame)))
        }
        Err(turned) => Err(turned),
    }
}

/// POST `/admin/doctor/fix`: the ordinary operation behind the button of a finding, with its rights and its proof.
async fn fix_installation(Signed(desk, form): Signed<Chosen>) -> Shown {
    desk.fresh("/admin/doctor").await?;
    let Ok(change) = serde_json::from_str::<api::DoctorChange>(&form.change) else {
        let error = misread("change", "a change that the doctor offers", "something else");
        let status = StatusCode::BAD_REQUEST;
        return Ok(desk.show_with(status, |frame| console::installation(None, Some(&error), frame)));
    };
    match carry_out(&desk, change).await {
        Ok(()) => Ok(Desk::onward("/admin/doctor", Done::Saved)),
        Err(Turned::Denied { status, error, .. }) => {
            Ok(desk.show_with(status, |frame| console::installation(None, Some(&error), frame)))
        }
        Err(turned) => Err(turned),
    }
}

async fn carry_out(desk: &Desk, change: api::DoctorChange) -> Result<(), Turned> {
    match change {
        api::DoctorChange::App(app) => {
            desk.patch::<api::App>("/apps/{app}", &[&app.client_id], &app.change)
                .await?;
        }
        api::DoctorChange::ClientRegistration(change) => {
            desk.patch::<api::ClientRegistration>("/client-registration", &[], &change)
                .await?;
        }
        api::DoctorChange::RenewCertificate => desk.post::<()>("/tls/renew", &[], &serde_json::json!(null)).await?,
    }
    Ok(())
}

fn page(id: &str) -> String {
    format!("/admin/apps/{}/doctor", segment(id))
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    user: String,
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
struct Chosen {
    #[serde(default)]
    change: String,
}

fn is_of(change: &api::DoctorChange, id: &str) -> bool {
    matches!(change, api::DoctorChange::App(app) if app.client_id == id)
}

/// POST `/admin/apps/{app}/doctor/fix`: the ordinary change of an application, with its rights and its proof.
async fn fix(Path(id): Path<String>, Signed(desk, form): Signed<Chosen>) -> Shown {
    desk.fresh(&page(&id)).await?;
    let asked = Asked::default();
    let change = serde_json::from_str::<api::DoctorChange>(&form.change).ok();
    // Of this application, and nothing else that a fix may be.
    let Some(api::DoctorChange::App(change)) = change.filter(|change| is_of(change, &id)) else {
        let error = misread("change", "a change of this application", "something else");
        return respond(&desk, &id, &asked, None, Some((StatusCode::BAD_REQUEST, &error))).await;
    };
    match carry_out(&desk, api::DoctorChange::App(change)).await {
        Ok(()) => Ok(Desk::onward(&page(&id), Done::Saved)),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &id, &asked, None, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}
