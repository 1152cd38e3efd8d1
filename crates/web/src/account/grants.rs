//! What the person has let applications know, and taking it back.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Query, State},
};
use doorward_apps::{App, Consent};
use doorward_directory::{Actor, AppGrants, DirectoryError, Via};
use http::StatusCode;
use serde::Deserialize;

use super::{log_in_first, sessions::foreign_form};
use crate::{
    Door,
    answer::{self, see_other},
    failure::Answer,
    pages::{self, GrantItem, Grants, path},
    session,
    visit::Visit,
};

/// What has just happened, carried over the redirect.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Notice {
    #[serde(default)]
    withdrawn: bool,
}

/// What the forms send.
#[derive(Debug, Deserialize)]
pub(crate) struct WithdrawForm {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    app: String,
}

/// GET `/account/grants`.
pub(crate) async fn show(State(door): State<Arc<Door>>, visit: Visit, Query(notice): Query<Notice>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(log_in_first(&door, &visit, path::GRANTS));
    };
    let found = door.directory.app_grants(who.session.user_id, visit.now).await?;
    let snapshot = door.snapshots.current().await?;
    let known: Vec<(&App, &AppGrants)> = found
        .iter()
        .filter_map(|given| Some((&**snapshot.by_id(given.app_id)?, given)))
        .collect();
    let hosts: Vec<Option<String>> = known.iter().map(|(app, _)| host(app)).collect();
    let items: Vec<GrantItem<'_>> = known
        .iter()
        .zip(&hosts)
        .map(|((app, given), host)| GrantItem {
            id: &app.client_id,
            name: &app.name,
            host: host.as_deref(),
            scopes: &given.scopes,
            since: given.since,
            last_login: given.last_login,
            asks: app.consent == Consent::Ask,
        })
        .collect();
    let csrf = session::form_token(&door, &who.session);
    let view = Grants {
        apps: &items,
        now: visit.now,
        csrf: &csrf,
        withdrawn: notice.withdrawn,
    };
    let html = pages::grants(&view, &visit.chrome(&door, Some(who.viewer())));
    Ok(answer::page(StatusCode::OK, html, &[]))
}

fn host(app: &App) -> Option<String> {
    Some(url::Url::parse(&app.url).ok()?.host_str()?.to_owned())
}

/// POST `/account/grants/withdraw`.
pub(crate) async fn withdraw(State(door): State<Arc<Door>>, visit: Visit, Form(form): Form<WithdrawForm>) -> Answer {
    let Some(who) = session::current(&door, &visit).await? else {
        return Ok(see_other("/login"));
    };
    if !session::form_is_ours(&door, &visit, &who.session, &form.csrf) {
        return Ok(foreign_form(&door, &visit, &who));
    }
    let snapshot = door.snapshots.current().await?;
    // An application that was removed meanwhile took its grants along.
    if let Some(app) = snapshot.find(&form.app) {
        let myself = Actor::user(&who.facts, Via::Session(who.session.id));
        let address = Some(visit.client.address.to_string());
        let taken = door
            .directory
            .revoke_app_grants(
                &myself,
                who.session.user_id,
                (app.id, &app.client_id),
                address,
                visit.now,
            )
            .await;
        match taken {
            // Disabled or deleted a moment ago, which ended everything.
            Err(DirectoryError::Refused(_)) => return Ok(see_other("/login")),
            taken => taken?,
        };
    }
    Ok(see_other(&format!("{}?withdrawn=true", path::GRANTS)))
}
