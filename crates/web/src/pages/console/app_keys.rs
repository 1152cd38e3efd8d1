//! What follows from keys that an application holds, as a form.

use doorward_api as api;

use super::{
    AppSettings, Frame,
    app_settings::{edit, finished, flag, form, spelled},
    sheet::Panel,
};

/// The panel.
pub(super) fn panel(view: &AppSettings<'_>, frame: &Frame<'_>) -> Panel {
    let (t, keys) = (frame.text(), &view.app.keys);
    let mut form = form("keys", view, frame);
    let uri = keys.jwks_uri.clone().unwrap_or_default();
    form.line("jwks_uri", t.say("console-own-keys-uri"), uri.clone())
        .rule(t.say("console-own-keys-uri-rule"));
    form.flag(
        "weaken_jwks_private_address",
        t.say("console-own-keys-private"),
        keys.weaken_private_address,
    )
    .rule(t.say("console-own-keys-private-rule"));
    form.words(
        "refresh_tokens",
        t.say("console-own-keys-refresh"),
        &keys.refresh_tokens,
        &[api::RefreshTokens::Rotate, api::RefreshTokens::Stay],
    )
    .rule(t.say("console-own-keys-refresh-rule"));
    let command = format!(
        "{}{}{}",
        edit(view.app),
        flag("jwks-uri", &uri),
        flag("refresh-tokens", &spelled(&keys.refresh_tokens)),
    );
    finished(form, t.say("console-own-keys"), command, view, frame)
}
