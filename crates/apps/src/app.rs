//! An application as the rules see it: one value, everything that a request needs to be judged.

use doorward_claims::Rule;
use doorward_jose::{Algorithm, JwkSet};
use doorward_oidc::{RedirectUris, ScopeSet};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    AliasAddress, GrantSettings, KeySettings, Lifetimes, LogoutSettings, RequestSettings, SecretHash, SenderSettings,
    TakenOver,
};

/// One application: an OpenID Connect client (OpenID Connect Dynamic Client Registration §2 names most of these).
///
/// Stored as a row and a JSON document; the row's own columns, the secrets and the scope maps are not in the document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, and they combine freely"
)]
pub struct App {
    /// Time-ordered id, the key of every row that belongs to the application.
    #[serde(skip)]
    pub id: Uuid,
    /// What the administrator typed, what the application sends: `netbox`. `[A-Za-z0-9_-]{1,64}`.
    #[serde(skip)]
    pub client_id: String,
    /// When it was added.
    #[serde(skip)]
    pub created: Timestamp,
    /// When its settings, secrets or scope maps last changed.
    #[serde(skip)]
    pub changed: Timestamp,
    /// No login and no token while this is set; nothing is deleted.
    #[serde(skip)]
    pub disabled: bool,
    /// Verification hashes of the secrets, newest first, at most two.
    #[serde(skip)]
    pub secrets: Vec<SecretHash>,
    /// Who gets in, and with which scopes.
    #[serde(skip)]
    pub scope_maps: Vec<ScopeMap>,

    /// The name that people read on the login and consent pages: `NetBox`.
    pub name: String,
    /// The preset it was added from.
    pub preset: String,
    /// Base URL of the application, without a trailing slash; empty for an application without one.
    pub url: String,
    /// Where the start page's tile leads.
    pub start_url: Option<String>,
    /// Redirect URIs, compared as bytes.
    pub redirect_uris: RedirectUris,
    /// Where a logout may end (OpenID Connect RP-Initiated Logout §3.1), compared as bytes.
    pub post_logout_redirect_uris: RedirectUris,
    /// Whether it can keep a secret (RFC 6749 §2.1).
    pub kind: AppKind,
    /// How it authenticates at the token endpoint.
    pub authentication: ClientAuthentication,
    /// Public keys of an application that authenticates with `private_key_jwt` (RFC 7523), unless it publishes them.
    pub jwks: Option<JwkSet>,
    /// Whether an authorization request without a code challenge is refused (RFC 7636).
    pub pkce: Pkce,
    /// How its ID tokens are signed.
    pub id_token_alg: Algorithm,
    /// How its access tokens are signed (RFC 9068).
    pub access_token_alg: Algorithm,
    /// Signed userinfo, only for an application that asked for it: several libraries fail on a JWT there.
    pub userinfo_signed_alg: Option<Algorithm>,
    /// Audiences of the access token.
    pub audiences: AccessTokenAudiences,
    /// Lifetimes of what is issued to it.
    pub lifetimes: Lifetimes,
    /// Scopes that the application requests by its preset's configuration; what a scope map without scopes of its own grants.
    pub scopes: ScopeSet,
    /// Whether it may log in as itself by client_credentials (RFC 6749 §4.4), for scopes out of [`App::scopes`].
    pub client_credentials: bool,
    /// Whether the person is asked before the first login.
    pub consent: Consent,
    /// The form of `preferred_username`.
    pub usernames: UsernameForm,
    /// Additional claims, in order; see [`doorward_claims::apply`].
    pub claim_rules: Vec<Rule>,
    /// Origins whose browser code may push requests and call the token, userinfo and revocation endpoints.
    pub cors_origins: Vec<String>,
    /// A refresh token is issued even when `offline_access` was not asked for.
    pub expects_refresh: bool,
    /// The application calls userinfo after each login: a trace without that call says so.
    pub expects_userinfo: bool,
    /// Which issuer its tokens name.
    pub issuer_style: IssuerStyle,
    /// What its authorization requests may look like.
    #[serde(default)]
    pub requests: RequestSettings,
    /// What its tokens are bound to.
    #[serde(default)]
    pub sender: SenderSettings,
    /// What follows from keys that it holds.
    #[serde(default)]
    pub keys: KeySettings,
    /// How it learns of a logout.
    #[serde(default)]
    pub logout: LogoutSettings,
    /// Ways to tokens besides a login in its own browser.
    #[serde(default)]
    pub grants: GrantSettings,
    /// What is known of it from the provider that it was taken over from.
    #[serde(default)]
    pub taken_over: TakenOver,
}

/// Whether the application can keep a secret (RFC 6749 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppKind {
    /// Runs on a server.
    Confidential,
    /// Runs in a browser or on a person's machine; PKCE is always required of it.
    Public,
}

/// How the application authenticates at the token endpoint. Never downgraded: a request by another method is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// Its secret, as client_secret_basic or client_secret_post, whichever comes: libraries disagree, and the two are
    /// equally strong (RFC 6749 §2.3.1).
    ClientSecret,
    /// A signed assertion (RFC 7523 §2.2).
    PrivateKeyJwt,
    /// A certificate with a registered name, of an authority that is configured for clients (RFC 8705 §2.1).
    TlsClientAuth,
    /// A certificate with one of its registered keys (RFC 8705 §2.2).
    SelfSignedTlsClientAuth,
    /// None: a public client.
    None,
}

impl ClientAuthentication {
    /// The method names of OpenID Connect Core §9 that this allows.
    pub fn method_names(self) -> &'static [&'static str] {
        match self {
            Self::ClientSecret => &["client_secret_basic", "client_secret_post"],
            Self::PrivateKeyJwt => &["private_key_jwt"],
            Self::TlsClientAuth => &["tls_client_auth"],
            Self::SelfSignedTlsClientAuth => &["self_signed_tls_client_auth"],
            Self::None => &["none"],
        }
    }
}

/// Whether PKCE is demanded. Once sent, a challenge is always verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pkce {
    /// A request without a code challenge is refused.
    Required,
    /// A request without a code challenge is accepted: weaker, for applications that cannot send one.
    IfSent,
}

/// Whether the person is asked before an application is given their data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// Asked once for each set of scopes, and remembered.
    Ask,
    /// Never asked: the administrator decided for the organisation.
    Skip,
}

/// The form of `preferred_username`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UsernameForm {
    /// `alice`
    Short,
    /// `alice@example.com`: the name at the server's domain.
    Full,
}

/// Which issuer the application's tokens name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssuerStyle {
    /// The server's public URL.
    Server,
    /// `<public URL>/apps/<client_id>`: an issuer of its own.
    Own,
    /// The one of the provider that was there before, written as its address.
    #[serde(untagged)]
    Alias(AliasAddress),
}

/// Audiences of an access token (RFC 9068 §3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessTokenAudiences {
    /// The client id is among them: several applications verify their own access token and expect it.
    pub client_id: bool,
    /// Further audiences: resource servers.
    pub extra: Vec<String>,
}

impl Default for AccessTokenAudiences {
    fn default() -> Self {
        Self {
            client_id: true,
            extra: Vec::new(),
        }
    }
}

/// Members of a group get these scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeMap {
    /// The group; `None` for everyone. An actual group that is called `everyone` is not that.
    pub group_id: Option<Uuid>,
    /// The group's plain name as it is now, or [`crate::EVERYONE`].
    pub group: String,
    /// What the group's members may be granted.
    pub scopes: ScopeSet,
}
