//! What is known about applications before they are added.

use axum::Json;
use doorward_api as api;
use doorward_apps::{Preset, presets};

use super::{
    caller::Caller,
    error::{ApiError, ApiResult},
    input::Names,
};

/// List the presets.
#[utoipa::path(get, path = "/api/v1/presets", tag = "presets",
    responses((status = 200, body = api::List<api::PresetSummary>, description = "All presets.")))]
pub(super) async fn list_presets(_: Caller) -> Json<api::List<api::PresetSummary>> {
    Json(api::List {
        items: presets().iter().map(summary).collect(),
        next: None,
    })
}

/// Show a preset with every setting.
#[utoipa::path(get, path = "/api/v1/presets/{preset}", tag = "presets",
    params(("preset" = String, Path, description = "Id or alias.")),
    responses((status = 200, body = api::Preset, description = "The preset.")))]
pub(super) async fn show_preset(_: Caller, Names(name): Names<String>) -> ApiResult<Json<api::Preset>> {
    let preset = presets().require(&name).map_err(|refusal| {
        let missing = ApiError::not_found(refusal.detail);
        match refusal.remedy {
            Some(remedy) => missing.remedy(remedy),
            None => missing,
        }
    })?;
    let settings = serde_json::to_value(preset).map_err(|error| ApiError::internal(&error))?;
    Ok(Json(api::Preset {
        about: summary(preset),
        settings,
    }))
}

fn summary(preset: &Preset) -> api::PresetSummary {
    api::PresetSummary {
        id: preset.id.clone(),
        name: preset.title.clone(),
        summary: preset.summary.clone(),
        aliases: preset.aliases.clone(),
        proof: preset.proof.name().to_owned(),
    }
}
