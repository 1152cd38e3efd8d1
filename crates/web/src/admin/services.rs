//! Service accounts and their tokens.

use axum::extract::{Path, Query};
use doorward_api::{self as api, Edit, List};
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    desk::{Desk, Shown, Turned},
    form::{Nothing, Signed, given},
    people::{Asked, PER_PAGE},
    person::{end_of, last_day},
    typed::unread,
};
use crate::pages::console::{self, Done, Service, segment};

const LIST: &str = "/admin/services";
const SECONDS_OF_A_DAY: u32 = 86_400;

fn page(name: &str) -> String {
    format!("{LIST}/{}", segment(name))
}

/// GET `/admin/services`.
pub(super) async fn list(desk: Desk, Query(asked): Query<Asked>) -> Shown {
    all(&desk, asked.cursor, None).await
}

async fn all(desk: &Desk, cursor: Option<String>, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let query = api::PageQuery {
        cursor,
        limit: Some(PER_PAGE),
    };
    let found: List<api::Service> = desk.query("/services", &[], &query).await?;
    let may_add = desk.may(Right::ChangePeople);
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    let error = problem.map(|(_, error)| error);
    Ok(desk.show_with(status, |frame| console::services(&found, may_add, error, frame)))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct NewService {
    #[serde(default)]
    name: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    expires: String,
}

/// POST `/admin/services/add`.
pub(super) async fn add(Signed(desk, form): Signed<NewService>) -> Shown {
    let expires = match last_day(&form.expires, None) {
        Ok(Edit::Set(at)) => Some(at),
        Ok(Edit::Keep | Edit::Clear) => None,
        Err(error) => return all(&desk, None, Some((StatusCode::BAD_REQUEST, &error))).await,
    };
    let new = api::NewService {
        name: form.name.trim().to_owned(),
        display_name: given(&form.display_name),
        expires,
    };
    match desk.post::<api::Service>("/services", &[], &new).await {
        Ok(service) => Ok(Desk::onward(&page(&service.name), Done::Added)),
        Err(Turned::Denied { status, error, .. }) => all(&desk, None, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// GET `/admin/services/{service}`.
pub(super) async fn show(desk: Desk, Path(name): Path<String>) -> Shown {
    respond(&desk, &name, None).await
}

async fn respond(desk: &Desk, name: &str, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let service: api::Service = desk.get("/services/{service}", &[name]).await?;
    let tokens: List<api::ApiToken> = desk.get("/services/{service}/tokens", &[name]).await?;
    let keys: List<api::ServiceKey> = desk.get("/services/{service}/keys", &[name]).await?;
    let view = Service {
        keys: &keys.items,
        service: &service,
        tokens: &tokens.items,
        may_change: desk.may(Right::ChangePeople),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::service(&view, frame)))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    /// Absent, like the date: it stays.
    display_name: Option<String>,
    expires: Option<String>,
    #[serde(default)]
    disabled: String,
}

/// POST `/admin/services/{service}/edit`: what differs is changed. A later end is as much as a new token.
pub(super) async fn edit(Path(name): Path<String>, Signed(desk, form): Signed<Change>) -> Shown {
    desk.fresh(&page(&name)).await?;
    let service: api::Service = desk.get("/services/{service}", &[&name]).await?;
    let display_name = form.display_name.map(|text| text.trim().to_owned());
    let change = api::ServiceChange {
        display_name: display_name.filter(|text| *text != service.display_name),
        expires: match end_of(form.expires.as_deref(), service.expires) {
            Ok(expires) => expires,
            Err(error) => return respond(&desk, &name, Some((StatusCode::BAD_REQUEST, &error))).await,
        },
        disabled: form
            .disabled
            .parse()
            .ok()
            .filter(|disabled| *disabled != service.disabled),
    };
    match desk
        .patch::<api::Service>("/services/{service}", &[&name], &change)
        .await
    {
        Ok(_) => Ok(Desk::onward(&page(&name), Done::Saved)),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &name, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct NewToken {
    #[serde(default)]
    label: String,
    #[serde(default)]
    days: String,
}

/// POST `/admin/services/{service}/token`.
pub(super) async fn add_token(Path(name): Path<String>, Signed(desk, form): Signed<NewToken>) -> Shown {
    desk.fresh(&page(&name)).await?;
    let days: Option<u32> = form.days.trim().parse().ok();
    let new = api::NewToken {
        label: given(&form.label),
        lifetime_seconds: days.map(|days| days.saturating_mul(SECONDS_OF_A_DAY)),
    };
    match desk
        .post::<api::TokenShown>("/services/{service}/tokens", &[&name], &new)
        .await
    {
        Ok(shown) => Ok(desk.show_with(StatusCode::CREATED, |frame| {
            console::service_token(&name, &shown, frame)
        })),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &name, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the button sends.
#[derive(Debug, Deserialize)]
pub(super) struct OfToken {
    #[serde(default)]
    token: String,
}

/// POST `/admin/services/{service}/revoke`.
pub(super) async fn revoke(Path(name): Path<String>, Signed(desk, form): Signed<OfToken>) -> Shown {
    match desk
        .delete::<()>("/services/{service}/tokens/{token}", &[&name, &form.token])
        .await
    {
        Ok(()) => Ok(Desk::onward(&page(&name), Done::Removed)),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &name, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct NewKey {
    #[serde(default)]
    label: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    days: String,
}

/// POST `/admin/services/{service}/key`.
pub(super) async fn add_key(Path(name): Path<String>, Signed(desk, form): Signed<NewKey>) -> Shown {
    desk.fresh(&page(&name)).await?;
    let key = match serde_json::from_str(&form.key) {
        Ok(key) => key,
        Err(error) => {
            let error = unread("key", &format!("expected JSON: {error}"));
            return respond(&desk, &name, Some((StatusCode::BAD_REQUEST, &error))).await;
        }
    };
    let days: Option<u32> = form.days.trim().parse().ok();
    let new = api::NewServiceKey {
        key,
        label: given(&form.label),
        lifetime_seconds: days.map(|days| days.saturating_mul(SECONDS_OF_A_DAY)),
    };
    match desk
        .post::<api::ServiceKey>("/services/{service}/keys", &[&name], &new)
        .await
    {
        Ok(_) => Ok(Desk::onward(&page(&name), Done::Added)),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &name, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the button sends.
#[derive(Debug, Deserialize)]
pub(super) struct OfKey {
    #[serde(default)]
    key: String,
}

/// POST `/admin/services/{service}/remove-key`.
pub(super) async fn remove_key(Path(name): Path<String>, Signed(desk, form): Signed<OfKey>) -> Shown {
    match desk
        .delete::<()>("/services/{service}/keys/{key}", &[&name, &form.key])
        .await
    {
        Ok(()) => Ok(Desk::onward(&page(&name), Done::Removed)),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &name, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// GET `/admin/services/{service}/delete`.
pub(super) async fn confirm_delete(desk: Desk, Path(name): Path<String>) -> Shown {
    let service: api::Service = desk.get("/services/{service}", &[&name]).await?;
    desk.fresh(&format!("{}/delete", page(&name))).await?;
    Ok(desk.show(|frame| console::remove_service(&service, frame)))
}

/// POST `/admin/services/{service}/delete`.
pub(super) async fn delete(Path(name): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    desk.fresh(&format!("{}/delete", page(&name))).await?;
    match desk.delete::<()>("/services/{service}", &[&name]).await {
        Ok(()) => Ok(Desk::onward(LIST, Done::Removed)),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &name, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}
