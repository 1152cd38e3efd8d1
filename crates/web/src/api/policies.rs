//! What is asked of logins.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::{Level, LoginPolicy, PolicyEdit, PolicyTarget, Right};

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names, Query},
    lookup,
    state::ApiState,
};

/// Show every policy: of the server, of groups, of applications.
#[utoipa::path(get, path = "/api/v1/policies", tag = "policies",
    responses((status = 200, body = api::Policies, description = "What is asked of logins, by place.")))]
pub(super) async fn list_policies(State(state): State<ApiState>, caller: Caller) -> ApiResult<Json<api::Policies>> {
    caller.require(Right::ReadSettings)?;
    let policies = state.directory.policies().await?;
    let mut groups = Vec::new();
    for (id, policy) in &policies.groups {
        // One that was removed a moment ago has no name any more.
        if let Some(group) = state.directory.group(*id).await? {
            groups.push(named(group.name.as_str(), policy));
        }
    }
    let snapshot = state.apps.snapshot().await?;
    let mut apps: Vec<api::NamedPolicy> = snapshot
        .list()
        .into_iter()
        .filter_map(|app| Some(named(&app.client_id, policies.apps.get(&app.id)?)))
        .collect();
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    apps.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Json(api::Policies {
        default: view(&policies.default),
        groups,
        apps,
    }))
}

fn named(name: &str, policy: &LoginPolicy) -> api::NamedPolicy {
    api::NamedPolicy {
        name: name.to_owned(),
        policy: view(policy),
    }
}

/// Change what is asked of everybody.
#[utoipa::path(patch, path = "/api/v1/policies/default", tag = "policies", request_body = api::PolicyChange,
    responses((status = 200, body = api::LoginPolicy, description = "The server's policy as changed.")))]
pub(super) async fn edit_default_policy(
    State(state): State<ApiState>,
    caller: Caller,
    Body(change): Body<api::PolicyChange>,
) -> ApiResult<Json<api::LoginPolicy>> {
    caller.require(Right::Full)?;
    edit(&state, &caller, PolicyTarget::Default, change).await
}

/// Change what is asked of the members of a group.
#[utoipa::path(patch, path = "/api/v1/groups/{group}/policy", tag = "policies",
    params(("group" = String, Path, description = "Name or id.")), request_body = api::PolicyChange,
    responses((status = 200, body = api::LoginPolicy, description = "The group's policy as changed.")))]
pub(super) async fn edit_group_policy(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Body(change): Body<api::PolicyChange>,
) -> ApiResult<Json<api::LoginPolicy>> {
    caller.require(Right::Full)?;
    let group = lookup::group(&state, &name).await?;
    edit(&state, &caller, PolicyTarget::Group(group.id), change).await
}

/// Change what is asked of logins into an application.
#[utoipa::path(patch, path = "/api/v1/apps/{app}/policy", tag = "policies",
    params(("app" = String, Path, description = "Client id.")), request_body = api::PolicyChange,
    responses((status = 200, body = api::LoginPolicy, description = "The application's policy as changed.")))]
pub(super) async fn edit_app_policy(
    State(state): State<ApiState>,
    caller: Caller,
    Names(client_id): Names<String>,
    Body(change): Body<api::PolicyChange>,
) -> ApiResult<Json<api::LoginPolicy>> {
    caller.require(Right::Full)?;
    let app = state.apps.snapshot().await?.require(&client_id)?.id;
    edit(&state, &caller, PolicyTarget::App(app), change).await
}

/// Show what is asked of a person's login, after all policies that apply.
#[utoipa::path(get, path = "/api/v1/users/{user}/policy", tag = "policies",
    params(("user" = String, Path, description = "Name or id."), api::DemandQuery),
    responses((status = 200, body = api::LoginDemand, description = "The strictest of all that apply.")))]
pub(super) async fn show_user_policy(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Query(query): Query<api::DemandQuery>,
) -> ApiResult<Json<api::LoginDemand>> {
    caller.require(Right::ReadPeople)?;
    let user = lookup::person(&state, &name).await?;
    let app = match &query.app {
        Some(client_id) => Some(state.apps.snapshot().await?.require(client_id)?.id),
        None => None,
    };
    let facts = state.directory.facts(user.id).await?;
    let facts = facts.ok_or_else(|| ApiError::not_found(format!("there is no user {name:?}")))?;
    let policies = state.directory.policies().await?;
    let demand = policies.demand(&facts.group_ids, app, state.now());
    let rules = policies.password_rules(&facts.group_ids);
    Ok(Json(api::LoginDemand {
        factors: shown_level(demand.now),
        later: shown_level(demand.soon),
        postponed_until: demand.postponed_until,
        fresh_seconds: demand.fresh_seconds,
        remember_days: demand.remember_days,
        password_min: u32::try_from(rules.min).unwrap_or(u32::MAX),
        password_strength: rules.strength,
    }))
}

async fn edit(
    state: &ApiState,
    caller: &Caller,
    target: PolicyTarget,
    change: api::PolicyChange,
) -> ApiResult<Json<api::LoginPolicy>> {
    let edit = PolicyEdit {
        factors: given(change.factors.map(level)),
        postpone_until: given(change.postpone_until),
        fresh_seconds: given(change.fresh_seconds),
        remember_days: given(change.remember_days),
        password_min: given(change.password_min),
        password_strength: given(change.password_strength),
    };
    let policy = state
        .directory
        .edit_policy(&caller.0, target, edit, state.now())
        .await?;
    Ok(Json(view(&policy)))
}

#[expect(clippy::option_option, reason = "kept, cleared or set, as the directory has it")]
fn given<T>(edit: api::Edit<T>) -> Option<Option<T>> {
    match edit {
        api::Edit::Keep => None,
        api::Edit::Clear => Some(None),
        api::Edit::Set(value) => Some(Some(value)),
    }
}

fn level(level: api::LoginLevel) -> Level {
    match level {
        api::LoginLevel::Any => Level::Any,
        api::LoginLevel::Second => Level::Second,
        api::LoginLevel::Passkey => Level::Passkey,
    }
}

fn shown_level(level: Level) -> api::LoginLevel {
    match level {
        Level::Any => api::LoginLevel::Any,
        Level::Second => api::LoginLevel::Second,
        Level::Passkey => api::LoginLevel::Passkey,
    }
}

fn view(policy: &LoginPolicy) -> api::LoginPolicy {
    api::LoginPolicy {
        factors: policy.factors.map(shown_level),
        postpone_until: policy.postpone_until,
        fresh_seconds: policy.fresh_seconds,
        remember_days: policy.remember_days,
        password_min: policy.password_min,
        password_strength: policy.password_strength,
    }
}
