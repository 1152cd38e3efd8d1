//! The claims of an ID token (OpenID Connect Core §2, §3.1.3.6).

use doorward_apps::App;
use doorward_claims::ClaimSet;
use doorward_jose::{Algorithm, half_hash};
use serde::Serialize;
use uuid::Uuid;

use super::{BACKDATED, GrantFacts, Mint, token_id};

/// Claims of an ID token. One audience, so no `azp` (Core §2: only needed with several); no `nbf`.
#[derive(Debug, Clone, Serialize)]
pub struct IdTokenClaims {
    /// Issuer.
    pub iss: String,
    /// The person.
    pub sub: String,
    /// The application: one string.
    pub aud: String,
    /// Ends.
    pub exp: i64,
    /// Issued at, a little in the past.
    pub iat: i64,
    /// When the person authenticated.
    pub auth_time: i64,
    /// What the application sent with its request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The context that was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// How the person authenticated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The left half of the hash of the access token that comes with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// The session, for logout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<Uuid>,
    /// Unique: some libraries keep a list of those that they have seen.
    pub jti: String,
    /// Claims about the person.
    #[serde(flatten)]
    pub person: ClaimSet,
}

impl IdTokenClaims {
    pub(super) fn new(mint: Mint<'_>, app: &App, sub: String, grant: &GrantFacts, person: ClaimSet) -> Self {
        Self {
            iss: mint.server.issuer(app).into_owned(),
            sub,
            aud: app.client_id.clone(),
            exp: mint.now.saturating_add(app.lifetimes.id_token),
            iat: mint.now.saturating_sub(BACKDATED),
            auth_time: grant.auth_time.saturating_sub(BACKDATED),
            nonce: grant.nonce.clone(),
            acr: grant.acr.clone(),
            amr: grant.amr.clone(),
            at_hash: None,
            sid: grant.session_id,
            jti: token_id(mint.random),
            person,
        }
    }

    pub(super) fn bound_to(mut self, access_token: &str, algorithm: Algorithm) -> Self {
        self.at_hash = Some(half_hash(algorithm, access_token));
        self
    }
}
