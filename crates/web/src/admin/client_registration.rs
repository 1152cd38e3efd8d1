//! Applications that register themselves: whether they may, and the tokens that let them.

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
    form::{Signed, names},
};
use crate::pages::console::{self, ClientRegistration, Done};

const PAGE: &str = "/admin/client-registration";
const SECONDS_OF_A_DAY: u32 = 86_400;

/// Its routes.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PAGE, get(show).post(edit))
        .route("/admin/client-registration/token", post(add_token))
        .route("/admin/client-registration/remove-token", post(remove_token))
}

/// GET `/admin/client-registration`.
async fn show(desk: Desk) -> Shown {
    respond(&desk, None).await
}

async fn respond(desk: &Desk, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let policy: api::ClientRegistration = desk.get("/client-registration", &[]).await?;
    let tokens: List<api::InitialAccessToken> = desk.get("/client-registration/tokens", &[]).await?;
    let view = ClientRegistration {
        policy: &policy,
        tokens: &tokens.items,
        may_change: desk.may(Right::Full),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::client_registration(&view, frame)))
}

async fn ended<T>(desk: &Desk, result: Result<T, Turned>, done: Done) -> Shown {
    match result {
        Ok(_) => Ok(Desk::onward(PAGE, done)),
        Err(Turned::Denied { status, error, .. }) => respond(desk, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
struct Change {
    mode: api::RegistrationMode,
    #[serde(default)]
    groups: String,
    #[serde(default)]
    unused_days: String,
    #[serde(default)]
    most_unused: String,
}

/// POST `/admin/client-registration`: who may add applications from now on, so a borrowed browser is not enough.
async fn edit(Signed(desk, form): Signed<Change>) -> Shown {
    desk.fresh(PAGE).await?;
    let change = api::ClientRegistrationChange {
        mode: Some(form.mode),
        groups: Some(names(&form.groups)),
        unused_days: form.unused_days.trim().parse().ok(),
        most_unused: form.most_unused.trim().parse().ok(),
    };
    let result = desk
        .patch::<api::ClientRegistration>("/client-registration", &[], &change)
        .await;
    ended(&desk, result, Done::Saved).await
}

/// What the form sends.
#[derive(Debug, Deserialize)]
struct NewToken {
    #[serde(default)]
    label: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    uses: String,
}

/// POST `/admin/client-registration/token`.
async fn add_token(Signed(desk, form): Signed<NewToken>) -> Shown {
    desk.fresh(PAGE).await?;
    let days: Option<u32> = form.days.trim().parse().ok();
    let new = api::NewInitialAccessToken {
        label: form.label.trim().to_owned(),
        lifetime_seconds: days.map(|days| days.saturating_mul(SECONDS_OF_A_DAY)),
        uses: form.uses.trim().parse().ok(),
    };
    match desk
        .post::<api::InitialAccessTokenShown>("/client-registration/tokens", &[], &new)
        .await
    {
        Ok(shown) => Ok(desk.show_with(StatusCode::CREATED, |frame| {
            console::initial_access_token(&shown, frame)
        })),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the button sends.
#[derive(Debug, Deserialize)]
struct OfToken {
    #[serde(default)]
    token: String,
}

/// POST `/admin/client-registration/remove-token`.
async fn remove_token(Signed(desk, form): Signed<OfToken>) -> Shown {
    let result = desk
        .delete::<()>("/client-registration/tokens/{token}", &[&form.token])
        .await;
    ended(&desk, result, Done::Removed).await
}
