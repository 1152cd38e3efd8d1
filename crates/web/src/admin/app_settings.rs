//! The rarer settings of an application.

use axum::{Router, extract::Path, routing::get};
use doorward_api as api;
use doorward_directory::Right;
use http::StatusCode;

use super::{
    Console, app_keys, app_requests, app_sender,
    desk::{Desk, Shown, Turned},
    form::Signed,
    typed::Typed,
};
use crate::pages::console::{self, AppSettings, Done, segment};

/// The routes below an application's.
pub(super) fn routes() -> Router<Console> {
    Router::new().route("/admin/apps/{app}/settings", get(show).post(edit))
}

fn page(id: &str) -> String {
    format!("/admin/apps/{}/settings", segment(id))
}

/// GET `/admin/apps/{app}/settings`.
async fn show(desk: Desk, Path(id): Path<String>) -> Shown {
    respond(&desk, &id, &Typed::default(), None).await
}

async fn respond(desk: &Desk, id: &str, typed: &Typed, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let app: api::App = desk.get("/apps/{app}", &[id]).await?;
    let view = AppSettings {
        app: &app,
        typed: &typed.0,
        may_change: desk.may(Right::ChangeApps),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::app_settings(&view, frame)))
}

/// POST `/admin/apps/{app}/settings`: what differs is changed.
async fn edit(Path(id): Path<String>, Signed(desk, typed): Signed<Typed>) -> Shown {
    desk.fresh(&page(&id)).await?;
    let app: api::App = desk.get("/apps/{app}", &[&id]).await?;
    let change = match change(&app, &typed) {
        Ok(change) => change,
        Err(error) => return respond(&desk, &id, &typed, Some((StatusCode::BAD_REQUEST, &error))).await,
    };
    match desk.patch::<api::App>("/apps/{app}", &[&id], &change).await {
        Ok(_) => Ok(Desk::onward(&page(&id), Done::Saved)),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &id, &typed, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

fn change(app: &api::App, typed: &Typed) -> Result<api::AppChange, Box<api::ErrorBody>> {
    let is_audience = app.audiences.contains(&app.client_id);
    let others: Vec<String> = console::other_audiences(app);
    let lifetimes = api::LifetimesChange {
        code: typed.maybe_number("code", app.lifetimes.code)?,
        id_token: typed.maybe_number("id_token", app.lifetimes.id_token)?,
        access_token: typed.maybe_number("access_token", app.lifetimes.access_token)?,
        refresh_token: typed.maybe_number("refresh_token", app.lifetimes.refresh_token)?,
    };
    Ok(api::AppChange {
        kind: typed.word("kind", &app.kind)?,
        authentication: typed.word("authentication", &app.authentication)?,
        jwks: typed.json("jwks", app.jwks.as_ref())?,
        pkce: typed.word("pkce", &app.pkce)?,
        issuer_style: typed.word("issuer_style", &app.issuer_style)?,
        id_token_alg: typed.word("id_token_alg", &app.id_token_alg)?,
        access_token_alg: typed.word("access_token_alg", &app.access_token_alg)?,
        userinfo_signed_alg: typed.maybe_word("userinfo_signed_alg", app.userinfo_signed_alg.as_ref())?,
        audiences: typed.list("audiences", &others),
        audience_client_id: typed.flag("audience_client_id", is_audience),
        lifetimes: (lifetimes != api::LifetimesChange::default()).then_some(lifetimes),
        scopes: typed.list("scopes", &app.scopes),
        client_credentials: typed.flag("client_credentials", app.client_credentials),
        usernames: typed.word("usernames", &app.usernames)?,
        claims: typed
            .lines("claims", &app.claims, str::parse)?
            .filter(|claims| !are_written_alike(claims, &app.claims)),
        expects_refresh: typed.flag("expects_refresh", app.expects_refresh),
        expects_userinfo: typed.flag("expects_userinfo", app.expects_userinfo),
        cors_origins: typed.list("cors_origins", &app.cors_origins),
        requests: app_requests::change(&app.requests, typed)?,
        sender: app_sender::change(&app.sender, typed)?,
        keys: app_keys::change(&app.keys, typed)?,
        logout: logout(&app.logout, typed),
        grants: grants(typed, &app.grants)?,
        ..api::AppChange::default()
    })
}

fn logout(known: &api::AppLogout, typed: &Typed) -> Option<api::AppLogoutChange> {
    let change = api::AppLogoutChange {
        backchannel_uri: typed.maybe_text("backchannel_uri", known.backchannel_uri.as_deref()),
        frontchannel_uri: typed.maybe_text("frontchannel_uri", known.frontchannel_uri.as_deref()),
        session_management: typed.flag("session_management", known.session_management),
        weaken_private_address: typed.flag("weaken_private_address", known.weaken_private_address),
    };
    (change != api::AppLogoutChange::default()).then_some(change)
}

/// The ways to tokens besides a login in its own browser.
fn grants(typed: &Typed, known: &api::GrantTypes) -> Result<Option<api::GrantTypesChange>, Box<api::ErrorBody>> {
    let change = api::GrantTypesChange {
        device: typed.flag("device", known.device),
        ciba: typed.word("ciba", &known.ciba)?,
        jwt_bearer: typed.flag("jwt_bearer", known.jwt_bearer),
        exchange: typed.lines("exchange", &known.exchange, str::parse)?,
        ..api::GrantTypesChange::default()
    };
    Ok((!change.is_empty()).then_some(change))
}

/// The server says more of a rule than somebody types.
fn are_written_alike(typed: &[api::ClaimRule], known: &[api::ClaimRule]) -> bool {
    typed
        .iter()
        .map(ToString::to_string)
        .eq(known.iter().map(ToString::to_string))
}
