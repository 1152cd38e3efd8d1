//! What an administrator says about an application.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    AppKind, AppLogoutChange, Authentication, ClaimRule, Consent, GrantTypesChange, IssuerStyle, KeySettingsChange,
    LifetimesChange, Pkce, RequestSettingsChange, SenderChange, SigningAlg, Usernames,
};
use crate::Edit;

/// An application to add. The preset knows the rest.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApp {
    /// The preset: `generic` when there is none for it.
    #[schema(examples("netbox"))]
    pub preset: String,
    /// Where the application lives, as people type it.
    #[schema(examples("https://netbox.example.com"))]
    pub url: String,
    /// What it calls itself, 1 to 64 of `A-Z a-z 0-9 _ -`; the preset's name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Who may use it from the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope_map: Vec<NewScopeMapEntry>,
    /// Settings that differ from the preset's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<AppChange>,
    /// Path, on the application's machine, of a private CA's certificate: goes into the configuration to paste.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
}

/// Who may use an application from the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScopeMapEntry {
    /// The group, by name; `everyone` for everybody.
    pub group: String,
    /// Scopes; the preset's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// The scopes of one entry of a scope map.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeMapChange {
    /// Scopes; those that the application asks for when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// What to change about an application. Absent members stay, `null` clears; a list replaces the whole list, the `add_` and
/// `remove_` members change single entries of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppChange {
    /// What people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it lives. Redirect URIs stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where the start page's tile leads.
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub start_url: Edit<String>,
    /// All redirect URIs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uris: Option<Vec<String>>,
    /// Redirect URIs to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_redirect_uris: Vec<String>,
    /// Redirect URIs to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_redirect_uris: Vec<String>,
    /// All places where a logout may end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// Places to add where a logout may end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_post_logout_redirect_uris: Vec<String>,
    /// Places to remove where a logout may end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_post_logout_redirect_uris: Vec<String>,
    /// Confidential or public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<AppKind>,
    /// How it authenticates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Authentication>,
    /// Its public keys (RFC 7517 §5).
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub jwks: Edit<Value>,
    /// Whether PKCE is demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pkce: Option<Pkce>,
    /// What ID tokens are signed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_alg: Option<SigningAlg>,
    /// What access tokens are signed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_alg: Option<SigningAlg>,
    /// What the userinfo answer is signed with; plain JSON when cleared.
    #[schema(value_type = Option<SigningAlg>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub userinfo_signed_alg: Edit<SigningAlg>,
    /// All audiences of access tokens besides the client id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audiences: Option<Vec<String>>,
    /// Audiences of access tokens to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_audiences: Vec<String>,
    /// Audiences of access tokens to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_audiences: Vec<String>,
    /// Whether the client id is among the audiences of access tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience_client_id: Option<bool>,
    /// Lifetimes to change; absent ones stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetimes: Option<LifetimesChange>,
    /// The scopes that it asks for, and that a scope map without scopes of its own grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Whether it may log in as itself (client credentials, RFC 6749 §4.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_credentials: Option<bool>,
    /// Whether people are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// The form of `preferred_username`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usernames: Option<Usernames>,
    /// All claims of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<Vec<ClaimRule>>,
    /// Claims to add, or to put in the place of those with the same name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_claims: Vec<ClaimRule>,
    /// Claims to remove, by name or pointer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_claims: Vec<String>,
    /// All origins whose scripts may call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cors_origins: Option<Vec<String>>,
    /// Origins to add whose scripts may call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_cors_origins: Vec<String>,
    /// Origins to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_cors_origins: Vec<String>,
    /// Whether it gets a refresh token without asking for `offline_access`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expects_refresh: Option<bool>,
    /// Whether it calls userinfo after each login; the trace then says when it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expects_userinfo: Option<bool>,
    /// Which issuer its tokens name: `server`, `own`, or the address of an alias.
    #[schema(value_type = Option<String>, examples("server"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer_style: Option<IssuerStyle>,
    /// What its authorization requests may look like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<RequestSettingsChange>,
    /// What its tokens are bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<SenderChange>,
    /// What follows from keys that it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeySettingsChange>,
    /// How it learns of a logout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logout: Option<AppLogoutChange>,
    /// Ways to tokens besides a login in its own browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<GrantTypesChange>,
    /// All redirect URIs with a wildcard that an import left as suggestions; none to forget them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_suggestions: Option<Vec<String>>,
    /// Disable (nobody can log in any more) or enable again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// A secret to replace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateSecret {
    /// How long the secret before is accepted too; not at all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap_seconds: Option<u32>,
}
