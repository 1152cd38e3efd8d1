//! Applications that people log in to (OpenID Connect clients).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

mod change;
mod grants;
mod keys;
mod logout;
mod requests;
mod sender;
mod settings;
mod shown;
mod typed_claim;

pub use change::{AppChange, NewApp, NewScopeMapEntry, RotateSecret, ScopeMapChange};
pub use grants::{Ciba, ExchangeKind, ExchangeRule, GrantTypes, GrantTypesChange};
pub use keys::{KeySettings, KeySettingsChange, RefreshTokens};
pub use logout::{AppLogout, AppLogoutChange, Logout, LogoutCause, LogoutState, Logouts, LogoutsRetried};
pub use requests::{AppProfile, ProfileRequirement, RequestSettings, RequestSettingsChange};
pub use sender::{ContentEncryption, Dpop, Encrypted, SenderChange, SenderSettings};
pub use settings::{
    AppKind, Authentication, ByGroup, ClaimDestination, ClaimFormat, ClaimRule, Consent, IssuerStyle, Lifetimes,
    LifetimesChange, Pkce, SigningAlg, Usernames,
};
pub use shown::{
    AppAdded, Preview, PreviewRequest, PreviewStep, SecretShown, Snippet, SnippetNote, SnippetPart, SnippetQuery,
    SnippetWay,
};

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent setting of an application"
)]
/// An application, with every setting. Its secret is shown by an operation of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct App {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// What it calls itself at the protocol endpoints.
    #[schema(examples("netbox"))]
    pub client_id: String,
    /// What people see.
    pub name: String,
    /// The preset it was added with.
    pub preset: String,
    /// Where it lives; empty for an application without an address.
    pub url: String,
    /// Where the start page's tile leads; the URL when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_url: Option<String>,
    /// The issuer to configure in it.
    pub issuer: String,
    /// Which issuer its tokens name: `server`, `own`, or the address of an alias.
    #[schema(value_type = String, examples("server"))]
    pub issuer_style: IssuerStyle,
    /// Where logins may be sent back to, compared byte by byte.
    pub redirect_uris: Vec<String>,
    /// Where a logout may end.
    pub post_logout_redirect_uris: Vec<String>,
    /// Confidential or public.
    pub kind: AppKind,
    /// How it authenticates.
    pub authentication: Authentication,
    /// Its public keys, for `private_key_jwt`, unless it publishes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub jwks: Option<Value>,
    /// Whether PKCE is demanded.
    pub pkce: Pkce,
    /// What ID tokens are signed with.
    pub id_token_alg: SigningAlg,
    /// What access tokens are signed with.
    pub access_token_alg: SigningAlg,
    /// What the userinfo answer is signed with; plain JSON when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_alg: Option<SigningAlg>,
    /// Audiences of its access tokens.
    pub audiences: Vec<String>,
    /// Lifetimes in force.
    pub lifetimes: Lifetimes,
    /// The scopes that it asks for, and that a scope map without scopes of its own grants.
    pub scopes: Vec<String>,
    /// Whether it may log in as itself (client credentials).
    pub client_credentials: bool,
    /// Who may use it; nobody while empty.
    pub scope_map: Vec<ScopeMapEntry>,
    /// Whether people are asked.
    pub consent: Consent,
    /// The form of `preferred_username`.
    pub usernames: Usernames,
    /// Claims of its own, in order; a later one overrides an earlier one at the same place.
    pub claims: Vec<ClaimRule>,
    /// Origins whose scripts may push requests and call the token, userinfo and revocation endpoints.
    pub cors_origins: Vec<String>,
    /// Whether it gets a refresh token without asking for `offline_access`.
    pub expects_refresh: bool,
    /// Whether it calls userinfo after each login.
    pub expects_userinfo: bool,
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
    pub logout: AppLogout,
    /// Ways to tokens besides a login in its own browser.
    #[serde(default)]
    pub grants: GrantTypes,
    /// Redirect URIs with a wildcard, of an import: nothing is compared with them; they say what to look for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redirect_suggestions: Vec<String>,
    /// Nobody can log in to a disabled application.
    pub disabled: bool,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When its settings, secrets or scope map last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated: Timestamp,
    /// Each setting that is weaker than the default, by its loud name.
    #[serde(default)]
    pub weakened: Vec<Weakened>,
}

/// Members of a group may get these scopes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ScopeMapEntry {
    /// The group, by name; `everyone` for everybody.
    #[schema(examples("netbox_users"))]
    pub group: String,
    /// The scopes its members may get.
    pub scopes: Vec<String>,
}

/// A setting that is weaker than the default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Weakened {
    /// Its loud name: `weaken-pkce-if-sent`.
    pub name: String,
    /// What it costs.
    pub meaning: String,
    /// What to type to have the strict setting back.
    pub undo: String,
}

/// An application in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AppSummary {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// What it calls itself.
    pub client_id: String,
    /// What people see.
    pub name: String,
    /// The preset it was added with.
    pub preset: String,
    /// Where it lives.
    pub url: String,
    /// Groups that may use it.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Whether it is disabled.
    #[serde(default)]
    pub disabled: bool,
}
