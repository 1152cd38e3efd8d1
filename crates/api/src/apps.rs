//! Applications that people log in to (OpenID Connect clients).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

mod change;
mod settings;
mod shown;

pub use change::{AppChange, NewApp, NewScopeMapEntry, RotateSecret, ScopeMap};
pub use settings::{
    AuthMethod, ClaimRule, Client, Consent, IssuerStyle, Lifetimes, PkcePolicy, SigningAlg, UsernameStyle,
};
pub use shown::{AppAdded, Preview, PreviewRequest, PreviewStep, SecretShown, Snippet, SnippetPart};

/// Who may use the application: members of `group` may get these scopes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeMapEntry {
    /// The group, by name.
    #[schema(examples("netbox_users"))]
    pub group: String,
    /// The scopes its members may get.
    pub scopes: Vec<String>,
}

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
    /// Where it lives.
    pub url: String,
    /// Where logins may be sent back to, compared byte by byte.
    pub redirect_uris: Vec<String>,
    /// Where logouts may be sent to.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Confidential or public.
    pub kind: Client,
    /// How it authenticates.
    pub auth_method: AuthMethod,
    /// Its public keys, for `private_key_jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub jwks: Option<Value>,
    /// Whether PKCE is demanded.
    pub pkce: PkcePolicy,
    /// What ID tokens are signed with.
    pub id_token_alg: SigningAlg,
    /// What access tokens are signed with.
    pub access_token_alg: SigningAlg,
    /// What the userinfo answer is signed with; plain JSON when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_alg: Option<SigningAlg>,
    /// Audiences of access tokens besides the client id.
    #[serde(default)]
    pub audiences: Vec<String>,
    /// Lifetimes that differ from the server's.
    #[serde(default)]
    pub lifetimes: Lifetimes,
    /// Who may use it; nobody while empty.
    #[serde(default)]
    pub scope_map: Vec<ScopeMapEntry>,
    /// Whether people are asked.
    pub consent: Consent,
    /// What `preferred_username` says.
    pub username: UsernameStyle,
    /// Claims of its own.
    #[serde(default)]
    pub claims: Vec<ClaimRule>,
    /// Origins whose scripts may call the token and userinfo endpoints.
    #[serde(default)]
    pub cors_origins: Vec<String>,
    /// Whether it gets a refresh token without asking for `offline_access`.
    #[serde(default)]
    pub refresh_always: bool,
    /// Whether it may log in as itself (client credentials).
    #[serde(default)]
    pub client_credentials: bool,
    /// Under which issuer it sees this server.
    pub issuer_style: IssuerStyle,
    /// The issuer to configure in it.
    #[serde(default)]
    pub issuer: String,
    /// Where the start page's tile leads; the URL when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_url: Option<String>,
    /// Nobody can log in to a disabled application.
    #[serde(default)]
    pub disabled: bool,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// What an administrator should know about these settings: weak ones by name, and who cannot log in yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// Something an administrator should know, and what to type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Note {
    /// What there is to know.
    pub text: String,
    /// What to type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
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
