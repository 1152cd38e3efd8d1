//! The words that an application's settings are made of.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Edit;

/// Whether the application can keep a secret (RFC 6749 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AppKind {
    /// It runs on a server and has a secret or a key.
    Confidential,
    /// It runs in a browser or on a person's machine: no secret, PKCE always.
    Public,
}

/// How the application proves who it is at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// With its secret, in the header or in the body, recognised per request.
    ClientSecret,
    /// With a signed assertion (RFC 7523); its public keys are in `jwks`.
    PrivateKeyJwt,
    /// With a certificate that a configured authority vouches for (RFC 8705 §2.1); the name in it is in `sender`.
    TlsClientAuth,
    /// With a certificate that has one of the keys in `jwks` (RFC 8705 §2.2).
    SelfSignedTlsClientAuth,
    /// Not at all: public clients.
    None,
}

/// Whether PKCE (RFC 7636) is demanded. A challenge that is sent is always verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Pkce {
    /// Demanded, S256: the default.
    #[serde(rename = "required")]
    Required,
    /// Not demanded: weaker, for a confidential application that cannot send a challenge.
    #[serde(rename = "weaken-if-sent")]
    WeakenIfSent,
}

/// A signature algorithm (RFC 7518, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum SigningAlg {
    /// RSA PKCS#1 v1.5 with SHA-256: what every application accepts.
    RS256,
    /// RSA-PSS with SHA-256.
    PS256,
    /// ECDSA P-256 with SHA-256: small and fast.
    ES256,
    /// Ed25519.
    EdDSA,
}

/// Whether people are asked before data goes to the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Consent {
    /// Once per person and set of scopes.
    Ask,
    /// Never: the administrator has decided for the organisation.
    Skip,
}

/// The form of `preferred_username`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Usernames {
    /// `alice`.
    Short,
    /// `alice@id.example.com`.
    Full,
}

/// Which issuer the application's tokens name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssuerStyle {
    /// The public URL.
    Server,
    /// An issuer of its own, `<public URL>/apps/<client id>`.
    Own,
    /// The one that it had at an earlier provider: the address of an alias.
    #[serde(untagged)]
    Alias(String),
}

/// How long, in seconds, what the application gets is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Lifetimes {
    /// Authorization codes.
    pub code: i64,
    /// ID tokens.
    pub id_token: i64,
    /// Access tokens.
    pub access_token: i64,
    /// Refresh tokens, from their last use.
    pub refresh_token: i64,
}

/// Lifetimes to change, in seconds. Absent members stay, `null` returns to the preset's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LifetimesChange {
    /// Authorization codes, 10 to 600.
    #[schema(value_type = Option<i64>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub code: Edit<i64>,
    /// ID tokens, 60 to 86400.
    #[schema(value_type = Option<i64>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub id_token: Edit<i64>,
    /// Access tokens, 60 to 86400.
    #[schema(value_type = Option<i64>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub access_token: Edit<i64>,
    /// Refresh tokens, from their last use, 3600 to 31622400.
    #[schema(value_type = Option<i64>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub refresh_token: Edit<i64>,
}

/// A claim of the administrator's own: where its value comes from, and which tokens it goes into. Exactly one of
/// `attribute`, `groups`, `by_group` and `constant` is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRule {
    /// Name, or a JSON pointer for a nested place: `roles`, `/realm_access/roles`.
    #[schema(examples("roles"))]
    pub claim: String,
    /// The person's attribute to take the value from, by name or JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// The names of the person's groups that fit this pattern; `*` is all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<String>,
    /// Values that membership in a group brings; with several groups they add up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_group: Option<Vec<ByGroup>>,
    /// The same value for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub constant: Option<Value>,
    /// Which tokens get it; the ID token and userinfo when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<Vec<ClaimDestination>>,
    /// The shape in which the application reads it; as it is when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ClaimFormat>,
    /// Only the groups that the person is in directly count; false when absent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub direct: bool,
}

/// The values that one group brings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ByGroup {
    /// The group, by name.
    pub group: String,
    /// What its members get.
    pub values: Vec<Value>,
}

/// A place that claims go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimDestination {
    /// The ID token.
    IdToken,
    /// The userinfo answer.
    Userinfo,
    /// The access token.
    AccessToken,
}

/// The shape in which an application wants to read a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimFormat {
    /// As it is.
    AsIs,
    /// One string: of a list its first member.
    String,
    /// A list: a single value becomes a list of one.
    Array,
    /// The same, and nothing at all in the place of an empty list.
    NonEmpty,
    /// One string with the members separated by commas.
    Csv,
}
