//! What the tests of this crate stand on: one application, one person, one server.

use doorward_apps::{
    AccessTokenAudiences, App, AppKind, ClientAuthentication, Consent, GrantSettings, IssuerStyle, Lifetimes,
    LogoutSettings, Pkce, ScopeMap, UsernameForm,
};
use doorward_directory::{Attributes, Facts, User, UserKind, UserName};
use doorward_jose::{Algorithm, SigningKey, SystemRandom};
use doorward_oidc::{ClaimsRequest, RedirectUris, ScopeSet};
use jiff::Timestamp;
use uuid::Uuid;

use crate::rotation::KeyState;
use crate::{GrantFacts, Issued, KeyRing, Mint, RingKey, Server};

pub(crate) const NOW: i64 = 1_800_000_000;

/// A server with keys of its own. RSA keys take long to make, so tests use the elliptic ones.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) keys: KeyRing,
    random: SystemRandom,
}

impl World {
    pub(crate) fn new() -> Self {
        let key = |algorithm| RingKey {
            key: SigningKey::generate(algorithm).unwrap().key,
            state: KeyState::Active,
            activates_at: NOW - 10,
        };
        Self {
            server: Server::new("https://sso.example.com/"),
            keys: KeyRing::new([key(Algorithm::ES256), key(Algorithm::EdDSA)]).unwrap(),
            random: SystemRandom,
        }
    }

    pub(crate) fn mint(&self) -> Mint<'_> {
        Mint {
            server: &self.server,
            keys: &self.keys,
            now: NOW,
            random: &self.random,
            confirmation: crate::Confirmation::NONE,
        }
    }

    pub(crate) fn issued(&self, app: &App, list: &str) -> Issued {
        crate::issue::issue(self.mint(), app, &facts(), &grant(list), scope(list)).unwrap()
    }
}

pub(crate) fn scope(list: &str) -> ScopeSet {
    ScopeSet::parse(list).unwrap()
}

pub(crate) fn app() -> App {
    App {
        id: Uuid::from_u128(1),
        client_id: "netbox".to_owned(),
        created: Timestamp::UNIX_EPOCH,
        changed: Timestamp::UNIX_EPOCH,
        disabled: false,
        secrets: Vec::new(),
        scope_maps: vec![ScopeMap {
            group_id: Some(Uuid::from_u128(2)),
            group: "netbox_users".to_owned(),
            scopes: scope("openid profile email groups offline_access"),
        }],
        name: "NetBox".to_owned(),
        preset: "netbox".to_owned(),
        url: "https://netbox.example.com".to_owned(),
        start_url: None,
        redirect_uris: RedirectUris::register(["https://netbox.example.com/oauth/complete/oidc/"]).unwrap(),
        post_logout_redirect_uris: RedirectUris::register(["https://netbox.example.com/"]).unwrap(),
        kind: AppKind::Confidential,
        authentication: ClientAuthentication::ClientSecret,
        jwks: None,
        pkce: Pkce::Required,
        id_token_alg: Algorithm::ES256,
        access_token_alg: Algorithm::ES256,
        userinfo_signed_alg: None,
        audiences: AccessTokenAudiences::default(),
        lifetimes: Lifetimes::default(),
        scopes: scope("openid profile email groups"),
        client_credentials: false,
        consent: Consent::Skip,
        usernames: UsernameForm::Short,
        claim_rules: Vec::new(),
        cors_origins: Vec::new(),
        expects_refresh: false,
        expects_userinfo: false,
        issuer_style: IssuerStyle::Server,
        requests: doorward_apps::RequestSettings::default(),
        sender: doorward_apps::SenderSettings::default(),
        keys: doorward_apps::KeySettings::default(),
        logout: LogoutSettings::default(),
        grants: GrantSettings::default(),
        taken_over: doorward_apps::TakenOver::default(),
    }
}

pub(crate) fn facts() -> Facts {
    let mut attributes = Attributes::new();
    attributes.set("given_name", "Alice");
    attributes.set("department", "net");
    Facts {
        user: User {
            expires: None,
            deletion: None,
            theme: doorward_directory::Theme::Browser,
            id: Uuid::from_u128(7),
            name: UserName::parse("alice").unwrap(),
            kind: UserKind::Person,
            display_name: "Alice Example".to_owned(),
            email: Some("alice@example.com".to_owned()),
            email_verified: true,
            attributes,
            disabled: false,
            has_password: true,
            created: Timestamp::UNIX_EPOCH,
            updated: Timestamp::from_second(1_700_000_000).unwrap(),
            last_login: None,
        },
        groups: vec!["admins".to_owned(), "netbox_users".to_owned()],
        group_ids: vec![Uuid::from_u128(21), Uuid::from_u128(22)],
        direct_groups: vec!["admins".to_owned(), "netbox_users".to_owned()],
        roles: Vec::new(),
        managed_groups: Vec::new(),
        accepted_terms: 0,
    }
}

pub(crate) fn grant(list: &str) -> GrantFacts {
    GrantFacts {
        id: Uuid::from_u128(5),
        session_id: Some(Uuid::from_u128(9)),
        scope: scope(list),
        claims: ClaimsRequest::default(),
        auth_time: NOW - 60,
        amr: vec!["pwd".to_owned()],
        acr: None,
        nonce: Some("n-1".to_owned()),
        extent: crate::Extent::default(),
    }
}
