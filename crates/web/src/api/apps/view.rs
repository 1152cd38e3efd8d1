//! An application as the API shows it.

use doorward_api as api;
use doorward_apps::{
    App, AppKind, ClientAuthentication, Consent, IssuerStyle, Pkce, SecretInfo, UsernameForm, weakened,
};
use doorward_jose::Algorithm;
use doorward_oidc::{RedirectUri, RedirectUris, ScopeSet};
use doorward_provider::Server;

/// An application in a list.
pub(super) fn summary(app: &App) -> api::AppSummary {
    api::AppSummary {
        id: app.id,
        client_id: app.client_id.clone(),
        name: app.name.clone(),
        preset: app.preset.clone(),
        url: app.url.clone(),
        groups: app.scope_maps.iter().map(|map| map.group.clone()).collect(),
        disabled: app.disabled,
    }
}

/// An application with every setting.
pub(super) fn app(server: &Server, app: &App) -> api::App {
    api::App {
        id: app.id,
        client_id: app.client_id.clone(),
        name: app.name.clone(),
        preset: app.preset.clone(),
        url: app.url.clone(),
        start_url: app.start_url.clone(),
        issuer: server.issuer(app).into_owned(),
        issuer_style: match &app.issuer_style {
            IssuerStyle::Server => api::IssuerStyle::Server,
            IssuerStyle::Own => api::IssuerStyle::Own,
            IssuerStyle::Alias(address) => api::IssuerStyle::Alias(address.to_string()),
        },
        redirect_uris: uris(&app.redirect_uris),
        post_logout_redirect_uris: uris(&app.post_logout_redirect_uris),
        kind: match app.kind {
            AppKind::Confidential => api::AppKind::Confidential,
            AppKind::Public => api::AppKind::Public,
        },
        authentication: match app.authentication {
            ClientAuthentication::ClientSecret => api::Authentication::ClientSecret,
            ClientAuthentication::PrivateKeyJwt => api::Authentication::PrivateKeyJwt,
            ClientAuthentication::TlsClientAuth => api::Authentication::TlsClientAuth,
            ClientAuthentication::SelfSignedTlsClientAuth => api::Authentication::SelfSignedTlsClientAuth,
            ClientAuthentication::None => api::Authentication::None,
        },
        jwks: app.jwks.as_ref().and_then(|keys| serde_json::to_value(keys).ok()),
        pkce: match app.pkce {
            Pkce::Required => api::Pkce::Required,
            Pkce::IfSent => api::Pkce::WeakenIfSent,
        },
        id_token_alg: algorithm(app.id_token_alg),
        access_token_alg: algorithm(app.access_token_alg),
        userinfo_signed_alg: app.userinfo_signed_alg.map(algorithm),
        audiences: app
            .audiences
            .client_id
            .then(|| app.client_id.clone())
            .into_iter()
            .chain(app.audiences.extra.iter().cloned())
            .collect(),
        lifetimes: api::Lifetimes {
            code: app.lifetimes.code,
            id_token: app.lifetimes.id_token,
            access_token: app.lifetimes.access_token,
            refresh_token: app.lifetimes.refresh_token,
        },
        scopes: scopes(&app.scopes),
        client_credentials: app.client_credentials,
        scope_map: app
            .scope_maps
            .iter()
            .map(|map| api::ScopeMapEntry {
                group: map.group.clone(),
                scopes: scopes(&map.scopes),
            })
            .collect(),
        consent: match app.consent {
            Consent::Ask => api::Consent::Ask,
            Consent::Skip => api::Consent::Skip,
        },
        usernames: match app.usernames {
            UsernameForm::Short => api::Usernames::Short,
            UsernameForm::Full => api::Usernames::Full,
        },
        // The two forms of a rule are the same JSON.
        claims: app
            .claim_rules
            .iter()
            .filter_map(|rule| serde_json::to_value(rule).and_then(serde_json::from_value).ok())
            .collect(),
        cors_origins: app.cors_origins.clone(),
        expects_refresh: app.expects_refresh,
        expects_userinfo: app.expects_userinfo,
        requests: super::requests::view(app),
        sender: super::sender::view(&app.sender),
        keys: super::keys::view(&app.keys),
        logout: super::logout::settings(app),
        grants: super::grants::view(&app.grants),
        redirect_suggestions: app.taken_over.redirect_suggestions.clone(),
        disabled: app.disabled,
        created: app.created,
        updated: app.changed,
        weakened: weakened(app)
            .into_iter()
            .map(|setting| api::Weakened {
                name: setting.name.to_owned(),
                meaning: setting.meaning,
                undo: setting.undo,
            })
            .collect(),
    }
}

/// A secret, on explicit demand.
pub(super) fn secret(client_id: String, shown: &SecretInfo) -> api::SecretShown {
    api::SecretShown {
        client_id,
        secret: shown.secret.expose().to_owned(),
        created: shown.created,
        previous_until: shown.previous_until,
    }
}

/// Scopes in their order.
pub(in crate::api) fn scopes(set: &ScopeSet) -> Vec<String> {
    set.iter().map(str::to_owned).collect()
}

fn uris(set: &RedirectUris) -> Vec<String> {
    set.iter().map(RedirectUri::as_str).map(str::to_owned).collect()
}

pub(in crate::api) fn algorithm(algorithm: Algorithm) -> api::SigningAlg {
    match algorithm {
        Algorithm::RS256 => api::SigningAlg::RS256,
        Algorithm::PS256 => api::SigningAlg::PS256,
        Algorithm::ES256 => api::SigningAlg::ES256,
        Algorithm::EdDSA => api::SigningAlg::EdDSA,
    }
}
