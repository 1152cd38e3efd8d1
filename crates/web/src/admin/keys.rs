//! Signing keys and the master key.

use doorward_api::{self as api, List};
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use axum::extract::Path;

use super::{
    desk::{Desk, Shown, Turned},
    form::{Nothing, Signed, given},
};
use crate::pages::console::{self, Done, Keys};

const PAGE: &str = "/admin/keys";

/// GET `/admin/keys`.
pub(super) async fn show(desk: Desk) -> Shown {
    respond(&desk, None).await
}

async fn respond(desk: &Desk, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let keys: List<api::Key> = desk.get("/keys", &[]).await?;
    let master: api::Master = desk.get("/master-key", &[]).await?;
    let view = Keys {
        keys: &keys.items,
        master: &master,
        may_change: desk.may(Right::Full),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::keys(&view, frame)))
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
pub(super) struct Turn {
    #[serde(default)]
    alg: String,
    #[serde(default)]
    at_once: String,
}

/// POST `/admin/keys/turn`.
pub(super) async fn turn(Signed(desk, form): Signed<Turn>) -> Shown {
    desk.fresh(PAGE).await?;
    let turn = api::KeyTurn {
        alg: given(&form.alg),
        at_once: form.at_once == "true",
    };
    let result = desk.post::<List<api::Key>>("/keys/rotate", &[], &turn).await;
    ended(&desk, result, Done::Saved).await
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Import {
    #[serde(default)]
    alg: String,
    #[serde(default)]
    pem: String,
    #[serde(default)]
    kid: String,
    #[serde(default)]
    at_once: String,
}

/// POST `/admin/keys/import`.
pub(super) async fn import(Signed(desk, form): Signed<Import>) -> Shown {
    desk.fresh(PAGE).await?;
    let import = api::KeyImport {
        alg: form.alg.trim().to_owned(),
        pem: form.pem,
        kid: given(&form.kid),
        at_once: form.at_once == "true",
    };
    let result = desk.post::<List<api::Key>>("/keys/import", &[], &import).await;
    ended(&desk, result, Done::Added).await
}

/// GET `/admin/keys/{key}/retire`.
pub(super) async fn confirm_retire(desk: Desk, Path(kid): Path<String>) -> Shown {
    desk.fresh(PAGE).await?;
    Ok(desk.show(|frame| console::retire_key(&kid, frame)))
}

/// POST `/admin/keys/{key}/retire`.
pub(super) async fn retire(Path(kid): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    desk.fresh(PAGE).await?;
    let result = desk
        .post::<List<api::Key>>("/keys/{key}/retire", &[&kid], &json!(null))
        .await;
    ended(&desk, result, Done::Removed).await
}

/// POST `/admin/keys/master/rotate`.
pub(super) async fn rotate_master(Signed(desk, _): Signed<Nothing>) -> Shown {
    desk.fresh(PAGE).await?;
    let result = desk.post::<api::Master>("/master-key/rotate", &[], &json!(null)).await;
    ended(&desk, result, Done::Saved).await
}

/// POST `/admin/keys/master/forget`.
pub(super) async fn forget_master(Signed(desk, _): Signed<Nothing>) -> Shown {
    desk.fresh(PAGE).await?;
    let result = desk.post::<api::Master>("/master-key/forget", &[], &json!(null)).await;
    ended(&desk, result, Done::Removed).await
}
