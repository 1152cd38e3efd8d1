//! What an application's tokens are bound to, as a form.

use doorward_api as api;

use super::{
    AppSettings, Frame,
    app_settings::{edit, finished, flag, form, spelled},
    sheet::Panel,
};

/// The panel.
pub(super) fn panel(view: &AppSettings<'_>, frame: &Frame<'_>) -> Panel {
    let (t, sender) = (frame.text(), &view.app.sender);
    let mut form = form("sender", view, frame);
    form.words(
        "dpop",
        t.say("console-sender-dpop"),
        &sender.dpop,
        &[api::Dpop::Optional, api::Dpop::Required, api::Dpop::RequiredWithNonce],
    )
    .rule(t.say("console-sender-dpop-rule"));
    form.flag(
        "certificate_bound",
        t.say("console-sender-certificate-bound"),
        sender.certificate_bound,
    );
    form.line(
        "certificate_name",
        t.say("console-sender-certificate-name"),
        sender.certificate_name.clone().unwrap_or_default(),
    )
    .rule(t.say("console-sender-certificate-name-rule"));
    let mut command = format!(
        "{}{}{}",
        edit(view.app),
        flag("dpop", &spelled(&sender.dpop)),
        flag("certificate-bound", &sender.certificate_bound.to_string()),
    );
    if let Some(name) = &sender.certificate_name {
        command.push_str(&flag("certificate-name", name));
    }
    finished(form, t.say("console-sender"), command, view, frame)
}
