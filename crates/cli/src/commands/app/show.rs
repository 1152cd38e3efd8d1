//! An application, for people.

use doorward_api::{App, AppKind, Consent, Pkce, Usernames};

use super::show_requests;
use crate::{
    failure::Failure,
    output::{Output, instant, mark, wrap},
    span,
};

/// Every setting that says something.
pub(super) fn print(app: &App, output: &Output) -> Result<(), Failure> {
    let kind = match app.kind {
        AppKind::Confidential => "confidential",
        AppKind::Public => "public",
    };
    let authentication = word(&app.authentication);
    let pkce = match app.pkce {
        Pkce::Required => "required",
        Pkce::WeakenIfSent => "weaken-if-sent",
    };
    let algorithms = format!(
        "{} (ID token), {} (access token)",
        word(&app.id_token_alg),
        word(&app.access_token_alg)
    );
    let lifetimes = format!(
        "code {}, ID token {}, access token {}, refresh token {}",
        span::show(app.lifetimes.code),
        span::show(app.lifetimes.id_token),
        span::show(app.lifetimes.access_token),
        span::show(app.lifetimes.refresh_token)
    );
    let who: Vec<String> = app
        .scope_map
        .iter()
        .map(|entry| format!("{} ({})", entry.group, entry.scopes.join(" ")))
        .collect();
    let claims: Vec<String> = app.claims.iter().map(ToString::to_string).collect();
    let mut also = Vec::new();
    also.extend(app.expects_refresh.then_some("expects a refresh token"));
    also.extend(app.expects_userinfo.then_some("calls userinfo"));
    also.extend(app.client_credentials.then_some("may log in as itself"));
    let mut rows = vec![
        ("client id", app.client_id.clone()),
        ("name", app.name.clone()),
        ("state", mark(app.disabled, "disabled")),
        ("preset", app.preset.clone()),
        ("url", app.url.clone()),
        ("start page", app.start_url.clone().unwrap_or_default()),
        ("issuer", app.issuer.clone()),
        ("redirect URIs", app.redirect_uris.join("\n")),
        ("suggested", app.redirect_suggestions.join("\n")),
        ("logout URIs", app.post_logout_redirect_uris.join("\n")),
        ("told of logouts", super::logout::shown(&app.logout)),
        ("kind", format!("{kind}, authenticates with {authentication}")),
        ("pkce", pkce.to_owned()),
        ("signed with", algorithms),
        (
            "userinfo",
            app.userinfo_signed_alg
                .as_ref()
                .map(|alg| format!("signed with {}", word(alg)))
                .unwrap_or_default(),
        ),
        ("audiences", app.audiences.join(", ")),
        ("lifetimes", lifetimes),
        (
            "who may",
            if who.is_empty() {
                "nobody yet".to_owned()
            } else {
                who.join("\n")
            },
        ),
        ("asks for", app.scopes.join(" ")),
        (
            "people are",
            if app.consent == Consent::Ask {
                "asked once"
            } else {
                "not asked"
            }
            .to_owned(),
        ),
        (
            "user names",
            if app.usernames == Usernames::Short {
                "short"
            } else {
                "full"
            }
            .to_owned(),
        ),
        ("claims", claims.join("\n")),
        ("CORS origins", app.cors_origins.join("\n")),
        ("other ways", super::grants::lines(&app.grants)),
        ("also", also.join(", ")),
        ("added", instant(app.created)),
        ("changed", instant(app.updated)),
    ];
    rows.extend(super::sender::shown(&app.sender));
    rows.extend(super::keys::shown(&app.keys));
    rows.extend(show_requests::rows(&app.requests));
    output.fields(&rows)?;
    weakened(app, output)?;
    show_requests::profile(app, output)?;
    who_if_nobody(app, output)
}

/// Each weakened setting, by its loud name.
pub(super) fn weakened(app: &App, output: &Output) -> Result<(), Failure> {
    for setting in &app.weakened {
        output.aside(format!(
            "\nWeakened: {}\n{}\nBack to strict: {}",
            setting.name,
            wrap(&setting.meaning),
            setting.undo
        ))?;
    }
    Ok(())
}

/// Who may use it.
pub(super) fn who(app: &App, output: &Output) -> Result<(), Failure> {
    if app.scope_map.is_empty() {
        return who_if_nobody(app, output);
    }
    let groups: Vec<&str> = app.scope_map.iter().map(|entry| entry.group.as_str()).collect();
    output.aside(format!("\nMembers of {} may use it.", groups.join(", ")))
}

fn who_if_nobody(app: &App, output: &Output) -> Result<(), Failure> {
    if app.scope_map.is_empty() {
        output.aside(format!(
            "\nNobody may use it yet. Try: doorward app allow {} <group>",
            app.client_id
        ))?;
    }
    Ok(())
}

/// The API's own word for a setting.
pub(super) fn word(setting: &impl serde::Serialize) -> String {
    serde_json::to_value(setting)
        .map(|value| crate::output::value(&value))
        .unwrap_or_default()
}
