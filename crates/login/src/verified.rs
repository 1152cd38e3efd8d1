//! What a login gives once everything about it has been checked.

use doorward_jose::Secret;
use serde_json::{Map, Value};

/// Who logged in, as the provider says it and as it was verified. Nothing is remembered yet: making a session of it, or an
/// account, is the caller's part.
#[derive(Debug, Clone)]
pub struct Verified {
    /// The claims of ID token and userinfo; those of the protocol are the signed ones.
    pub claims: Map<String, Value>,
    /// The ID token, for a later logout; `None` at a provider that has none.
    pub id_token: Option<Secret<String>>,
    /// The tokens.
    pub tokens: Tokens,
    /// [`crate::BeginOptions::return_to`] of this login.
    pub return_to: String,
    /// The issuer. For a templated issuer the one of the person's tenant: with `sub` it names the person.
    pub issuer: String,
    /// The identifier that never changes at this issuer.
    pub sub: String,
    /// The provider's name for its session.
    pub sid: Option<String>,
    /// When the person authenticated, NumericDate.
    pub auth_time: Option<i64>,
    /// The authentication context class.
    pub acr: Option<String>,
    /// The authentication methods.
    pub amr: Vec<String>,
}

/// The tokens of one answer of the token endpoint.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The access token.
    pub access_token: Secret<String>,
    /// The refresh token.
    pub refresh_token: Option<Secret<String>>,
    /// When the access token ends, NumericDate, if the provider says so.
    pub expires: Option<i64>,
    /// What was granted, if it is not what was asked for.
    pub scope: Option<String>,
    /// `Bearer`, as the provider wrote it.
    pub token_type: String,
}
