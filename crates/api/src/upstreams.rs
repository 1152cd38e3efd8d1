//! Upstreams: providers that other people run and that log people in here.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{SigningAlg, Weakened};

/// How the server authenticates at an upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UpstreamAuthentication {
    /// With the secret, in the way that discovery offers.
    Auto,
    /// By HTTP Basic.
    ClientSecretBasic,
    /// In the body.
    ClientSecretPost,
    /// With a signed assertion; the secret is a private key in PEM.
    PrivateKeyJwt,
    /// Not at all: a public client.
    None,
}

/// Whether an account that exists may become the person's who comes through the upstream. Never by user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkRule {
    /// Only an administrator links.
    Never,
    /// By an address that is verified here and there; also as `confirmed`.
    VerifiedEmail,
    /// By the person, who is logged in to the account and confirms it.
    Confirmed,
}

/// Where else something of the person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UpstreamLookup {
    /// Nowhere.
    None,
    /// Microsoft Graph, for groups that did not fit into the token.
    GraphGroups,
    /// GitHub's API, for verified addresses and teams.
    Github,
}

/// What is done when a lookup fails: never is "no answer" taken for "no groups".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LookupFailure {
    /// The login is refused.
    Deny,
    /// The groups of the last login stay; a first login is refused.
    Keep,
}

/// How the upstream's answer comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UpstreamResponseMode {
    /// In the query of the redirect URI.
    Query,
    /// As a form that the browser posts.
    FormPost,
}

/// An upstream. Its secret is never among it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, and they combine freely"
)]
pub struct Upstream {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// Its name, part of the redirect URI; it never changes.
    #[schema(examples("corp"))]
    pub name: String,
    /// The name on the button.
    pub title: String,
    /// Whether the login page has a button for it.
    pub button: bool,
    /// Whether anybody logs in through it.
    pub enabled: bool,
    /// The preset it was added from.
    pub preset: String,
    /// The issuer, compared as bytes.
    pub issuer: String,
    /// Tenants whose tokens are accepted, for an issuer that stands for many.
    #[serde(default)]
    pub tenants: Vec<String>,
    /// The client id that this server has there.
    pub client_id: String,
    /// Whether a secret is set.
    #[serde(default)]
    pub has_secret: bool,
    /// How this server authenticates there.
    pub authentication: UpstreamAuthentication,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// What ID tokens may be signed with; empty for all that discovery offers.
    #[serde(default)]
    pub algorithms: Vec<SigningAlg>,
    /// Further parameters of the authorization request.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// How the answer comes back.
    pub response_mode: UpstreamResponseMode,
    /// Tolerance for times.
    pub leeway_seconds: i64,
    /// Whether the userinfo endpoint is asked.
    pub userinfo: bool,
    /// Where else something of the person is asked.
    pub lookup: UpstreamLookup,
    /// Where Microsoft Graph is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup_url: Option<String>,
    /// What is done when that fails.
    pub lookup_failure: LookupFailure,
    /// Who may come in, and what the claims do; docs/claims.md has the language.
    #[schema(value_type = Object)]
    pub rules: Value,
    /// Whether a person who comes for the first time gets an account.
    pub create_users: bool,
    /// Whether an account that exists may become theirs.
    pub link: LinkRule,
    /// Whether an e-mail address that the upstream calls verified is one.
    pub trusted_email: bool,
    /// Whether its word on how somebody authenticated (`amr`) goes into the tokens of applications.
    #[serde(default)]
    pub trusted_amr: bool,
    /// E-mail domains whose people are sent here.
    #[serde(default)]
    pub domains: Vec<String>,
    /// Groups whose members always log in here, and never with a password.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Whether sessions end with the upstream's token.
    pub session_bound: bool,
    /// Certificates of a private CA in PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_pem: Option<String>,
    /// Whether its addresses may be private ones.
    pub allow_private: bool,
    /// How long it may take for one answer.
    pub timeout_seconds: u64,
    /// To register there as redirect URI.
    pub redirect_uri: String,
    /// To register there as post-logout redirect URI.
    pub post_logout_redirect_uri: String,
    /// To register there as the address of this server's key set, where it proves itself with a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// To register there for back-channel logout.
    pub backchannel_logout_uri: String,
    /// To register there for front-channel logout.
    pub frontchannel_logout_uri: String,
    /// Where an administrator, logged in here in a browser, sees what a login through it would come to.
    pub preview_uri: String,
    /// Settings that are weaker than the default.
    #[serde(default)]
    pub weakened: Vec<Weakened>,
    /// When it was added.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it was changed.
    #[schema(value_type = String, format = DateTime)]
    pub changed: Timestamp,
}

/// An upstream in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UpstreamSummary {
    /// Its name.
    pub name: String,
    /// The name on the button.
    pub title: String,
    /// The preset it was added from.
    pub preset: String,
    /// The issuer.
    pub issuer: String,
    /// Whether anybody logs in through it.
    pub enabled: bool,
}

/// An upstream to add. What is not said is the preset's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUpstream {
    /// The preset; see `/upstream-presets`.
    #[schema(examples("keycloak"))]
    pub preset: String,
    /// Its name: 1 to 40 of `a-z 0-9 -`, beginning with a letter.
    #[schema(examples("corp"))]
    pub name: String,
    /// The issuer; absent for a preset that has one for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The client id that this server has there.
    pub client_id: String,
    /// The client secret, or a private key in PEM for `private_key_jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// What differs from the preset.
    #[serde(default)]
    pub settings: UpstreamChange,
}

/// A change of an upstream; what is absent is kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UpstreamChange {
    /// Save without asking the upstream first.
    #[serde(skip_serializing_if = "is_false")]
    pub no_probe: bool,
    /// The name on the button.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether there is a button.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub button: Option<bool>,
    /// Whether anybody logs in through it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// All tenants whose tokens are accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenants: Option<Vec<String>>,
    /// The client id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// How this server authenticates there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<UpstreamAuthentication>,
    /// What is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// What ID tokens may be signed with; empty for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithms: Option<Vec<SigningAlg>>,
    /// Further parameters to set; `null` takes one away.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Option<String>>,
    /// How the answer comes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_mode: Option<UpstreamResponseMode>,
    /// Tolerance for times, 0 to 600.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leeway_seconds: Option<i64>,
    /// Whether userinfo is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo: Option<bool>,
    /// Where else something is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup: Option<UpstreamLookup>,
    /// Where Microsoft Graph is asked: the address of a national cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup_url: Option<String>,
    /// What is done when that fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup_failure: Option<LookupFailure>,
    /// All rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub rules: Option<Value>,
    /// Rows to add to the group mapping: a group there, and groups here that it gives.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub map_groups: BTreeMap<String, Vec<String>>,
    /// Groups there whose rows are taken out of the mapping.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmap_groups: Vec<String>,
    /// Whether new people get an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_users: Option<bool>,
    /// Whether accounts that exist may be linked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkRule>,
    /// Whether the upstream's word on e-mail addresses counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_email: Option<bool>,
    /// Whether its word on how somebody authenticated goes into tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_amr: Option<bool>,
    /// All e-mail domains whose people are sent there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domains: Option<Vec<String>>,
    /// All groups whose members always log in there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// Whether sessions end with the upstream's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_bound: Option<bool>,
    /// A private CA in PEM; empty for the machine's own alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_pem: Option<String>,
    /// Whether its addresses may be private.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_private: Option<bool>,
    /// How long it may take for one answer, 1 to 60.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(value: &bool) -> bool {
    !value
}

/// An upstream that was saved, and what to do there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UpstreamSaved {
    /// The upstream.
    pub upstream: Upstream,
    /// What asking it found; absent when it was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<UpstreamProbe>,
    /// What to do at the provider, in order.
    #[serde(default)]
    pub steps: Vec<String>,
    /// What is good to know of it.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A secret to set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpstreamSecret {
    /// The secret; absent for a public client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// What asking an upstream found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UpstreamProbe {
    /// Whether logins can work.
    pub good: bool,
    /// How far the upstream's clock is from this server's, in milliseconds; above zero it is ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_offset_ms: Option<i64>,
    /// Claims that it says it offers.
    #[serde(default)]
    pub claims: Vec<String>,
    /// Everything that was looked at, in order.
    pub findings: Vec<ProbeFinding>,
}

/// How something looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProbeSeverity {
    /// As it should be.
    Good,
    /// It works, and somebody should know.
    Warning,
    /// No login would succeed.
    Failure,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProbeFinding {
    /// What: a stable code.
    pub subject: String,
    /// How it looks.
    pub severity: ProbeSeverity,
    /// Expected and received.
    pub detail: String,
    /// What to type or change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// Whether who is whom is forgotten with an upstream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UpstreamRemoval {
    /// Also when people came through it.
    #[serde(default)]
    pub with_identities: bool,
}

/// What is known of a provider before it is added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UpstreamPreset {
    /// What `upstream add` takes.
    #[schema(examples("keycloak"))]
    pub id: String,
    /// The provider's name.
    pub name: String,
    /// One sentence about it.
    pub summary: String,
    /// Its issuer, or what that looks like.
    #[serde(default)]
    pub issuer: String,
    /// Scopes that are asked for.
    #[serde(default)]
    pub scopes: String,
    /// What to do there, in order; the name of the upstream stands as `NAME` in the addresses.
    #[serde(default)]
    pub steps: Vec<String>,
    /// What is good to know of it.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The rules that it starts from.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub rules: Value,
    /// Where the facts come from.
    #[serde(default)]
    pub evidence: String,
}
