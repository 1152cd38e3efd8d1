//! What was typed about the authorization requests of an application.

use doorward_api as api;

use super::typed::Typed;

/// What differs; `None` when nothing does.
pub(super) fn change(
    known: &api::RequestSettings,
    typed: &Typed,
) -> Result<Option<api::RequestSettingsChange>, Box<api::ErrorBody>> {
    let change = api::RequestSettingsChange {
        profile: typed.maybe_word("profile", known.profile.as_ref())?,
        require_pushed: typed.flag("require_pushed", known.require_pushed),
        require_signed: typed.flag("require_signed", known.require_signed),
        require_signed_response: typed.flag("require_signed_response", known.require_signed_response),
        request_uris: typed.list("request_uris", &known.request_uris),
        resources: typed.list("resources", &known.resources),
        detail_types: typed.list("detail_types", &known.detail_types),
        initiate_login_uri: typed.maybe_text("initiate_login_uri", known.initiate_login_uri.as_deref()),
        ..api::RequestSettingsChange::default()
    };
    Ok((change != api::RequestSettingsChange::default()).then_some(change))
}
