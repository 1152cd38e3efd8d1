//! Applications: the list, and adding one.

use axum::extract::{Path, Query};
use doorward_api::{self as api, List};
use doorward_directory::Right;
use http::StatusCode;
use serde::Deserialize;

use super::{
    desk::{Desk, Shown, Turned},
    form::{Signed, given, names},
    people::{Asked, PER_PAGE},
};
use crate::pages::console::{self, AddApp, Apps, segment};

/// Groups that a form proposes.
const PROPOSED: u32 = 500;

/// GET `/admin/apps`.
pub(super) async fn list(desk: Desk, Query(asked): Query<Asked>) -> Shown {
    let query = api::PageQuery {
        cursor: asked.cursor,
        limit: Some(PER_PAGE),
    };
    let found = desk.query("/apps", &[], &query).await?;
    let view = Apps {
        found: &found,
        may_add: desk.may(Right::ChangeApps),
        may_see_registration: desk.may(Right::ReadSettings),
    };
    Ok(desk.show(|frame| console::apps(&view, frame)))
}

/// GET `/admin/apps/add`.
pub(super) async fn choose(desk: Desk) -> Shown {
    let presets: List<api::PresetSummary> = desk.get("/presets", &[]).await?;
    Ok(desk.show(|frame| console::choose_preset(&presets.items, frame)))
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
pub(super) struct NewApp {
    #[serde(default)]
    url: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    ca_file: String,
}

/// GET `/admin/apps/add/{preset}`.
pub(super) async fn begin(desk: Desk, Path(preset): Path<String>) -> Shown {
    desk.fresh(&format!("/admin/apps/add/{}", segment(&preset))).await?;
    respond(&desk, &preset, &NewApp::default(), None).await
}

async fn respond(desk: &Desk, preset: &str, typed: &NewApp, problem: Option<(StatusCode, &api::ErrorBody)>) -> Shown {
    let preset: api::Preset = desk.get("/presets/{preset}", &[preset]).await?;
    let groups = group_names(desk).await?;
    let view = AddApp {
        preset: &preset.about,
        url: &typed.url,
        client_id: &typed.client_id,
        name: &typed.name,
        group: &typed.group,
        ca_file: &typed.ca_file,
        groups: &groups,
        error: problem.map(|(_, error)| error),
    };
    let status = problem.map_or(StatusCode::OK, |(status, _)| status);
    Ok(desk.show_with(status, |frame| console::add_app(&view, frame)))
}

/// Names of groups, for forms that propose them; none for whoever may not see them.
pub(super) async fn group_names(desk: &Desk) -> Result<Vec<String>, Turned> {
    if !desk.may(Right::ReadPeople) {
        return Ok(Vec::new());
    }
    let query = api::GroupQuery {
        limit: Some(PROPOSED),
        ..api::GroupQuery::default()
    };
    let groups: List<api::GroupSummary> = desk.query("/groups", &[], &query).await?;
    Ok(groups.items.into_iter().map(|group| group.name).collect())
}

/// POST `/admin/apps/add/{preset}`: the configuration to paste.
pub(super) async fn add(Path(preset): Path<String>, Signed(desk, form): Signed<NewApp>) -> Shown {
    desk.fresh(&format!("/admin/apps/add/{}", segment(&preset))).await?;
    let new = api::NewApp {
        preset: preset.clone(),
        url: form.url.trim().to_owned(),
        client_id: given(&form.client_id),
        scope_map: names(&form.group)
            .into_iter()
            .map(|group| api::NewScopeMapEntry { group, scopes: None })
            .collect(),
        settings: given(&form.name).map(|name| api::AppChange {
            name: Some(name),
            ..api::AppChange::default()
        }),
        ca_file: given(&form.ca_file),
    };
    match desk.post::<api::AppAdded>("/apps", &[], &new).await {
        Ok(added) => Ok(desk.show_with(StatusCode::CREATED, |frame| console::added_app(&added, frame))),
        Err(Turned::Denied { status, error, .. }) => respond(&desk, &preset, &form, Some((status, &error))).await,
        Err(turned) => Err(turned),
    }
}
