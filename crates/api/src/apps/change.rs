//! What an administrator says about an application.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AuthMethod, ClaimRule, Client, Consent, IssuerStyle, PkcePolicy, SigningAlg, UsernameStyle};
use crate::Edit;

/// The scopes of one entry; the preset's when absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeMap {
    /// Scopes; those of the preset when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

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
    /// What people see; the preset's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who may use it from the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope_map: Vec<NewScopeMapEntry>,
    /// Settings that differ from the preset's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<AppChange>,
}

/// Who may use an application from the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScopeMapEntry {
    /// The group, by name.
    pub group: String,
    /// Scopes; the preset's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// What to change about an application. Absent members stay, `null` clears; a list replaces the whole list, the `add_` and
/// `remove_` members change single entries.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppChange {
    /// What people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it lives. Redirect URIs stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// All redirect URIs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uris: Option<Vec<String>>,
    /// Redirect URIs to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_redirect_uris: Vec<String>,
    /// Redirect URIs to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_redirect_uris: Vec<String>,
    /// All places where logouts may be sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// Confidential or public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Client>,
    /// How it authenticates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_method: Option<AuthMethod>,
    /// Its public keys.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub jwks: Edit<Value>,
    /// Whether PKCE is demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pkce: Option<PkcePolicy>,
    /// What ID tokens are signed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_alg: Option<SigningAlg>,
    /// What access tokens are signed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_alg: Option<SigningAlg>,
    /// What the userinfo answer is signed with.
    #[schema(value_type = Option<SigningAlg>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub userinfo_signed_alg: Edit<SigningAlg>,
    /// All audiences of access tokens besides the client id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audiences: Option<Vec<String>>,
    /// Access tokens' lifetime.
    #[schema(value_type = Option<u32>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub access_token_seconds: Edit<u32>,
    /// ID tokens' lifetime.
    #[schema(value_type = Option<u32>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub id_token_seconds: Edit<u32>,
    /// Refresh tokens' lifetime from their last use.
    #[schema(value_type = Option<u32>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub refresh_token_seconds: Edit<u32>,
    /// Whether people are asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// What `preferred_username` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<UsernameStyle>,
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
    /// Whether it gets a refresh token without asking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_always: Option<bool>,
    /// Whether it may log in as itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_credentials: Option<bool>,
    /// Under which issuer it sees this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer_style: Option<IssuerStyle>,
    /// Where the start page's tile leads.
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub start_url: Edit<String>,
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
