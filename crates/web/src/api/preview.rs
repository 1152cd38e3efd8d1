//! What a person would get in an application, by the path that issues tokens.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_apps::{App, EVERYONE};
use doorward_directory::{Facts, Right};
use doorward_oidc::{ClaimsRequest, Refusal, ScopeSet};
use doorward_provider::{Confirmation, GrantFacts, KeyRing, Mint, issue};

use super::{
    apps::{scopes, shown_scopes},
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names},
    lookup,
    state::ApiState,
};

/// Show what a person would get in an application, and why they are let in or not.
#[utoipa::path(post, path = "/api/v1/apps/{app}/preview", tag = "apps",
    params(("app" = String, Path, description = "Client id.")), request_body = api::PreviewRequest,
    responses((status = 200, body = api::Preview, description = "The checks and the unsigned tokens.")))]
pub(super) async fn preview_app(
    State(state): State<ApiState>,
    caller: Caller,
    Names(client_id): Names<String>,
    Body(request): Body<api::PreviewRequest>,
) -> ApiResult<Json<api::Preview>> {
    caller.require(Right::ReadApps)?;
    caller.require(Right::ReadPeople)?;
    let snapshot = state.apps.snapshot().await?;
    let app = snapshot.require(&client_id)?;
    let user = lookup::person(&state, &request.user).await?;
    let facts = state.directory.facts(user.id).await?;
    let facts = facts.ok_or_else(|| ApiError::not_found(format!("{} is gone", user.name)))?;
    let requested = match &request.scopes {
        Some(list) => scopes(list)?,
        None => app.scopes.clone(),
    };
    preview(&state, app, &facts, &requested).map(Json)
}

/// What the path that issues tokens would put into them, or the refusal that the person would meet.
pub(super) fn drafted(
    state: &ApiState,
    app: &App,
    facts: &Facts,
    requested: &ScopeSet,
) -> ApiResult<Result<issue::Preview, Refusal>> {
    let now = state.now();
    // Nothing is signed, so no key is needed.
    let keys = KeyRing::new([]).map_err(|error| ApiError::internal(&error))?;
    let mint = Mint {
        server: &state.server,
        keys: &keys,
        now: now.as_second(),
        random: state.random.as_ref(),
        confirmation: Confirmation::NONE,
    };
    let grant = GrantFacts {
        id: doorward_store::new_id(now, state.random.as_ref()),
        session_id: Some(doorward_store::new_id(now, state.random.as_ref())),
        scope: requested.clone(),
        claims: ClaimsRequest::default(),
        auth_time: now.as_second(),
        amr: vec!["pwd".to_owned()],
        acr: None,
        nonce: None,
        extent: doorward_provider::Extent::default(),
    };
    Ok(issue::preview(mint, app, facts, requested, &grant))
}

fn preview(state: &ApiState, app: &App, facts: &Facts, requested: &ScopeSet) -> ApiResult<api::Preview> {
    let drafted = match drafted(state, app, facts, requested)? {
        Ok(drafted) => drafted,
        Err(refusal) => return Ok(refused(&refusal)),
    };
    let mut steps = vec![step("access", api::StepOutcome::Ok, let_in_by(app, facts))];
    if !drafted.left_out.is_empty() {
        let left_out = format!("asked for and not granted: {}", drafted.left_out);
        steps.push(step("scope", api::StepOutcome::Info, left_out));
    }
    steps.extend(
        drafted
            .skipped
            .iter()
            .map(|skipped| step("claim_rule", api::StepOutcome::Info, skipped.to_string())),
    );
    Ok(api::Preview {
        allowed: true,
        scopes: shown_scopes(&drafted.scope),
        refresh_token: drafted.refresh_token,
        steps,
        id_token: drafted.id_token,
        access_token: Some(drafted.access_token),
        userinfo: Some(drafted.userinfo.into()),
    })
}

fn refused(refusal: &Refusal) -> api::Preview {
    let step = api::PreviewStep {
        check: refusal.kind.code.to_owned(),
        outcome: api::StepOutcome::Refused,
        detail: Some(refusal.detail.clone()),
        remedy: refusal.remedy.clone(),
    };
    api::Preview {
        allowed: false,
        scopes: Vec::new(),
        refresh_token: false,
        steps: vec![step],
        id_token: None,
        access_token: None,
        userinfo: None,
    }
}

fn let_in_by(app: &App, facts: &Facts) -> String {
    let maps = app
        .scope_maps
        .iter()
        .filter(|map| map.group == EVERYONE || facts.is_in(&map.group));
    let through: Vec<String> = maps
        .map(|map| format!("{} (brings {})", map.group, map.scopes))
        .collect();
    format!("{} is let in through {}", facts.user.name, through.join(", "))
}

fn step(check: &str, outcome: api::StepOutcome, detail: String) -> api::PreviewStep {
    api::PreviewStep {
        check: check.to_owned(),
        outcome,
        detail: Some(detail),
        remedy: None,
    }
}
