//! What the authorization requests of an application may look like: one panel of its rarer settings.

use doorward_api as api;

use super::{
    Frame,
    app_settings::{AppSettings, edit, finished, flag, form, spelled},
    sheet::{Block, Panel, Step, Tone},
};

/// The panel.
pub(super) fn requests(view: &AppSettings<'_>, frame: &Frame<'_>) -> Panel {
    let (t, app) = (frame.text(), view.app);
    let settings = &app.requests;
    let mut form = form("requests", view, frame);
    form.maybe_words(
        "profile",
        t.say("console-profile"),
        settings.profile.as_ref(),
        t.say("console-profile-none"),
        &[
            api::AppProfile::Oauth21,
            api::AppProfile::Fapi2,
            api::AppProfile::Fapi2Signing,
        ],
    )
    .rule(t.say("console-profile-rule"));
    form.flag(
        "require_pushed",
        t.say("console-require-pushed"),
        settings.require_pushed,
    );
    form.flag(
        "require_signed",
        t.say("console-require-signed"),
        settings.require_signed,
    );
    form.flag(
        "require_signed_response",
        t.say("console-require-signed-response"),
        settings.require_signed_response,
    );
    form.list("request_uris", t.say("console-request-uris"), &settings.request_uris)
        .rule(t.say("console-request-uris-rule"));
    form.list("resources", t.say("console-resources"), &settings.resources)
        .rule(t.say("console-resources-rule"));
    form.list("detail_types", t.say("console-detail-types"), &settings.detail_types)
        .rule(t.say("console-detail-types-rule"));
    form.line(
        "initiate_login_uri",
        t.say("console-initiate-login"),
        settings.initiate_login_uri.clone().unwrap_or_default(),
    )
    .rule(t.say("console-initiate-login-rule"));
    let profile = settings.profile.as_ref().map_or_else(|| "none".to_owned(), spelled);
    let command = format!(
        "{}{}{}",
        edit(app),
        flag("profile", &profile),
        flag("require-pushed", &settings.require_pushed.to_string()),
    );
    let panel = finished(form, t.say("console-requests"), command, view, frame);
    if settings.profile_requirements.is_empty() {
        return panel;
    }
    let steps = settings.profile_requirements.iter().map(|one| Step {
        tone: if one.holds { Tone::Good } else { Tone::Bad },
        said: if one.holds {
            t.say("console-profile-holds")
        } else {
            t.say("console-profile-missing")
        },
        title: one.what.clone(),
        at: None,
        detail: None,
        remedy: one.remedy.clone(),
    });
    panel
        .with(Block::Text(t.say("console-profile-requires")))
        .with(Block::Steps(steps.collect()))
}
