//! The words that an application's settings are made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whether the application can keep a secret (RFC 6749 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Client {
    /// It runs on a server and has a secret or a key.
    Confidential,
    /// It runs in a browser or on a person's machine: no secret, PKCE always.
    Public,
}

/// How the application proves who it is at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// With its secret, in the header or in the body, recognised per request.
    ClientSecret,
    /// With a signed assertion (RFC 7523); its public keys are in `jwks`.
    PrivateKeyJwt,
    /// Not at all: public clients.
    None,
}

/// Whether PKCE (RFC 7636) is demanded. A challenge that is sent is always verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PkcePolicy {
    /// Demanded, S256: the default.
    Required,
    /// Verified when sent, not demanded: for a confidential application that cannot send it.
    InsecureIfSent,
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
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Once per person and set of scopes.
    Ask,
    /// Never: the administrator has decided.
    Skip,
}

/// What `preferred_username` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UsernameStyle {
    /// `alice`.
    Short,
    /// `alice@id.example.com`.
    Full,
}

/// Under which issuer the application sees this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IssuerStyle {
    /// The public URL.
    Server,
    /// An issuer of its own, `<public URL>/apps/<client id>`.
    Own,
}

/// How long what the application gets is good for; absent ones are the server's defaults.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Lifetimes {
    /// Access tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_token_seconds: Option<u32>,
    /// ID tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_seconds: Option<u32>,
    /// Refresh tokens, from their last use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token_seconds: Option<u32>,
}

/// A claim of the administrator's own: where its value comes from and where it goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRule {
    /// Name, or a JSON pointer for a nested place: `roles`, `/realm_access/roles`.
    pub claim: String,
    /// The person's attribute to take the value from. Exactly one of `attribute`, `groups`, `constant`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// Group name → value: the claim is the list of the values of the groups that the person is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub groups: Option<BTreeMap<String, String>>,
    /// The same value for everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub constant: Option<Value>,
    /// Into the ID token; true when absent.
    #[serde(default = "yes")]
    pub id_token: bool,
    /// Into the userinfo answer; true when absent.
    #[serde(default = "yes")]
    pub userinfo: bool,
    /// Into the access token; false when absent.
    #[serde(default)]
    pub access_token: bool,
}

fn yes() -> bool {
    true
}
