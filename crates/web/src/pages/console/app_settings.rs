//! The rarer settings of an application.

use std::{collections::BTreeMap, fmt::Write as _};

use doorward_api as api;

use super::{
    Frame, Room,
    app::here,
    app_keys,
    app_requests::requests,
    app_sender,
    long_form::LongForm,
    sheet::{Anchor, Block, Panel, Sheet},
    trouble,
    words::word,
};

/// An application, and what was typed about it.
#[derive(Debug, Clone, Copy)]
pub struct AppSettings<'a> {
    /// As it is.
    pub app: &'a api::App,
    /// What was typed and not taken, by the name of its field.
    pub typed: &'a BTreeMap<String, String>,
    /// The viewer may change it.
    pub may_change: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// The audiences of its access tokens beside its own client id.
pub fn other_audiences(app: &api::App) -> Vec<String> {
    let others = app.audiences.iter().filter(|audience| **audience != app.client_id);
    others.cloned().collect()
}

/// Renders the rarer settings.
pub fn app_settings(view: &AppSettings<'_>, frame: &Frame<'_>) -> String {
    let (t, app) = (frame.text(), view.app);
    let sheet = Sheet {
        title: t.with("console-more-title", "name", &app.name),
        lead: Some(t.say("console-more-lead")),
        up: Some(Anchor::new(here(frame, &app.client_id, ""), &*app.name)),
        trouble: view.error.map(|error| trouble(t, error)),
        panels: vec![
            proof(view, frame),
            tokens(view, frame),
            app_sender::panel(view, frame),
            app_keys::panel(view, frame),
            contents(view, frame),
            requests(view, frame),
            logout(view, frame),
            grants(view, frame),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}

pub(super) fn form<'a>(id: &'static str, view: &'a AppSettings<'_>, frame: &'a Frame<'_>) -> LongForm<'a> {
    LongForm::new(id, view.typed, frame)
}

pub(super) fn finished(
    form: LongForm<'_>,
    title: String,
    command: String,
    view: &AppSettings<'_>,
    frame: &Frame<'_>,
) -> Panel {
    let action = here(frame, &view.app.client_id, "/settings");
    Panel::new(title)
        .with(form.finished(action, view.may_change))
        .with(Block::Command(command))
}

fn proof(view: &AppSettings<'_>, frame: &Frame<'_>) -> Panel {
    let (t, app) = (frame.text(), view.app);
    let mut form = form("proof", view, frame);
    form.words(
        "kind",
        t.say("console-kind"),
        &app.kind,
        &[api::AppKind::Confidential, api::AppKind::Public],
    );
    form.words(
        "authentication",
        t.say("console-authentication"),
        &app.authentication,
        &[
            api::Authentication::ClientSecret,
            api::Authentication::PrivateKeyJwt,
            api::Authentication::TlsClientAuth,
            api::Authentication::SelfSignedTlsClientAuth,
            api::Authentication::None,
        ],
    );
    form.lines("jwks", t.say("console-more-jwks"), json(app.jwks.as_ref()))
        .rule(t.say("console-more-jwks-rule"));
    form.words(
        "pkce",
        t.say("console-pkce"),
        &app.pkce,
        &[api::Pkce::Required, api::Pkce::WeakenIfSent],
    )
    .rule(t.say("console-more-pkce-rule"));
    form.line("issuer_style", t.say("console-issuer"), spelled(&app.issuer_style))
        .rule(t.say("console-more-issuer-rule"));
    form.list("cors_origins", t.say("console-cors"), &app.cors_origins)
        .rule(t.say("console-more-cors-rule"));
    let pkce = match app.pkce {
        api::Pkce::Required => " --pkce required",
        api::Pkce::WeakenIfSent => " --weaken-pkce-if-sent",
    };
    let command = format!(
        "{}{}{}{pkce}{}",
        edit(app),
        flag("kind", &spelled(&app.kind)),
        flag("authentication", &spelled(&app.authentication)),
        flag("issuer", &spelled(&app.issuer_style)),
    );
    finished(form, t.say("console-more-proof"), command, view, frame)
}

fn tokens(view: &AppSettings<'_>, frame: &Frame<'_>) -> Panel {
    let (t, app) = (frame.text(), view.app);
    let mut form = form("tokens", view, frame);
    let algorithms = [
        api::SigningAlg::RS256,
        api::SigningAlg::PS256,
        api::SigningAlg::ES256,
        api::SigningAlg::EdDSA,
    ];
    form.words(
        "id_token_alg",
        t.say("console-id-token-alg"),
        &app.id_token_alg,
        &algorithms,
    );
    form.words(
        "access_token_alg",
        t.say("console-more-access-token-alg"),
        &app.access_token_alg,
        &algorithms,
    );
    form.maybe_words(
        "userinfo_signed_alg",
        t.say("console-more-userinfo-alg"),
        app.userinfo_signed_alg.as_ref(),
        t.say("console-more-userinfo-plain"),
        &algorithms,
    );
    form.list("audiences", t.say("console-audiences"), &other_audiences(app))
        .rule(t.say("console-names-rule"));
    form.flag(
        "audience_client_id",
        t.say("console-more-audience-client-id"),
        app.audiences.contains(&app.client_id),
    );
    let lifetimes = &app.lifetimes;
    for (name, label, seconds) in [
        ("code", t.say("console-more-code"), lifetimes.code),
        ("id_token", t.say("console-more-id-token"), lifetimes.id_token),
        (
            "access_token",
            t.say("console-more-access-token"),
            lifetimes.access_token,
        ),
        (
            "refresh_token",
            t.say("console-more-refresh-token"),
            lifetimes.refresh_token,
        ),
    ] {
        form.number(name, label, seconds)
            .rule(t.say("console-more-lifetime-rule"));
    }
    let command = format!(
        "{}{}{}{}{}",
        edit(app),
        flag("id-token-alg", &spelled(&app.id_token_alg)),
        flag("access-token-alg", &spelled(&app.access_token_alg)),
        flag(
            "userinfo-alg",
            &app.userinfo_signed_alg
                .as_ref()
                .map_or_else(|| "none".to_owned(), spelled)
        ),
        flag("lifetime", &format!("access_token={}s", lifetimes.access_token)),
    );
    finished(form, t.say("console-more-tokens"), command, view, frame)
}

fn contents(view: &AppSettings<'_>, frame: &Frame<'_>) -> Panel {
    let (t, app) = (frame.text(), view.app);
    let mut form = form("contents", view, frame);
    form.list("scopes", t.say("console-scopes"), &app.scopes)
        .rule(t.say("console-more-scopes-rule"));
    form.words(
        "usernames",
        t.say("console-usernames"),
        &app.usernames,
        &[api::Usernames::Short, api::Usernames::Full],
    )
    .rule(t.say("console-more-usernames-rule"));
    let claims: Vec<String> = app.claims.iter().map(ToString::to_string).collect();
    form.lines("claims", t.say("console-claims"), claims.join("\n"))
        .rule(t.say("console-more-claims-rule"));
    form.flag(
        "client_credentials",
        t.say("console-client-credentials"),
        app.client_credentials,
    )
    .rule(t.say("console-more-client-credentials-rule"));
    form.flag(
        "expects_refresh",
        t.say("console-more-expects-refresh"),
        app.expects_refresh,
    );
    form.flag(
        "expects_userinfo",
        t.say("console-more-expects-userinfo"),
        app.expects_userinfo,
    );
    let mut command = format!(
        "{}{}{}",
        edit(app),
        flag("request-scopes", &app.scopes.join(",")),
        flag("usernames", &spelled(&app.usernames)),
    );
    for claim in &app.claims {
        let _ = write!(command, "{}", flag("claim", &claim.to_string()));
    }
    finished(form, t.say("console-more-contents"), command, view, frame)
}

fn logout(view: &AppSettings<'_>, frame: &Frame<'_>) -> Panel {
    let (t, app, logout) = (frame.text(), view.app, &view.app.logout);
    let mut form = form("logout", view, frame);
    let uri = logout.backchannel_uri.clone().unwrap_or_default();
    form.line("backchannel_uri", t.say("console-logouts-uri"), uri.clone())
        .rule(t.say("console-logouts-uri-rule"));
    let frame_uri = logout.frontchannel_uri.clone().unwrap_or_default();
    form.line("frontchannel_uri", t.say("console-logouts-frame"), frame_uri)
        .rule(t.say("console-logouts-frame-rule"));
    form.flag(
        "session_management",
        t.say("console-logouts-asks"),
        logout.session_management,
    )
    .rule(t.say("console-logouts-asks-rule"));
    form.flag(
        "weaken_private_address",
        t.say("console-logouts-private"),
        logout.weaken_private_address,
    )
    .rule(t.say("console-logouts-private-rule"));
    let command = format!("{}{}", edit(app), flag("backchannel-logout-uri", &uri));
    finished(form, t.say("console-logouts"), command, view, frame)
}

/// Ways to tokens besides a login in its own browser.
fn grants(view: &AppSettings<'_>, frame: &Frame<'_>) -> Panel {
    let (t, known) = (frame.text(), &view.app.grants);
    let mut form = form("grants", view, frame);
    form.flag("device", t.say("console-grants-device"), known.device)
        .rule(t.say("console-grants-device-rule"));
    form.words(
        "ciba",
        t.say("console-grants-ciba"),
        &known.ciba,
        &[api::Ciba::Off, api::Ciba::On, api::Ciba::Signed],
    )
    .rule(t.say("console-grants-ciba-rule"));
    form.flag("jwt_bearer", t.say("console-grants-jwt-bearer"), known.jwt_bearer)
        .rule(t.say("console-grants-jwt-bearer-rule"));
    let rules: Vec<String> = known.exchange.iter().map(ToString::to_string).collect();
    form.lines("exchange", t.say("console-grants-exchange"), rules.join("\n"))
        .rule(t.say("console-grants-exchange-rule"));
    let command = format!(
        "{}{}{}{}",
        edit(view.app),
        flag("device", &known.device.to_string()),
        flag("ciba", &spelled(&known.ciba)),
        flag("jwt-bearer", &known.jwt_bearer.to_string()),
    );
    finished(form, t.say("console-grants"), command, view, frame)
}

pub(super) fn edit(app: &api::App) -> String {
    format!("doorward app edit {}", word(&app.client_id))
}

pub(super) fn flag(name: &str, value: &str) -> String {
    format!(" --{name} {}", word(value))
}

/// A setting in the word that commands and the API have for it.
pub(super) fn spelled(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(value) => value.to_string(),
        Err(_) => String::new(),
    }
}

/// For reading and changing; nothing when there is nothing.
pub(super) fn json(value: Option<&serde_json::Value>) -> String {
    value
        .and_then(|value| serde_json::to_string_pretty(value).ok())
        .unwrap_or_default()
}
