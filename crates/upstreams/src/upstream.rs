//! An upstream as the rules see it: a provider that somebody else runs, and what its word is worth here.

use std::collections::BTreeMap;

use doorward_claims::LoginRules;
use doorward_jose::Algorithm;
use doorward_oidc::{ResponseMode, ScopeSet};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One upstream. Stored as a row and a JSON document; the row's own columns, the secret and the groups are not in the document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, and they combine freely"
)]
pub struct Upstream {
    /// Time-ordered id, the key of every row that belongs to the upstream.
    #[serde(skip)]
    pub id: Uuid,
    /// What the administrator typed; part of the redirect URI, so it never changes: `corp`. `[a-z0-9-]{1,40}`.
    #[serde(skip)]
    pub name: String,
    /// When it was added.
    #[serde(skip)]
    pub created: Timestamp,
    /// When its settings, secret or groups last changed.
    #[serde(skip)]
    pub changed: Timestamp,
    /// Counts the changes.
    #[serde(skip)]
    pub version: i64,
    /// Nobody logs in through it while this is not set; nothing is deleted.
    #[serde(skip)]
    pub enabled: bool,
    /// The client secret or private key, sealed for this row alone.
    #[serde(skip)]
    pub secret: Option<SealedSecret>,
    /// Members of these groups log in through this upstream, and never with a password.
    #[serde(skip)]
    pub groups: Vec<RoutedGroup>,

    /// The name that people read on the button: `Example Corp`.
    pub title: String,
    /// Whether the login page has a button for it; routing by domain or group works without one.
    pub button: bool,
    /// The preset it was added from.
    pub preset: String,
    /// The issuer, compared as bytes; for an OAuth 2 provider the name under which its subjects are remembered.
    pub issuer: String,
    /// The tenants whose tokens are accepted, for an issuer that is a template (`{tenantid}`); empty for any other.
    pub tenants: Vec<String>,
    /// Other spellings of the issuer that its tokens may carry.
    pub issuer_aliases: Vec<String>,
    /// Where an OAuth 2 provider without discovery answers.
    pub endpoints: Option<Endpoints>,
    /// The client id that this server has there.
    pub client_id: String,
    /// How this server authenticates there.
    pub authentication: Authentication,
    /// What is asked for. `openid` is among them unless the provider has no OpenID Connect.
    pub scopes: ScopeSet,
    /// What its ID tokens may be signed with, of what discovery offers; empty for all that this server knows.
    pub algorithms: Vec<Algorithm>,
    /// Further parameters of the authorization request: `hd`, `access_type`.
    pub parameters: BTreeMap<String, String>,
    /// How the answer comes back.
    pub response_mode: ResponseMode,
    /// Tolerance for `exp`, `nbf` and `iat`, in seconds.
    pub leeway: i64,
    /// Whether the userinfo endpoint is asked.
    pub userinfo: bool,
    /// Where else something of the person is asked: groups that did not fit into the token, mail addresses of GitHub.
    pub lookup: Lookup,
    /// Where Microsoft Graph is asked: each national cloud has its own.
    #[serde(default)]
    pub lookup_url: Option<String>,
    /// What is done when a lookup fails.
    pub lookup_failure: LookupFailure,

    /// Who may come in, and what the claims do to the account.
    pub rules: LoginRules,
    /// Whether a person who comes for the first time gets an account.
    pub create_users: bool,
    /// Whether an account that exists may become theirs.
    pub link: LinkRule,
    /// Whether an e-mail address that the upstream calls verified is one.
    pub trusted_email: bool,
    /// Whether its word on how somebody authenticated (`amr`) goes into the tokens of applications.
    #[serde(default)]
    pub trusted_amr: bool,
    /// E-mail domains whose people are sent here, in lower case.
    pub domains: Vec<String>,
    /// Sessions end when the upstream's token does, and not later.
    pub session_bound: bool,
    /// Certificates of a private CA in PEM, trusted in addition to the machine's own.
    pub ca_pem: Option<String>,
    /// Whether its addresses may be private ones.
    pub allow_private: bool,
    /// How long it may take for one answer, in seconds.
    pub timeout: u64,
}

impl Upstream {
    /// Whether it speaks OAuth 2 alone: no discovery, no ID token.
    pub fn is_oauth_only(&self) -> bool {
        self.endpoints.is_some()
    }
}

/// A secret as it stands in its row.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret(pub(crate) Vec<u8>);

impl std::fmt::Debug for SealedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedSecret")
    }
}

/// A group that logs in through an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoutedGroup {
    /// The group.
    pub id: Uuid,
    /// Its name as it is now.
    pub name: String,
}

/// Endpoints of a provider without discovery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    /// RFC 6749 §3.1.
    pub authorization: String,
    /// RFC 6749 §3.2.
    pub token: String,
    /// Answers who the access token is about, as JSON.
    pub user: String,
}

/// How this server authenticates at an upstream's token endpoint (OpenID Connect Core §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// With the secret, in the way that discovery offers.
    #[default]
    Auto,
    /// `client_secret_basic`, whatever discovery says.
    ClientSecretBasic,
    /// `client_secret_post`, whatever discovery says.
    ClientSecretPost,
    /// A signed assertion (RFC 7523 §2.2); the secret is a private key in PEM.
    PrivateKeyJwt,
    /// A public client: PKCE alone protects the code.
    None,
}

/// Where else something of the person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lookup {
    /// Nowhere.
    #[default]
    None,
    /// Microsoft Graph, for groups that did not fit into the token.
    GraphGroups,
    /// GitHub's API, for verified addresses and teams.
    Github,
}

/// What is done when a lookup fails: never is "no answer" taken for "no groups".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupFailure {
    /// The login is refused.
    #[default]
    Deny,
    /// The groups of the last login stay; a first login is refused.
    Keep,
}

/// Whether an account that exists may become the person's who comes through the upstream. Never by user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkRule {
    /// Only an administrator links.
    #[default]
    Never,
    /// By an address that is verified here and there, if the upstream's word on that is trusted; also as below.
    VerifiedEmail,
    /// By the person, who is logged in to the account and confirms it.
    Confirmed,
}

impl LinkRule {
    /// The word stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::VerifiedEmail => "verified_email",
            Self::Confirmed => "confirmed",
        }
    }
}
