//! The start page: the person's applications.

use std::{borrow::Cow, sync::Arc};

use axum::extract::State;
use doorward_apps::{App, access};
use doorward_oidc::append_query;
use doorward_store::{StoreError, decoupled::waiting_for};
use http::StatusCode;

use super::log_in_first;
use crate::{
    Door, answer,
    decoupled::{Asked, page::asked_at},
    failure::Answer,
    pages::{self, OpenQuestion, Start, Tile, path},
    session,
    visit::Visit,
};

/// Where a tile leads. An application that can begin a login is told who is to log the person in (OpenID Connect Core §4);
/// others show their own page, with a button more.
fn beginning<'a>(door: &Door, app: &'a App) -> Cow<'a, str> {
    let page = app.start_url.as_deref();
    let Some(initiate) = &app.requests.initiate_login_uri else {
        return Cow::Borrowed(page.unwrap_or(&app.url));
    };
    let issuer = door.server.issuer(app);
    let target = page.map(|page| ("target_link_uri", page));
    let told = [("iss", &*issuer)].into_iter().chain(target);
    Cow::Owned(append_query(initiate, told))
}

/// GET `/`.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, path::START));
    };
    let snapshot = door.snapshots.current().await?;
    let mut tiles: Vec<(&str, Cow<'_, str>, String)> = snapshot
        .list()
        .into_iter()
        .filter(|app| !app.disabled && access(app, &who.facts.groups).is_ok())
        .filter_map(|app| {
            let url = beginning(&door, app);
            let host = url::Url::parse(&url).ok()?.host_str()?.to_owned();
            Some((app.name.as_str(), url, host))
        })
        .collect();
    tiles.sort_by_key(|(name, _, _)| name.to_lowercase());
    let apps: Vec<Tile<'_>> = tiles.iter().map(|(name, url, host)| Tile { name, url, host }).collect();
    let (user, now) = (who.session.user_id, visit.now);
    let waiting = door
        .store
        .scan::<_, StoreError>(move |tx| waiting_for(tx, user, now))
        .await?;
    let mut questions = Vec::new();
    for found in &waiting {
        if let Some(app) = snapshot.by_id(found.app_id) {
            questions.push((app.name.as_str(), Asked::of(found)?.message, asked_at(found.id)));
        }
    }
    let questions: Vec<OpenQuestion<'_>> = questions
        .iter()
        .map(|(app, message, href)| OpenQuestion {
            app,
            message: message.as_deref(),
            href,
        })
        .collect();
    let view = Start {
        questions: &questions,
        apps: &apps,
        administrator: !who.facts.roles.is_empty(),
    };
    let html = pages::start(&view, &visit.chrome(&door, Some(who.viewer())));
    Ok(answer::page(StatusCode::OK, html, &[]))
}
