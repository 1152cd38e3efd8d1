//! Issuers of earlier providers at which this server answers too.

use axum::{
    Router,
    routing::{get, post},
};
use doorward_api::{self as api, List};
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    Console,
    desk::{Desk, Shown, Turned},
    form::Signed,
};
use crate::pages::console::{self, Aliases, Done};

const PAGE: &str = "/admin/aliases";

/// Its routes.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PAGE, get(show).post(add))
        .route("/admin/aliases/remove", post(remove))
}

/// GET `/admin/aliases`.
async fn show(desk: Desk) -> Shown {
    respond(&desk, "", None).await
}

async fn respond(desk: &Desk, typed: &str, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let aliases: List<api::IssuerAlias> = desk.get("/aliases", &[]).await?;
    let view = Aliases {
        aliases: &aliases.items,
        typed,
        may_change: desk.may(Right::Full),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::aliases(&view, frame)))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
struct NewAlias {
    #[serde(default)]
    address: String,
}

/// POST `/admin/aliases`: as whom this server speaks from now on, so a borrowed browser is not enough.
async fn add(Signed(desk, form): Signed<NewAlias>) -> Shown {
    desk.fresh(PAGE).await?;
    let address = form.address.trim().to_owned();
    let new = api::NewIssuerAlias {
        address: address.clone(),
    };
    match desk.post::<api::IssuerAlias>("/aliases", &[], &new).await {
        Ok(_) => Ok(Desk::onward(PAGE, Done::Saved)),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &address, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the button sends.
#[derive(Debug, Deserialize)]
struct OfAlias {
    #[serde(default)]
    alias: String,
}

/// POST `/admin/aliases/remove`.
async fn remove(Signed(desk, form): Signed<OfAlias>) -> Shown {
    desk.fresh(PAGE).await?;
    match desk.delete::<()>("/aliases/{alias}", &[&form.alias]).await {
        Ok(()) => Ok(Desk::onward(PAGE, Done::Removed)),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, "", Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}
