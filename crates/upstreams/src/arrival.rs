//! Somebody at the door: what an upstream says of a person, verified, before it is decided who that is here.

use doorward_jose::Secret;
use doorward_login::Verified;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::identities;

/// A verified login at an upstream, with what was looked up elsewhere.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The upstream that said so.
    pub upstream: Uuid,
    /// The issuer; for a templated one that of the person's tenant.
    pub issuer: String,
    /// `sub`, as it was signed: what a logout token names.
    pub sub: String,
    /// The upstream's name for its session.
    pub sid: Option<String>,
    /// Claims of ID token, userinfo and lookups.
    pub claims: Map<String, Value>,
    /// The groups could not be had, and those of the last login are to stay: why.
    pub groups_unknown: Option<String>,
    /// The ID token, for the logout there.
    pub id_token: Option<Secret<String>>,
    /// When the upstream's token ends, NumericDate.
    pub expires: Option<i64>,
    /// When the person authenticated there, NumericDate.
    pub auth_time: Option<i64>,
    /// How they did (RFC 8176).
    pub amr: Vec<String>,
    /// The authentication context class reached.
    pub acr: Option<String>,
}

impl Arrival {
    /// What the person recognises themselves by: what the upstream calls them, or else its name for them.
    pub fn shown_name(&self) -> &str {
        identities::shown_name(&self.claims).unwrap_or(&self.sub)
    }

    /// What the library verified, before anything is looked up. `None` at a provider without ID tokens keeps no logout hint.
    pub fn new(upstream: Uuid, verified: &Verified) -> Self {
        Self {
            upstream,
            issuer: verified.issuer.clone(),
            sub: verified.sub.clone(),
            sid: verified.sid.clone(),
            claims: verified.claims.clone(),
            groups_unknown: None,
            id_token: verified.id_token.clone(),
            expires: verified.tokens.expires,
            auth_time: verified.auth_time,
            amr: verified.amr.clone(),
            acr: verified.acr.clone(),
        }
    }
}
