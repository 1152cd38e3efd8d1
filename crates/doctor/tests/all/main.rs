//! The doctor's crate from outside: one file for each thing that it does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on says so by panicking"
)]

mod request;
mod walk;

use doorward_apps::{
    AccessTokenAudiences, App, AppKind, ClientAuthentication, Consent, GrantSettings, IssuerStyle, KeySettings,
    Lifetimes, LogoutSettings, Pkce, RequestSettings, ScopeMap, SenderSettings, UsernameForm,
};
use doorward_jose::Algorithm;
use doorward_oidc::{RedirectUris, ScopeSet};
use jiff::Timestamp;
use uuid::Uuid;

/// NetBox at that address, as its preset registers it.
fn netbox(url: &str) -> App {
    let scopes = ScopeSet::parse("openid profile email groups").unwrap();
    App {
        id: Uuid::from_u128(1),
        client_id: "netbox".to_owned(),
        created: Timestamp::UNIX_EPOCH,
        changed: Timestamp::UNIX_EPOCH,
        disabled: false,
        secrets: Vec::new(),
        scope_maps: vec![ScopeMap {
            group_id: None,
            group: "everyone".to_owned(),
            scopes: scopes.clone(),
        }],
        name: "NetBox".to_owned(),
        preset: "netbox".to_owned(),
        url: url.to_owned(),
        start_url: None,
        redirect_uris: RedirectUris::register([format!("{url}/oauth/complete/oidc/").as_str()]).unwrap(),
        post_logout_redirect_uris: RedirectUris::default(),
        kind: AppKind::Confidential,
        authentication: ClientAuthentication::ClientSecret,
        jwks: None,
        pkce: Pkce::Required,
        id_token_alg: Algorithm::RS256,
        access_token_alg: Algorithm::ES256,
        userinfo_signed_alg: None,
        audiences: AccessTokenAudiences::default(),
        lifetimes: Lifetimes::default(),
        scopes,
        client_credentials: false,
        consent: Consent::Skip,
        usernames: UsernameForm::Short,
        claim_rules: Vec::new(),
        cors_origins: Vec::new(),
        expects_refresh: false,
        expects_userinfo: true,
        issuer_style: IssuerStyle::Server,
        requests: RequestSettings::default(),
        sender: SenderSettings::default(),
        keys: KeySettings::default(),
        logout: LogoutSettings::default(),
        grants: GrantSettings::default(),
        taken_over: doorward_apps::TakenOver::default(),
    }
}
