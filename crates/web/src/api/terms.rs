//! Terms and conditions.

use axum::Json;
use axum::extract::State;
use doorward_api as api;
use doorward_directory::{AcceptedQuery, Right, TermsAcceptance, TermsCount, TermsText};
use http::StatusCode;

use super::{
    caller::Caller,
    error::ApiResult,
    input::{Body, Names, Query, id_cursor, limit},
    lookup,
    state::ApiState,
};

/// List the versions of the terms, the newest first.
#[utoipa::path(get, path = "/api/v1/terms", tag = "terms",
    responses((status = 200, body = api::List<api::TermsSummary>, description = "Every version.")))]
pub(super) async fn list_terms(
    State(state): State<ApiState>,
    caller: Caller,
) -> ApiResult<Json<api::List<api::TermsSummary>>> {
    caller.require(Right::ReadSettings)?;
    let all = state.directory.terms().await?;
    Ok(Json(api::List {
        items: all.iter().map(summary).collect(),
        next: None,
    }))
}

/// Publish the next version: people are asked to accept it at their next login.
#[utoipa::path(post, path = "/api/v1/terms", tag = "terms", request_body = api::NewTerms,
    responses((status = 201, body = api::Terms, description = "The version as published.")))]
pub(super) async fn publish_terms(
    State(state): State<ApiState>,
    caller: Caller,
    Body(new): Body<api::NewTerms>,
) -> ApiResult<(StatusCode, Json<api::Terms>)> {
    caller.require(Right::Full)?;
    let texts = new.texts.into_iter().map(|text| TermsText {
        language: text.language,
        text: text.text,
        url: text.url,
    });
    let published = state
        .directory
        .publish_terms(&caller.0, texts.collect(), state.now())
        .await?;
    Ok((StatusCode::CREATED, Json(view(&published))))
}

/// Show a version of the terms.
#[utoipa::path(get, path = "/api/v1/terms/{version}", tag = "terms",
    params(("version" = u32, Path, description = "Its number.")),
    responses((status = 200, body = api::Terms, description = "The version with what it says.")))]
pub(super) async fn show_terms(
    State(state): State<ApiState>,
    caller: Caller,
    Names(version): Names<u32>,
) -> ApiResult<Json<api::Terms>> {
    caller.require(Right::ReadSettings)?;
    Ok(Json(view(&state.directory.terms_version(version).await?)))
}

/// Ask nobody for this version any more, which is the one that people are asked for.
#[utoipa::path(post, path = "/api/v1/terms/{version}/withdraw", tag = "terms",
    params(("version" = u32, Path, description = "Its number.")),
    responses((status = 200, body = api::Terms, description = "The version as withdrawn; who accepted it is kept.")))]
pub(super) async fn withdraw_terms(
    State(state): State<ApiState>,
    caller: Caller,
    Names(version): Names<u32>,
) -> ApiResult<Json<api::Terms>> {
    caller.require(Right::Full)?;
    let withdrawn = state.directory.withdraw_terms(&caller.0, version, state.now()).await?;
    Ok(Json(view(&withdrawn)))
}

/// List who has accepted which version, the latest first.
#[utoipa::path(get, path = "/api/v1/terms/acceptances", tag = "terms", params(api::TermsAcceptanceQuery),
    responses((status = 200, body = api::List<api::TermsAcceptance>, description = "A page of people's words.")))]
pub(super) async fn list_acceptances(
    State(state): State<ApiState>,
    caller: Caller,
    Query(query): Query<api::TermsAcceptanceQuery>,
) -> ApiResult<Json<api::List<api::TermsAcceptance>>> {
    caller.require(Right::ReadPeople)?;
    let user = match &query.user {
        Some(name) => Some(lookup::person(&state, name).await?.id),
        None => None,
    };
    let asked = AcceptedQuery {
        version: query.version,
        user,
        before: id_cursor(query.cursor.as_deref())?,
        limit: limit(query.limit)?,
    };
    let page = state.directory.accepted_terms(asked).await?;
    Ok(Json(api::List {
        items: page.items.into_iter().map(acceptance).collect(),
        next: page.next,
    }))
}

fn summary(count: &TermsCount) -> api::TermsSummary {
    let terms = &count.terms;
    api::TermsSummary {
        version: terms.version,
        in_force: count.in_force,
        languages: terms.texts.iter().map(|text| text.language.clone()).collect(),
        published: terms.published,
        published_by: terms.published_by.clone(),
        withdrawn: terms.withdrawn,
        accepted: count.accepted,
    }
}

fn view(count: &TermsCount) -> api::Terms {
    let texts = count.terms.texts.iter().map(|text| api::TermsText {
        language: text.language.clone(),
        text: text.text.clone(),
        url: text.url.clone(),
    });
    api::Terms {
        about: summary(count),
        texts: texts.collect(),
    }
}

fn acceptance(word: TermsAcceptance) -> api::TermsAcceptance {
    api::TermsAcceptance {
        user: word.user,
        user_id: word.user_id,
        version: word.version,
        accepted: word.accepted,
        language: word.language,
        address: word.address,
    }
}
