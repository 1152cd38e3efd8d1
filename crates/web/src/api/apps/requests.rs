//! What an application's authorization requests may look like: as the API shows it, and as the edit that changes it.

use doorward_api as api;
use doorward_apps::{App, ListChange, Profile, RequestsEdit, requirements};

use super::change::nullable;

/// The settings, and how its profile fares.
pub(super) fn view(app: &App) -> api::RequestSettings {
    let settings = &app.requests;
    let required = settings.profile.map(|profile| requirements(profile, app));
    api::RequestSettings {
        profile: settings.profile.map(|profile| match profile {
            Profile::Oauth21 => api::AppProfile::Oauth21,
            Profile::Fapi2 => api::AppProfile::Fapi2,
            Profile::Fapi2Signing => api::AppProfile::Fapi2Signing,
        }),
        profile_requirements: required
            .into_iter()
            .flatten()
            .map(|one| api::ProfileRequirement {
                what: one.what.to_owned(),
                holds: one.holds,
                remedy: (!one.holds).then_some(one.remedy),
            })
            .collect(),
        require_pushed: settings.require_pushed,
        require_signed: settings.require_signed,
        require_signed_response: settings.require_signed_response,
        request_uris: settings.request_uris.clone(),
        resources: settings.resources.clone(),
        detail_types: settings.detail_types.clone(),
        initiate_login_uri: settings.initiate_login_uri.clone(),
    }
}

/// The change.
pub(super) fn edit(change: api::RequestSettingsChange) -> Box<RequestsEdit> {
    let list = |all, remove, add| ListChange { all, remove, add };
    Box::new(RequestsEdit {
        profile: nullable(change.profile).map(|profile| {
            profile.map(|profile| match profile {
                api::AppProfile::Oauth21 => Profile::Oauth21,
                api::AppProfile::Fapi2 => Profile::Fapi2,
                api::AppProfile::Fapi2Signing => Profile::Fapi2Signing,
            })
        }),
        require_pushed: change.require_pushed,
        require_signed: change.require_signed,
        require_signed_response: change.require_signed_response,
        request_uris: list(change.request_uris, change.remove_request_uris, change.add_request_uris),
        resources: list(change.resources, change.remove_resources, change.add_resources),
        detail_types: list(change.detail_types, change.remove_detail_types, change.add_detail_types),
        initiate_login_uri: nullable(change.initiate_login_uri),
    })
}
