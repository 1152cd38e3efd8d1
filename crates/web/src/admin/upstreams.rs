//! Providers that other people run.

use axum::extract::{Path, Query};
use doorward_api::{self as api, List};
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{
    desk::{Desk, Shown, Turned},
    form::{Nothing, Signed, given, names},
    people::{Asked, PER_PAGE},
};
use crate::pages::console::{self, AddUpstream, Done, Upstream, segment};

const LIST: &str = "/admin/upstreams";

fn page(name: &str) -> String {
    format!("{LIST}/{}", segment(name))
}

/// GET `/admin/upstreams`.
pub(super) async fn list(desk: Desk) -> Shown {
    let found: List<api::UpstreamSummary> = desk.get("/upstreams", &[]).await?;
    let may_add = desk.may(Right::Full);
    Ok(desk.show(|frame| console::upstreams(&found.items, may_add, frame)))
}

/// GET `/admin/upstreams/add`.
pub(super) async fn choose(desk: Desk) -> Shown {
    let presets: List<api::UpstreamPreset> = desk.get("/upstream-presets", &[]).await?;
    Ok(desk.show(|frame| console::choose_upstream(&presets.items, frame)))
}

/// What the form sends.
#[derive(Default, Deserialize)]
pub(super) struct NewUpstream {
    #[serde(default)]
    name: String,
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    secret: String,
}

/// GET `/admin/upstreams/add/{preset}`.
pub(super) async fn begin(desk: Desk, Path(preset): Path<String>) -> Shown {
    form(&desk, &preset, &NewUpstream::default(), None).await
}

async fn form(desk: &Desk, preset: &str, typed: &NewUpstream, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let preset: api::UpstreamPreset = desk.get("/upstream-presets/{preset}", &[preset]).await?;
    let view = AddUpstream {
        preset: &preset,
        name: &typed.name,
        issuer: &typed.issuer,
        client_id: &typed.client_id,
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::add_upstream(&view, frame)))
}

/// POST `/admin/upstreams/add/{preset}`. Whoever it says somebody is, is let in.
pub(super) async fn add(Path(preset): Path<String>, Signed(desk, typed): Signed<NewUpstream>) -> Shown {
    desk.fresh(&format!("{LIST}/add/{}", segment(&preset))).await?;
    let new = api::NewUpstream {
        preset: preset.clone(),
        name: typed.name.trim().to_owned(),
        issuer: given(&typed.issuer),
        client_id: typed.client_id.trim().to_owned(),
        secret: given(&typed.secret),
        settings: api::UpstreamChange::default(),
    };
    match desk.post::<api::UpstreamSaved>("/upstreams", &[], &new).await {
        Ok(saved) => Ok(finished(&desk, StatusCode::CREATED, &saved)),
        Err(Turned::Denied { status, error, .. }) => form(&desk, &preset, &typed, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What a change found, or back to the provider when nothing was asked.
pub(super) fn finished(desk: &Desk, status: StatusCode, saved: &api::UpstreamSaved) -> axum::response::Response {
    let name = &saved.upstream.name;
    match &saved.probe {
        Some(probe) => desk.show_with(status, |frame| {
            console::probed_upstream(name, probe, &saved.steps, frame)
        }),
        None => Desk::onward(&page(name), Done::Saved),
    }
}

/// GET `/admin/upstreams/{upstream}`.
pub(super) async fn show(desk: Desk, Path(name): Path<String>, Query(asked): Query<Asked>) -> Shown {
    respond(&desk, &name, asked.cursor, None).await
}

async fn respond(
    desk: &Desk,
    name: &str,
    cursor: Option<String>,
    problem: Option<(StatusCode, &api::ErrorBody)>,
) -> Shown {
    let upstream: api::Upstream = desk.get("/upstreams/{upstream}", &[name]).await?;
    let query = api::PageQuery {
        cursor,
        limit: Some(PER_PAGE),
    };
    let identities: Option<List<api::Identity>> = if desk.may(Right::ReadPeople) {
        Some(desk.query("/upstreams/{upstream}/identities", &[name], &query).await?)
    } else {
        None
    };
    let view = Upstream {
        upstream: &upstream,
        identities: identities.as_ref(),
        may_change: desk.may(Right::Full),
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::upstream(&view, frame)))
}

async fn ended<T>(desk: &Desk, name: &str, result: Result<T, Turned>, done: Done) -> Shown {
    match result {
        Ok(_) => Ok(Desk::onward(&page(name), done)),
        Err(Turned::Denied { status, error, .. }) => respond(desk, name, None, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    #[serde(default)]
    title: String,
    #[serde(default)]
    enabled: String,
    #[serde(default)]
    button: String,
    #[serde(default)]
    create_users: String,
    link: api::LinkRule,
    #[serde(default)]
    domains: String,
}

/// POST `/admin/upstreams/{upstream}/edit`: what differs is changed.
pub(super) async fn edit(Path(name): Path<String>, Signed(desk, typed): Signed<Change>) -> Shown {
    desk.fresh(&page(&name)).await?;
    let known: api::Upstream = desk.get("/upstreams/{upstream}", &[&name]).await?;
    let switch = |text: &str, known: bool| Some(text == "true").filter(|on| *on != known);
    let change = api::UpstreamChange {
        title: given(&typed.title).filter(|title| *title != known.title),
        enabled: switch(&typed.enabled, known.enabled),
        button: switch(&typed.button, known.button),
        create_users: switch(&typed.create_users, known.create_users),
        link: Some(typed.link).filter(|rule| *rule != known.link),
        domains: Some(names(&typed.domains)).filter(|domains| *domains != known.domains),
        ..api::UpstreamChange::default()
    };
    match desk
        .patch::<api::UpstreamSaved>("/upstreams/{upstream}", &[&name], &change)
        .await
    {
        Ok(saved) => Ok(finished(&desk, StatusCode::OK, &saved)),
        denied => ended(&desk, &name, denied, Done::Saved).await,
    }
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct NewSecret {
    #[serde(default)]
    secret: String,
}

/// POST `/admin/upstreams/{upstream}/secret`.
pub(super) async fn secret(Path(name): Path<String>, Signed(desk, typed): Signed<NewSecret>) -> Shown {
    desk.fresh(&page(&name)).await?;
    let secret = api::UpstreamSecret {
        secret: given(&typed.secret),
    };
    let result = desk
        .put::<api::Upstream>("/upstreams/{upstream}/secret", &[&name], &secret)
        .await;
    ended(&desk, &name, result, Done::Saved).await
}

/// POST `/admin/upstreams/{upstream}/probe`.
pub(super) async fn probe(Path(name): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    match desk
        .post::<api::UpstreamProbe>("/upstreams/{upstream}/probe", &[&name], &json!({}))
        .await
    {
        Ok(probe) => Ok(desk.show(|frame| console::probed_upstream(&name, &probe, &[], frame))),
        denied => ended(&desk, &name, denied, Done::Saved).await,
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    user: String,
}

/// POST `/admin/upstreams/{upstream}/link`. Whoever has that account there has this one here.
pub(super) async fn link(Path(name): Path<String>, Signed(desk, typed): Signed<Link>) -> Shown {
    desk.fresh(&page(&name)).await?;
    let link = api::IdentityLink {
        issuer: None,
        subject: typed.subject.trim().to_owned(),
        user: typed.user.trim().to_owned(),
    };
    let result = desk
        .post::<api::Identity>("/upstreams/{upstream}/identities", &[&name], &link)
        .await;
    ended(&desk, &name, result, Done::Added).await
}

/// What the button sends.
#[derive(Debug, Deserialize)]
pub(super) struct OfIdentity {
    #[serde(default)]
    subject: String,
    #[serde(default)]
    issuer: String,
}

/// POST `/admin/upstreams/{upstream}/unlink`.
pub(super) async fn unlink(Path(name): Path<String>, Signed(desk, typed): Signed<OfIdentity>) -> Shown {
    let unlink = api::IdentityUnlink {
        issuer: given(&typed.issuer),
        subject: typed.subject,
    };
    let result = desk
        .post::<()>("/upstreams/{upstream}/identities/unlink", &[&name], &unlink)
        .await;
    ended(&desk, &name, result, Done::Removed).await
}

/// GET `/admin/upstreams/{upstream}/dry-run`: who would become whom. Nothing is written.
pub(super) async fn dry_run(desk: Desk, Path(name): Path<String>) -> Shown {
    let people: List<api::WouldBe> = desk
        .post("/upstreams/{upstream}/link-dry-run", &[&name], &json!({}))
        .await?;
    Ok(desk.show(|frame| console::upstream_dry_run(&name, &people.items, frame)))
}

/// GET `/admin/upstreams/{upstream}/remove`.
pub(super) async fn confirm_remove(desk: Desk, Path(name): Path<String>) -> Shown {
    let upstream: api::Upstream = desk.get("/upstreams/{upstream}", &[&name]).await?;
    desk.fresh(&format!("{}/remove", page(&name))).await?;
    Ok(desk.show(|frame| console::remove_upstream(&upstream, frame)))
}

/// POST `/admin/upstreams/{upstream}/remove`: with who came through it, as the page says.
pub(super) async fn remove(Path(name): Path<String>, Signed(desk, _): Signed<Nothing>) -> Shown {
    desk.fresh(&format!("{}/remove", page(&name))).await?;
    let removal = api::UpstreamRemoval { with_identities: true };
    match desk
        .delete_with::<()>("/upstreams/{upstream}", &[&name], &removal)
        .await
    {
        Ok(()) => Ok(Desk::onward(LIST, Done::Removed)),
        denied => ended(&desk, &name, denied, Done::Removed).await,
    }
}
