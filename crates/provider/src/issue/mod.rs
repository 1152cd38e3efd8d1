//! The one path by which tokens come into being. `preview` walks it too and stops before the signature.

mod access_token;
mod exchanged;
mod id_token;
mod person;
mod preview;
pub(crate) mod sealed;
#[cfg(test)]
mod tests;

use doorward_apps::{App, Encrypted};
use doorward_claims::Skipped;
use doorward_directory::Facts;
use doorward_jose::{JoseError, Random, base64url};
use doorward_oidc::{AuthorizationDetails, ClaimsRequest, Scope, ScopeSet, TokenResponse};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use access_token::{AccessTokenClaims, Audience};
pub use exchanged::{Exchange, exchange};
pub use id_token::IdTokenClaims;
pub use person::PersonClaims;
pub use preview::{Preview, preview};

use crate::subject::subject;
use crate::{Confirmation, Extent, KeyRing, Server};

/// How far `iat` and `auth_time` lie in the past, in seconds: some libraries accept no difference between clocks at all.
/// Both by the same amount always, so that a session has one `auth_time` in every token and none is later than its `iat`.
pub const BACKDATED: i64 = 2;

/// Where tokens come from: who we are, our keys, the time and the dice.
#[derive(Clone, Copy)]
pub struct Mint<'a> {
    /// Who we are.
    pub server: &'a Server,
    /// Our keys.
    pub keys: &'a KeyRing,
    /// Seconds since the epoch.
    pub now: i64,
    /// For token ids.
    pub random: &'a dyn Random,
    /// What access tokens are bound to: the keys that the request has shown.
    pub confirmation: &'a Confirmation,
}

/// What a person granted an application, as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantFacts {
    /// The grant; in every token, so that revoking it ends them all.
    pub id: Uuid,
    /// The session it comes from; travels as `sid`.
    pub session_id: Option<Uuid>,
    /// What was granted.
    pub scope: ScopeSet,
    /// Single claims asked for.
    pub claims: ClaimsRequest,
    /// When the person authenticated.
    pub auth_time: i64,
    /// How.
    pub amr: Vec<String>,
    /// The context that was reached.
    pub acr: Option<String>,
    /// The nonce of the authorization request. Only the first ID token carries it (OpenID Connect Core §12.2), so it is
    /// `None` when refreshing.
    pub nonce: Option<String>,
    /// What it extends to beside the scope, as far as these tokens are concerned.
    pub extent: Extent,
}

/// Freshly issued tokens.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Whom it speaks for: the `sub` of its tokens.
    pub subject: String,
    /// The access token.
    pub access_token: String,
    /// `Bearer`, or `DPoP` for one that is bound to a key.
    pub token_type: &'static str,
    /// Its `jti`.
    pub access_token_id: String,
    /// Its lifetime in seconds.
    pub expires_in: i64,
    /// When it ends.
    pub expires_at: i64,
    /// The ID token, when the scope has `openid`.
    pub id_token: Option<String>,
    /// What was granted.
    pub scope: ScopeSet,
    /// What may be done with it (RFC 9396 §7).
    pub details: AuthorizationDetails,
    /// Claim rules that put nothing, for the trace.
    pub skipped: Vec<Skipped>,
}

impl Issued {
    /// The answer of the token endpoint (RFC 6749 §5.1); the scope is always in it.
    pub fn into_response(self, refresh_token: Option<String>) -> TokenResponse {
        TokenResponse {
            access_token: self.access_token,
            token_type: self.token_type.to_owned(),
            expires_in: u64::try_from(self.expires_in).ok(),
            refresh_token,
            id_token: self.id_token,
            scope: Some(self.scope.to_string()),
            authorization_details: self.details,
            session_state: None,
            issued_token_type: None,
        }
    }
}

/// Issues an access token, and an ID token when the scope has `openid`, to a person.
///
/// `scope` is what counts now: the grant's, or less ([`crate::token::current_scope`]).
///
/// # Errors
/// There is no active key for the application's algorithm, or the library failed: the machine's fault.
pub fn issue(
    mint: Mint<'_>,
    app: &App,
    facts: &Facts,
    grant: &GrantFacts,
    scope: ScopeSet,
) -> Result<Issued, JoseError> {
    let drafts = draft(mint, app, facts, grant, &scope);
    let access_token = mint
        .keys
        .active(app.access_token_alg)?
        .sign(Some("at+jwt"), &drafts.access_token)?;
    let id_token = match drafts.id_token {
        Some(claims) => {
            let key = mint.keys.active(app.id_token_alg)?;
            let claims = claims.bound_to(&access_token, key.algorithm());
            let signed = key.sign(Some("JWT"), &claims)?;
            Some(sealed::signed(mint, app, Encrypted::IdToken, signed)?)
        }
        None => None,
    };
    Ok(Issued {
        subject: drafts.access_token.sub,
        access_token,
        token_type: mint.confirmation.token_type(),
        expires_in: app.lifetimes.access_token,
        expires_at: drafts.access_token.exp,
        access_token_id: drafts.access_token.jti,
        id_token,
        scope,
        details: grant.extent.details.clone(),
        skipped: drafts.skipped,
    })
}

/// Issues an access token to an application for itself (RFC 6749 §4.4).
///
/// # Errors
/// As [`issue`].
pub fn issue_to_client(mint: Mint<'_>, app: &App, scope: ScopeSet) -> Result<Issued, JoseError> {
    issue_to_client_for(mint, app, scope, &Extent::default())
}

/// The same for certain resources (RFC 8707).
///
/// # Errors
/// As [`issue`].
pub fn issue_to_client_for(mint: Mint<'_>, app: &App, scope: ScopeSet, extent: &Extent) -> Result<Issued, JoseError> {
    let claims = AccessTokenClaims::for_client(mint, app, &scope, extent);
    Ok(Issued {
        subject: claims.sub.clone(),
        access_token: mint.keys.active(app.access_token_alg)?.sign(Some("at+jwt"), &claims)?,
        token_type: mint.confirmation.token_type(),
        expires_in: app.lifetimes.access_token,
        expires_at: claims.exp,
        access_token_id: claims.jti,
        id_token: None,
        scope,
        details: AuthorizationDetails::default(),
        skipped: Vec::new(),
    })
}

/// What the userinfo endpoint says: `sub`, and the person's claims within `scope` (OpenID Connect Core §5.3.2).
pub fn userinfo_claims(
    server: &Server,
    app: &App,
    facts: &Facts,
    scope: &ScopeSet,
    requested: &ClaimsRequest,
) -> Map<String, Value> {
    let claims = PersonClaims::new(server, app, facts, scope)
        .userinfo(&requested.userinfo)
        .0;
    let mut claims = claims.into_map();
    claims.insert("sub".to_owned(), Value::from(subject(server, app, facts)));
    claims
}

/// Everything that would be signed, before it is.
struct Drafts {
    access_token: AccessTokenClaims,
    id_token: Option<IdTokenClaims>,
    skipped: Vec<Skipped>,
}

fn draft(mint: Mint<'_>, app: &App, facts: &Facts, grant: &GrantFacts, scope: &ScopeSet) -> Drafts {
    let person = PersonClaims::new(mint.server, app, facts, scope);
    let (claims, mut skipped) = person.access_token();
    let sub = subject(mint.server, app, facts);
    let id_token = scope.contains(Scope::OPENID).then(|| {
        let (claims, more) = person.id_token(&grant.claims.id_token);
        skipped.extend(more);
        IdTokenClaims::new(mint, app, sub.clone(), grant, claims)
    });
    let access_token = AccessTokenClaims::for_person(mint, app, sub, grant, scope, claims);
    Drafts {
        access_token,
        id_token,
        skipped,
    }
}

/// 128 random bits, base64url.
pub(crate) fn token_id(random: &dyn Random) -> String {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    base64url::encode(bytes)
}
