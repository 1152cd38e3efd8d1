//! What a person proves who they are with.

use axum::{
    Router,
    extract::Path,
    routing::{get, post},
};
use doorward_api::{self as api, List};
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    Console,
    desk::{Desk, Shown, Turned},
    form::{Nothing, Signed},
    person::{ended, page},
};
use crate::pages::console::{self, Done, segment};

/// The routes below a person's.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/admin/people/{user}/passkeys/{passkey}", get(show_passkey))
        .route("/admin/people/{user}/passkeys/{passkey}/rename", post(rename_passkey))
        .route("/admin/people/{user}/remove-passkey", post(remove_passkey))
        .route("/admin/people/{user}/remove-passkeys", post(remove_passkeys))
        .route("/admin/people/{user}/forget-browsers", post(forget_browsers))
        .route("/admin/people/{user}/reset-factors", get(confirm_reset).post(reset))
}

/// GET `/admin/people/{user}/reset-factors`.
async fn confirm_reset(desk: Desk, Path(name): Path<String>) -> Shown {
    let user: api::User = desk.get("/users/{user}", &[&name]).await?;
    desk.fresh(&format!("{}/reset-factors", page(&name))).await?;
    Ok(desk.show(|frame| console::reset_factors(&user, frame)))
}

/// POST `/admin/people/{user}/reset-factors`: the person has lost everything that they prove themselves with.
async fn reset(Path(name): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    desk.fresh(&format!("{}/reset-factors", page(&name))).await?;
    let had = desk.delete::<api::UserFactors>("/users/{user}/factors", &[&name]).await;
    ended(&desk, &name, had, Done::Removed).await
}

/// POST `/admin/people/{user}/forget-browsers`: each asks for the second factor again.
async fn forget_browsers(Path(name): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    let forgotten = desk
        .delete::<api::BrowsersForgotten>("/users/{user}/browsers", &[&name])
        .await;
    ended(&desk, &name, forgotten, Done::Removed).await
}

/// GET `/admin/people/{user}/passkeys/{passkey}`.
async fn show_passkey(desk: Desk, Path((name, passkey)): Path<(String, String)>) -> Shown {
    respond(&desk, &name, &passkey, None).await
}

async fn respond(desk: &Desk, name: &str, id: &str, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let all: List<api::Passkey> = desk.get("/users/{user}/passkeys", &[name]).await?;
    let Some(passkey) = all.items.iter().find(|passkey| passkey.id.to_string() == id) else {
        let gone = api::ErrorBody {
            code: api::codes::NOT_FOUND.to_owned(),
            message: "There is no such thing.".to_owned(),
            detail: Some(format!("{name} has no passkey {id:?}")),
            remedy: Some(format!("doorward user passkeys {name}")),
            reference: None,
        };
        return Ok(desk.refuse(StatusCode::NOT_FOUND, &gone));
    };
    let may_change = desk.may(Right::ChangePeople);
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    let error = problem.map(|(_, error)| error);
    Ok(desk.show_with(status, |frame| {
        console::passkey(name, passkey, may_change, error, frame)
    }))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
struct Renamed {
    #[serde(default)]
    name: String,
}

/// POST `/admin/people/{user}/passkeys/{passkey}/rename`.
async fn rename_passkey(Path((name, passkey)): Path<(String, String)>, Signed(desk, form): Signed<Renamed>) -> Shown {
    let change = api::PasskeyChange { name: form.name };
    match desk
        .patch::<api::Passkey>("/users/{user}/passkeys/{passkey}", &[&name, &passkey], &change)
        .await
    {
        Ok(_) => {
            let here = format!("{}/passkeys/{}", page(&name), segment(&passkey));
            Ok(Desk::onward(&here, Done::Saved))
        }
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &name, &passkey, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
struct OfPasskey {
    #[serde(default)]
    passkey: String,
}

/// POST `/admin/people/{user}/remove-passkey`.
async fn remove_passkey(Path(name): Path<String>, Signed(desk, form): Signed<OfPasskey>) -> Shown {
    desk.fresh(&page(&name)).await?;
    let names = [name.as_str(), form.passkey.as_str()];
    let result = desk.delete::<()>("/users/{user}/passkeys/{passkey}", &names).await;
    ended(&desk, &name, result, Done::Removed).await
}

/// POST `/admin/people/{user}/remove-passkeys`: the person has lost their devices.
async fn remove_passkeys(Path(name): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    desk.fresh(&page(&name)).await?;
    let result = desk
        .delete::<api::PasskeysRemoved>("/users/{user}/passkeys", &[&name])
        .await;
    ended(&desk, &name, result, Done::Removed).await
}
