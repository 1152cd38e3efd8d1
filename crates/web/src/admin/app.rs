//! One application.

use axum::extract::{Path, Query};
use doorward_api::{self as api, Edit};
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    apps::group_names,
    desk::{Desk, Shown, Turned},
    form::{Nothing, Signed, given, names},
};
use crate::pages::console::{self, App, Done, segment};

fn page(id: &str) -> String {
    format!("/admin/apps/{}", segment(id))
}

/// GET `/admin/apps/{app}`.
pub(super) async fn show(desk: Desk, Path(id): Path<String>) -> Shown {
    respond(&desk, &id, None).await
}

async fn respond(desk: &Desk, id: &str, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let app: api::App = desk.get("/apps/{app}", &[id]).await?;
    let groups = group_names(desk).await?;
    let view = App {
        app: &app,
        groups: &groups,
        may_change: desk.may(Right::ChangeApps),
        may_preview: desk.may(Right::ReadPeople),
        may_see_policy: desk.may(Right::ReadSettings),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::app(&view, frame)))
}

async fn ended<T>(desk: &Desk, id: &str, result: Result<T, Turned>, done: Done) -> Shown {
    match result {
        Ok(_) => Ok(Desk::onward(&page(id), done)),
        Err(Turned::Denied { status, error, .. }) => respond(desk, id, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the forms send.
#[derive(Debug, Deserialize)]
pub(super) struct Access {
    #[serde(default)]
    group: String,
    #[serde(default)]
    scopes: String,
}

/// POST `/admin/apps/{app}/allow`.
pub(super) async fn allow(Path(id): Path<String>, Signed(desk, form): Signed<Access>) -> Shown {
    let change = api::ScopeMapChange {
        scopes: Some(names(&form.scopes)).filter(|scopes| !scopes.is_empty()),
    };
    let group = form.group.trim();
    let result = desk
        .put::<api::App>("/apps/{app}/scope-map/{group}", &[&id, group], &change)
        .await;
    ended(&desk, &id, result, Done::Saved).await
}

/// POST `/admin/apps/{app}/deny`.
pub(super) async fn deny(Path(id): Path<String>, Signed(desk, form): Signed<Access>) -> Shown {
    let result = desk
        .delete::<api::App>("/apps/{app}/scope-map/{group}", &[&id, &form.group])
        .await;
    ended(&desk, &id, result, Done::Saved).await
}

/// What the snippet's form asks.
#[derive(Debug, Deserialize)]
pub(super) struct Pasted {
    #[serde(default)]
    ca_file: String,
}

/// GET `/admin/apps/{app}/snippet`: without the secret.
pub(super) async fn snippet(desk: Desk, Path(id): Path<String>, Query(asked): Query<Pasted>) -> Shown {
    let query = api::SnippetQuery {
        ca_file: given(&asked.ca_file),
        secret: None,
    };
    let snippet: api::Snippet = desk.query("/apps/{app}/snippet", &[&id], &query).await?;
    Ok(desk.show(|frame| console::app_snippet(&id, &snippet, false, frame)))
}

/// POST `/admin/apps/{app}/snippet`: with it.
pub(super) async fn snippet_with_secret(Path(id): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    desk.fresh(&page(&id)).await?;
    let query = api::SnippetQuery {
        ca_file: None,
        secret: Some(true),
    };
    let snippet: api::Snippet = desk.query("/apps/{app}/snippet", &[&id], &query).await?;
    Ok(desk.show(|frame| console::app_snippet(&id, &snippet, true, frame)))
}

/// POST `/admin/apps/{app}/secret`.
pub(super) async fn secret(Path(id): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    desk.fresh(&page(&id)).await?;
    let shown: api::SecretShown = desk.get("/apps/{app}/secret", &[&id]).await?;
    Ok(desk.show(|frame| console::app_secret(&shown, frame)))
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Rotation {
    #[serde(default)]
    overlap_hours: String,
}

/// POST `/admin/apps/{app}/rotate`.
pub(super) async fn rotate(Path(id): Path<String>, Signed(desk, form): Signed<Rotation>) -> Shown {
    desk.fresh(&page(&id)).await?;
    let hours: u32 = form.overlap_hours.trim().parse().unwrap_or(0);
    let request = api::RotateSecret {
        overlap_seconds: Some(hours.saturating_mul(3600)),
    };
    match desk
        .post::<api::SecretShown>("/apps/{app}/secret/rotate", &[&id], &request)
        .await
    {
        Ok(shown) => Ok(desk.show(|frame| console::app_secret(&shown, frame))),
        denied => ended(&desk, &id, denied, Done::Saved).await,
    }
}

/// What the preview's form asks.
#[derive(Debug, Deserialize)]
pub(super) struct Previewed {
    #[serde(default)]
    user: String,
    #[serde(default)]
    scopes: String,
}

/// GET `/admin/apps/{app}/preview`.
pub(super) async fn preview(desk: Desk, Path(id): Path<String>, Query(asked): Query<Previewed>) -> Shown {
    let request = api::PreviewRequest {
        user: asked.user.trim().to_owned(),
        scopes: Some(names(&asked.scopes)).filter(|scopes| !scopes.is_empty()),
    };
    match desk.post::<api::Preview>("/apps/{app}/preview", &[&id], &request).await {
        Ok(preview) => Ok(desk.show(|frame| console::app_preview(&id, &request.user, &preview, frame))),
        denied => ended(&desk, &id, denied, Done::Saved).await,
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    #[serde(default)]
    name: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    start_url: String,
    #[serde(default)]
    redirect_uris: String,
    #[serde(default)]
    post_logout_redirect_uris: String,
    /// Only in the form of an application that has some.
    redirect_suggestions: Option<String>,
    #[serde(default)]
    consent: String,
}

/// POST `/admin/apps/{app}/edit`: what differs is changed.
pub(super) async fn edit(Path(id): Path<String>, Signed(desk, form): Signed<Change>) -> Shown {
    desk.fresh(&page(&id)).await?;
    let app: api::App = desk.get("/apps/{app}", &[&id]).await?;
    let start_url = form.start_url.trim();
    let change = api::AppChange {
        name: given(&form.name).filter(|name| *name != app.name),
        url: given(&form.url).filter(|url| *url != app.url),
        start_url: match (start_url, app.start_url.as_deref()) {
            ("", Some(_)) => Edit::Clear,
            (url, known) if url == known.unwrap_or_default() => Edit::Keep,
            (url, _) => Edit::Set(url.to_owned()),
        },
        redirect_uris: Some(names(&form.redirect_uris)).filter(|uris| *uris != app.redirect_uris),
        post_logout_redirect_uris: Some(names(&form.post_logout_redirect_uris))
            .filter(|uris| *uris != app.post_logout_redirect_uris),
        redirect_suggestions: form
            .redirect_suggestions
            .as_deref()
            .map(names)
            .filter(|all| *all != app.redirect_suggestions),
        consent: match form.consent.as_str() {
            "ask" => Some(api::Consent::Ask),
            "skip" => Some(api::Consent::Skip),
            _ => None,
        }
        .filter(|consent| *consent != app.consent),
        ..api::AppChange::default()
    };
    let result = desk.patch::<api::App>("/apps/{app}", &[&id], &change).await;
    ended(&desk, &id, result, Done::Saved).await
}

/// POST `/admin/apps/{app}/disable`.
pub(super) async fn disable(Path(id): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    switch(&desk, &id, true).await
}

/// POST `/admin/apps/{app}/enable`.
pub(super) async fn enable(Path(id): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    switch(&desk, &id, false).await
}

async fn switch(desk: &Desk, id: &str, disabled: bool) -> Shown {
    let change = api::AppChange {
        disabled: Some(disabled),
        ..api::AppChange::default()
    };
    let result = desk.patch::<api::App>("/apps/{app}", &[id], &change).await;
    ended(desk, id, result, Done::Saved).await
}

/// GET `/admin/apps/{app}/remove`.
pub(super) async fn confirm_remove(desk: Desk, Path(id): Path<String>) -> Shown {
    let app: api::App = desk.get("/apps/{app}", &[&id]).await?;
    desk.fresh(&format!("{}/remove", page(&id))).await?;
    Ok(desk.show(|frame| console::remove_app(&app, frame)))
}

/// POST `/admin/apps/{app}/remove`.
pub(super) async fn remove(Path(id): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    desk.fresh(&format!("{}/remove", page(&id))).await?;
    match desk.delete::<()>("/apps/{app}", &[&id]).await {
        Ok(()) => Ok(Desk::onward("/admin/apps", Done::Removed)),
        denied => ended(&desk, &id, denied, Done::Removed).await,
    }
}
