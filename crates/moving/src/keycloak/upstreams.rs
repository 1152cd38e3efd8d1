//! Identity providers, as upstreams that are switched off until their new redirect URI is known there.

use doorward_oidc::ScopeSet;
use doorward_upstreams::{Authentication, Edit, NewUpstream};

use super::export::{IdentityProvider, Realm};
use crate::{Kind, Outcome, Report};

/// The name here for an alias there: `[a-z0-9-]{1,40}`.
pub(super) fn name(alias: &str) -> String {
    let plain = |c: char| {
        let c = c.to_ascii_lowercase();
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            c
        } else {
            '-'
        }
    };
    let name: String = alias.chars().map(plain).take(40).collect();
    let name = name.trim_matches('-');
    if name.is_empty() {
        "upstream".to_owned()
    } else {
        name.to_owned()
    }
}

pub(super) fn read(realm: &mut Realm, report: &mut Report) -> Vec<NewUpstream> {
    let mut all = Vec::new();
    for provider in std::mem::take(&mut realm.identity_providers) {
        if let Some(new) = upstream(&provider, report) {
            let what = "the provider becomes an upstream that is switched off: it must know the redirect URI that this server has";
            let remedy = "doorward upstream show NAME prints it; register it there, then doorward upstream edit NAME --enabled on";
            report.note(Outcome::Translated, Kind::Upstream, what, Some(remedy), &provider.alias);
            all.push(new);
        }
    }
    if !realm.identity_provider_mappers.is_empty() {
        let what = "mappers of identity providers do not come: rules for logins do what they did";
        let remedy = "docs/claims.md; try them with doorward claims test";
        report.note(Outcome::Left, Kind::Upstream, what, Some(remedy), "");
    }
    all
}

fn upstream(provider: &IdentityProvider, report: &mut Report) -> Option<NewUpstream> {
    let config = &provider.config;
    let issuer = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let (preset, issuer) = match provider.provider_id.as_str() {
        "oidc" => ("generic", issuer(&config.issuer)),
        "keycloak-oidc" => ("keycloak", issuer(&config.issuer)),
        "google" => ("google", None),
        "github" => ("github", None),
        "gitlab" => ("gitlab", None),
        "microsoft" if !config.tenant_id.is_empty() => (
            "entra",
            Some(format!("https://login.microsoftonline.com/{}/v2.0", config.tenant_id)),
        ),
        other => {
            let what = format!(
                "identity providers of kind `{}` cannot come",
                crate::report::bounded(other)
            );
            let remedy = "SAML and social logins beside Google, GitHub, GitLab and Microsoft are not spoken; if it speaks OpenID \
                          Connect too: doorward upstream add generic";
            report.note(Outcome::Left, Kind::Upstream, what, Some(remedy), &provider.alias);
            return None;
        }
    };
    if issuer.is_none() && matches!(preset, "generic" | "keycloak") {
        let what = "the provider has no issuer in the export, only addresses";
        let remedy = "Add it by its issuer: doorward upstream add generic --issuer URL";
        report.note(Outcome::Left, Kind::Upstream, what, Some(remedy), &provider.alias);
        return None;
    }
    let secret = config.client_secret.clone().filter(|secret| {
        let text = secret.expose();
        !text.is_empty() && !text.chars().all(|c| c == '*')
    });
    if secret.is_none() {
        let what = "the export does not hold the secret that the provider gave";
        let remedy = "Export with kc.sh export, which writes secrets; or doorward upstream add";
        report.note(Outcome::Left, Kind::Upstream, what, Some(remedy), &provider.alias);
        return None;
    }
    let mut edits = vec![Edit::Enabled(false)];
    if !provider.display_name.trim().is_empty() {
        edits.push(Edit::Title(provider.display_name.trim().chars().take(60).collect()));
    }
    edits.push(Edit::Button(!provider.hide_on_login));
    if matches!(preset, "generic" | "keycloak") {
        match config.client_auth_method.as_str() {
            "client_secret_post" => edits.push(Edit::Authentication(Authentication::ClientSecretPost)),
            "client_secret_basic" => edits.push(Edit::Authentication(Authentication::ClientSecretBasic)),
            "" => {}
            _ => {
                let what = "it was spoken to with a signed assertion; that key does not come";
                let remedy =
                    "Add it with a key of this server: doorward upstream add generic --authentication private_key_jwt";
                report.note(Outcome::Left, Kind::Upstream, what, Some(remedy), &provider.alias);
                return None;
            }
        }
        if let Ok(scopes) = ScopeSet::parse(&config.default_scope)
            && scopes.contains("openid")
        {
            edits.push(Edit::Scopes(scopes));
        }
    }
    if provider.trust_email {
        edits.push(Edit::TrustedEmail(true));
    }
    if provider.link_only {
        edits.push(Edit::CreateUsers(false));
    }
    Some(NewUpstream {
        preset: preset.to_owned(),
        name: name(&provider.alias),
        issuer,
        client_id: config.client_id.clone(),
        secret,
        edits,
    })
}
