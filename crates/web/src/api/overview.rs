//! How the server does, at a glance.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_apps::weakened;
use doorward_audit::logins::{self, LoginCounts};
use doorward_directory::{Right, Role, RoleHolder, count_waiting_registrations};
use doorward_store::{StoreError, sessions};
use jiff::SignedDuration;

use super::{caller::Caller, error::ApiResult, state::ApiState};

/// Reasons that are told apart.
const MOST_REASONS: usize = 12;

/// Show figures, why logins failed in the last day, and what wants attention: as far as the caller may see it.
#[utoipa::path(get, path = "/api/v1/overview", tag = "server",
    responses((status = 200, body = api::Overview, description = "What the caller may see.")))]
pub(super) async fn show_overview(State(state): State<ApiState>, caller: Caller) -> ApiResult<Json<api::Overview>> {
    let now = state.now();
    let since = now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(now);
    let may = |right| caller.0.has(right);
    let (mut people, mut groups, mut live) = (None, None, None);
    let mut attention = Vec::new();
    if may(Right::ReadPeople) {
        let census = state.directory.census().await?;
        (people, groups) = (Some(census.people), Some(census.groups));
        let count: Result<u64, StoreError> = state.store.scan(move |tx| sessions::count_live(tx, now)).await;
        live = Some(count?);
        attention.extend(one_administrator(&state).await?);
        attention.extend(waiting(&state).await?);
    }
    let mut apps = None;
    if may(Right::ReadApps) {
        let snapshot = state.apps.snapshot().await?;
        apps = Some(u64::try_from(snapshot.list().len()).unwrap_or(u64::MAX));
        attention.extend(snapshot.list().into_iter().flat_map(|app| about_app(app)));
    }
    if may(Right::ReadSettings) {
        let snapshot = state.upstreams.snapshot().await?;
        let disabled = snapshot.list().iter().filter(|upstream| !upstream.enabled);
        attention.extend(disabled.map(|upstream| api::Attention {
            code: "upstream_disabled".to_owned(),
            subject: Some(upstream.name.clone()),
            sentence: "Nobody can log in through it: it is disabled.".to_owned(),
            remedy: Some(format!("doorward upstream edit {} --enabled true", upstream.name)),
            urgent: false,
        }));
    }
    let mut counted = None;
    if may(Right::ReadAudit) {
        let counts: Result<LoginCounts, StoreError> = state.store.scan(move |tx| logins::count(tx, since)).await;
        counted = Some(shown(counts?));
    }
    attention.sort_by_key(|item| !item.urgent);
    Ok(Json(api::Overview {
        since,
        people,
        groups,
        sessions: live,
        apps,
        logins: counted,
        attention,
    }))
}

/// Whoever loses the one account that may do everything needs the machine itself to get in again.
async fn one_administrator(state: &ApiState) -> ApiResult<Option<api::Attention>> {
    let roles = state.directory.roles().await?;
    let full: Vec<_> = roles.iter().filter(|grant| grant.role == Role::Full).collect();
    let [only] = full.as_slice() else { return Ok(None) };
    if matches!(only.holder, RoleHolder::Group(_)) {
        return Ok(None);
    }
    Ok(Some(api::Attention {
        code: "one_administrator".to_owned(),
        subject: Some(only.holder_name.clone()),
        sentence: "Only this account may do everything. Give a second one the role, before it is lost.".to_owned(),
        remedy: Some("doorward admin grant full USER".to_owned()),
        urgent: false,
    }))
}

/// People who registered and wait to be let in.
async fn waiting(state: &ApiState) -> ApiResult<Option<api::Attention>> {
    let now = state.now();
    let waiting: Result<u64, StoreError> = state.store.read(move |tx| count_waiting_registrations(tx, now)).await;
    let waiting = waiting?;
    Ok((waiting > 0).then(|| api::Attention {
        code: "registrations_wait".to_owned(),
        subject: Some(waiting.to_string()),
        sentence: "People have registered and wait for an administrator's word.".to_owned(),
        remedy: Some("doorward registration list".to_owned()),
        urgent: false,
    }))
}

fn about_app(app: &doorward_apps::App) -> Vec<api::Attention> {
    let mut found = Vec::new();
    if app.disabled {
        return found;
    }
    let name = &app.client_id;
    if app.scope_maps.is_empty() {
        found.push(api::Attention {
            code: "app_for_nobody".to_owned(),
            subject: Some(name.clone()),
            sentence: "Nobody may use it: no group is let in.".to_owned(),
            remedy: Some(format!("doorward app allow {name} GROUP")),
            urgent: false,
        });
    }
    if let Some(first) = weakened(app).into_iter().next() {
        found.push(api::Attention {
            code: "app_weakened".to_owned(),
            subject: Some(name.clone()),
            sentence: format!("{}: {}", first.name, first.meaning),
            remedy: Some(first.undo),
            urgent: false,
        });
    }
    found
}

fn shown(counts: LoginCounts) -> api::Logins {
    api::Logins {
        good: counts.good,
        refused: counts.refused,
        reasons: counts
            .reasons
            .into_iter()
            .take(MOST_REASONS)
            .map(|(code, count)| api::Reason { code, count })
            .collect(),
        capped: counts.capped,
    }
}
