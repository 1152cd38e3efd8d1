//! Providers that other people run, and who came through them.

mod change;
mod view;

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::Right;
use doorward_jose::Secret;
use doorward_upstreams::{LinkRule, NewUpstream, Probed, Upstream, presets};
use http::StatusCode;
use uuid::Uuid;

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::{Body, Names, Query, limit},
    lookup,
    state::ApiState,
};

/// List upstreams, by name.
#[utoipa::path(get, path = "/api/v1/upstreams", tag = "upstreams",
    responses((status = 200, body = api::List<api::UpstreamSummary>, description = "All upstreams.")))]
pub(super) async fn list_upstreams(
    State(state): State<ApiState>,
    caller: Caller,
) -> ApiResult<Json<api::List<api::UpstreamSummary>>> {
    caller.require(Right::ReadSettings)?;
    let snapshot = state.upstreams.snapshot().await?;
    Ok(Json(api::List {
        items: snapshot.list().iter().map(|upstream| view::summary(upstream)).collect(),
        next: None,
    }))
}

/// Add an upstream. It is asked first whether it would work.
#[utoipa::path(post, path = "/api/v1/upstreams", tag = "upstreams", request_body = api::NewUpstream,
    responses((status = 201, body = api::UpstreamSaved, description = "The upstream, and what to do at the provider.")))]
pub(super) async fn add_upstream(
    State(state): State<ApiState>,
    caller: Caller,
    Body(new): Body<api::NewUpstream>,
) -> ApiResult<(StatusCode, Json<api::UpstreamSaved>)> {
    caller.require(Right::Full)?;
    let probing = change::probing(&new.settings);
    let new = NewUpstream {
        preset: new.preset,
        name: new.name,
        issuer: new.issuer,
        client_id: new.client_id,
        secret: new.secret.map(Secret::new),
        edits: change::edits(new.settings)?,
    };
    let (upstream, probed) = state.upstreams.add(&caller.0, new, probing, state.now()).await?;
    Ok((StatusCode::CREATED, Json(saved(&state, &upstream, probed).await?)))
}

/// Show an upstream.
#[utoipa::path(get, path = "/api/v1/upstreams/{upstream}", tag = "upstreams",
    params(("upstream" = String, Path, description = "Name.")),
    responses((status = 200, body = api::Upstream, description = "The upstream.")))]
pub(super) async fn show_upstream(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::Upstream>> {
    caller.require(Right::ReadSettings)?;
    let snapshot = state.upstreams.snapshot().await?;
    Ok(Json(whole(&state, snapshot.require(&name)?).await?))
}

/// Change an upstream: all that is said or nothing. It is asked first when that decides whether it works.
#[utoipa::path(patch, path = "/api/v1/upstreams/{upstream}", tag = "upstreams", request_body = api::UpstreamChange,
    params(("upstream" = String, Path, description = "Name.")),
    responses((status = 200, body = api::UpstreamSaved, description = "The upstream.")))]
pub(super) async fn edit_upstream(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Body(change): Body<api::UpstreamChange>,
) -> ApiResult<Json<api::UpstreamSaved>> {
    caller.require(Right::Full)?;
    let probing = change::probing(&change);
    let edits = change::edits(change)?;
    let (upstream, probed) = state
        .upstreams
        .edit(&caller.0, &name, edits, probing, state.now())
        .await?;
    Ok(Json(saved(&state, &upstream, probed).await?))
}

/// Remove an upstream.
#[utoipa::path(delete, path = "/api/v1/upstreams/{upstream}", tag = "upstreams",
    params(("upstream" = String, Path, description = "Name."), api::UpstreamRemoval),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove_upstream(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Query(removal): Query<api::UpstreamRemoval>,
) -> ApiResult<StatusCode> {
    caller.require(Right::Full)?;
    state
        .upstreams
        .remove(&caller.0, &name, removal.with_identities, state.now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set the secret; the one before ends here at once.
#[utoipa::path(put, path = "/api/v1/upstreams/{upstream}/secret", tag = "upstreams", request_body = api::UpstreamSecret,
    params(("upstream" = String, Path, description = "Name.")),
    responses((status = 200, body = api::Upstream, description = "The upstream.")))]
pub(super) async fn set_upstream_secret(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Body(body): Body<api::UpstreamSecret>,
) -> ApiResult<Json<api::Upstream>> {
    caller.require(Right::Full)?;
    let secret = body.secret.map(Secret::new);
    let upstream = state
        .upstreams
        .set_secret(&caller.0, &name, secret, state.now())
        .await?;
    Ok(Json(whole(&state, &upstream).await?))
}

/// Ask an upstream whether it would work.
#[utoipa::path(post, path = "/api/v1/upstreams/{upstream}/probe", tag = "upstreams",
    params(("upstream" = String, Path, description = "Name.")),
    responses((status = 200, body = api::UpstreamProbe, description = "What was found.")))]
pub(super) async fn probe_upstream(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::UpstreamProbe>> {
    caller.require(Right::ReadSettings)?;
    let probed = state.upstreams.probe(&caller.0, &name).await?;
    Ok(Json(view::probe(probed)))
}

/// List who came through an upstream, oldest first.
#[utoipa::path(get, path = "/api/v1/upstreams/{upstream}/identities", tag = "upstreams",
    params(("upstream" = String, Path, description = "Name."), api::PageQuery),
    responses((status = 200, body = api::List<api::Identity>, description = "A page of identities.")))]
pub(super) async fn list_identities(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Query(query): Query<api::PageQuery>,
) -> ApiResult<Json<api::List<api::Identity>>> {
    caller.require(Right::ReadPeople)?;
    let limit = limit(query.limit)?;
    let after = query
        .cursor
        .as_deref()
        .map(Uuid::parse_str)
        .transpose()
        .map_err(|_| ApiError::invalid("`cursor` is not one that a page before gave"))?;
    let found = state.upstreams.identities(&caller.0, &name, after, limit).await?;
    let is_full = found.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let next = found.last().filter(|_| is_full).map(|last| last.id.to_string());
    Ok(Json(api::List {
        items: found.into_iter().map(view::identity).collect(),
        next,
    }))
}

/// Say that a subject of an upstream is a user.
#[utoipa::path(post, path = "/api/v1/upstreams/{upstream}/identities", tag = "upstreams", request_body = api::IdentityLink,
    params(("upstream" = String, Path, description = "Name.")),
    responses((status = 201, body = api::Identity, description = "The identity.")))]
pub(super) async fn link_identity(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Body(link): Body<api::IdentityLink>,
) -> ApiResult<(StatusCode, Json<api::Identity>)> {
    caller.require(Right::Full)?;
    let user = lookup::person(&state, &link.user).await?;
    let key = (link.issuer.as_deref(), link.subject.as_str());
    let identity = state
        .upstreams
        .link(&caller.0, &name, key, user.id, state.now())
        .await?;
    Ok((StatusCode::CREATED, Json(view::identity(identity))))
}

/// Forget who a subject of an upstream is, and end the sessions that it had opened.
#[utoipa::path(post, path = "/api/v1/upstreams/{upstream}/identities/unlink", tag = "upstreams",
    request_body = api::IdentityUnlink, params(("upstream" = String, Path, description = "Name.")),
    responses((status = 204, description = "It is forgotten.")))]
pub(super) async fn unlink_identity(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Body(unlink): Body<api::IdentityUnlink>,
) -> ApiResult<StatusCode> {
    caller.require(Right::Full)?;
    let key = (unlink.issuer.as_deref(), unlink.subject.as_str());
    state.upstreams.unlink(&caller.0, &name, key, state.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List who would become whom, before anybody logs in. Nothing is written.
#[utoipa::path(post, path = "/api/v1/upstreams/{upstream}/link-dry-run", tag = "upstreams", request_body = api::LinkDryRun,
    params(("upstream" = String, Path, description = "Name.")),
    responses((status = 200, body = api::List<api::WouldBe>, description = "Who would become whom.")))]
pub(super) async fn link_dry_run(
    State(state): State<ApiState>,
    caller: Caller,
    Names(name): Names<String>,
    Body(run): Body<api::LinkDryRun>,
) -> ApiResult<Json<api::List<api::WouldBe>>> {
    caller.require(Right::ReadPeople)?;
    let rule = run.rule.map(change::same_word::<_, LinkRule>).transpose()?;
    let items = if run.people.is_empty() {
        let prospects = state.upstreams.link_dry_run(&caller.0, &name, rule).await?;
        prospects.into_iter().map(view::prospect).collect()
    } else {
        let candidates = state
            .upstreams
            .link_dry_run_of(&caller.0, &name, rule, run.people)
            .await?;
        candidates.into_iter().map(view::candidate).collect()
    };
    Ok(Json(api::List { items, next: None }))
}

/// List what is known of providers.
#[utoipa::path(get, path = "/api/v1/upstream-presets", tag = "upstreams",
    responses((status = 200, body = api::List<api::UpstreamPreset>, description = "All presets.")))]
pub(super) async fn list_upstream_presets(
    State(state): State<ApiState>,
    _: Caller,
) -> ApiResult<Json<api::List<api::UpstreamPreset>>> {
    let public = state.upstreams.public();
    Ok(Json(api::List {
        items: presets().iter().map(|preset| view::preset(preset, public)).collect(),
        next: None,
    }))
}

/// Show what is known of a provider.
#[utoipa::path(get, path = "/api/v1/upstream-presets/{preset}", tag = "upstreams",
    params(("preset" = String, Path, description = "Id or alias.")),
    responses((status = 200, body = api::UpstreamPreset, description = "The preset.")))]
pub(super) async fn show_upstream_preset(
    State(state): State<ApiState>,
    _: Caller,
    Names(name): Names<String>,
) -> ApiResult<Json<api::UpstreamPreset>> {
    let preset = presets().require(&name)?;
    Ok(Json(view::preset(preset, state.upstreams.public())))
}

async fn whole(state: &ApiState, upstream: &Upstream) -> ApiResult<api::Upstream> {
    let role_groups = state.upstreams.role_groups().await?;
    Ok(view::whole(upstream, state.upstreams.public(), &role_groups))
}

async fn saved(state: &ApiState, upstream: &Upstream, probed: Option<Probed>) -> ApiResult<api::UpstreamSaved> {
    let public = state.upstreams.public();
    let preset = presets().find(&upstream.preset);
    Ok(api::UpstreamSaved {
        upstream: whole(state, upstream).await?,
        probe: probed.map(view::probe),
        steps: preset
            .map(|preset| preset.steps_for(public, &upstream.name))
            .unwrap_or_default(),
        notes: preset.map(|preset| preset.notes.clone()).unwrap_or_default(),
    })
}
