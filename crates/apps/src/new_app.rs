//! A new application, from a preset and the address that an administrator typed.

use doorward_oidc::{RedirectUris, Refusal, shown};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    AccessTokenAudiences, App, AppUrl, Edit, GrantSettings, IssuerStyle, KeySettings, LogoutSettings, Preset,
    RequestSettings, SenderSettings, TakenOver, apply, presets, refusals, values,
};

/// An application to add: `doorward app add <preset> <url> [--name CLIENT_ID] [--title NAME]`.
#[derive(Debug, Clone, Default)]
pub struct NewApp {
    /// Id or alias of a preset.
    pub preset: String,
    /// Where the application lives, as an administrator types it.
    pub url: String,
    /// Its client id; the preset's id when absent.
    pub client_id: Option<String>,
    /// The name that people read; the preset's title when absent, or the client id where no preset knows the application.
    pub name: Option<String>,
    /// What differs from the preset.
    pub edits: Vec<Edit>,
    /// Who is let in from the start: group and scopes, those of the preset when absent.
    pub scope_maps: Vec<(String, Option<doorward_oidc::ScopeSet>)>,
}

impl NewApp {
    /// The application as it would be added. Pure.
    pub fn build(&self, id: Uuid, now: Timestamp) -> Result<App, Refusal> {
        self.build_from(presets().require(&self.preset)?, id, now)
    }

    /// As [`NewApp::build`], from a preset that need not be among those that are known.
    pub fn build_from(&self, preset: &Preset, id: Uuid, now: Timestamp) -> Result<App, Refusal> {
        let url = AppUrl::parse(&self.url)?;
        let client_id = self.client_id.as_deref().unwrap_or(&preset.id);
        check_client_id(client_id)?;
        let mut app = from_preset(preset, &url, client_id)?;
        app.id = id;
        app.created = now;
        app.changed = now;
        // Of an application that no preset knows, the client id says more than the preset's title.
        let unknown = self.client_id.as_deref().filter(|_| preset.id == "generic");
        if let Some(name) = self.name.as_deref().or(unknown) {
            app.name = values::display_name(name)?;
        }
        apply(&app, &self.edits)
    }
}

fn from_preset(preset: &Preset, url: &AppUrl, client_id: &str) -> Result<App, Refusal> {
    let at = |template: &String| Preset::at(template, url.as_str());
    let register = |templates: &[String]| {
        let uris: Vec<String> = templates.iter().map(at).collect();
        RedirectUris::register(uris.iter().map(String::as_str))
    };
    Ok(App {
        id: Uuid::nil(),
        client_id: client_id.to_owned(),
        created: Timestamp::UNIX_EPOCH,
        changed: Timestamp::UNIX_EPOCH,
        disabled: false,
        secrets: Vec::new(),
        scope_maps: Vec::new(),
        name: preset.title.clone(),
        preset: preset.id.clone(),
        url: url.as_str().to_owned(),
        start_url: preset.start_url.as_ref().map(at),
        redirect_uris: register(&preset.redirect_uris)?,
        post_logout_redirect_uris: register(&preset.post_logout_redirect_uris)?,
        kind: preset.kind,
        authentication: preset.authentication,
        jwks: None,
        pkce: preset.pkce.policy,
        id_token_alg: preset.id_token_alg,
        access_token_alg: preset.access_token_alg,
        userinfo_signed_alg: None,
        audiences: AccessTokenAudiences::default(),
        lifetimes: preset.lifetimes,
        scopes: preset.scopes.clone(),
        client_credentials: false,
        consent: preset.consent,
        usernames: preset.usernames,
        claim_rules: preset.claim_rules.clone(),
        cors_origins: Vec::new(),
        expects_refresh: preset.expects_refresh,
        expects_userinfo: preset.expects_userinfo,
        issuer_style: IssuerStyle::Server,
        requests: RequestSettings::default(),
        sender: SenderSettings::default(),
        keys: KeySettings::default(),
        logout: LogoutSettings {
            backchannel_uri: preset.backchannel_logout_uri.as_ref().map(at),
            ..LogoutSettings::default()
        },
        grants: GrantSettings::default(),
        taken_over: TakenOver::default(),
    })
}

/// An application that no preset knows and that has no address: what a client that registers itself begins with.
pub(crate) fn unknown(id: Uuid, client_id: &str, now: Timestamp) -> Result<App, Refusal> {
    let preset = presets().require("generic")?;
    let mut app = from_preset(preset, &AppUrl::parse("https://client.invalid")?, client_id)?;
    (app.id, app.created, app.changed) = (id, now, now);
    Ok(app)
}

/// Refuses what cannot be a client id: `[A-Za-z0-9_-]{1,64}`.
pub fn check_client_id(text: &str) -> Result<(), Refusal> {
    let fits = (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if fits {
        return Ok(());
    }
    let suggestion: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .take(64)
        .collect();
    let suggestion = suggestion.trim_matches('-');
    Err(Refusal::response(
        &refusals::APP_NAME_INVALID,
        format!(
            "expected 1 to 64 characters of A-Z a-z 0-9 _ -, received `{}`",
            shown(text)
        ),
    )
    .with_remedy(if suggestion.is_empty() {
        "for example: netbox".to_owned()
    } else {
        format!("for example: {suggestion}")
    }))
}
