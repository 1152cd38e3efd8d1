//! What an application's tokens are bound to, as a form.

use doorward_api as api;

use super::{
    AppSettings, Frame,
    app_settings::{edit, finished, flag, form, json, spelled},
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
    form.lines(
        "encryption_key",
        t.say("console-sender-encryption-key"),
        json(sender.encryption_key.as_ref()),
    )
    .rule(t.say("console-sender-encryption-key-rule"));
    let encrypt: Vec<String> = sender.encrypt.iter().map(spelled).collect();
    form.list("encrypt", t.say("console-sender-encrypt"), &encrypt)
        .rule(t.say("console-sender-encrypt-rule"));
    form.words(
        "content_encryption",
        t.say("console-sender-content-encryption"),
        &sender.content_encryption,
        &[api::ContentEncryption::A256GCM, api::ContentEncryption::A128GCM],
    );
    form.maybe_words(
        "introspection_alg",
        t.say("console-sender-introspection-alg"),
        sender.introspection_alg.as_ref(),
        t.say("console-sender-introspection-usual"),
        &[
            api::SigningAlg::RS256,
            api::SigningAlg::PS256,
            api::SigningAlg::ES256,
            api::SigningAlg::EdDSA,
        ],
    );
    form.line(
        "pairwise_sector",
        t.say("console-sender-pairwise"),
        sender.pairwise_sector.clone().unwrap_or_default(),
    )
    .rule(t.say("console-sender-pairwise-rule"));
    if !encrypt.is_empty() {
        command.push_str(&flag("encrypt", &encrypt.join(",")));
    }
    if let Some(sector) = &sender.pairwise_sector {
        command.push_str(&flag("pairwise-sector", sector));
    }
    finished(form, t.say("console-sender"), command, view, frame)
}
