//! A token in the place of another (RFC 8693): the same person by the same grant, for somebody else, and never longer.

use doorward_apps::App;
use doorward_directory::Facts;
use doorward_jose::JoseError;
use doorward_oidc::{AuthorizationDetails, ScopeSet};
use serde_json::Value;

use super::{AccessTokenClaims, Audience, Issued, Mint, PersonClaims};
use crate::subject::subject;
use crate::{AccessToken, Extent};

/// What an exchange gives.
#[derive(Debug, Clone)]
pub struct Exchange<'a> {
    /// The application that exchanges: the new token is issued to it.
    pub app: &'a App,
    /// Who knows the person by which subject and claims: the application that the new token is for, where it is one.
    pub target: &'a App,
    /// The token that was presented.
    pub presented: &'a AccessToken,
    /// The person.
    pub facts: &'a Facts,
    /// Whom the new token is for.
    pub audience: String,
    /// What it may.
    pub scope: ScopeSet,
    /// Who acts, with those before (RFC 8693 §4.1).
    pub act: Option<Value>,
}

/// Issues it. It ends with the token that was presented at the latest, so that exchanging prolongs nothing.
///
/// # Errors
/// As [`super::issue`].
pub fn exchange(mint: Mint<'_>, exchange: Exchange<'_>) -> Result<Issued, JoseError> {
    let (app, presented) = (exchange.app, exchange.presented);
    let person = PersonClaims::new(mint.server, exchange.target, exchange.facts, &exchange.scope);
    let (more, skipped) = person.access_token();
    let own = AccessTokenClaims::for_client(mint, app, &exchange.scope, &Extent::default());
    let claims = AccessTokenClaims {
        sub: subject(mint.server, exchange.target, exchange.facts),
        aud: Audience::One(exchange.audience),
        exp: own.exp.min(presented.exp),
        grant: presented.grant,
        sid: presented.sid,
        auth_time: presented.auth_time,
        acr: presented.acr.clone(),
        act: exchange.act,
        exchanged: true,
        more,
        ..own
    };
    Ok(Issued {
        subject: claims.sub.clone(),
        access_token: mint
            .keys
            .active(exchange.target.access_token_alg)?
            .sign(Some("at+jwt"), &claims)?,
        expires_in: claims.exp.saturating_sub(mint.now),
        expires_at: claims.exp,
        access_token_id: claims.jti,
        token_type: mint.confirmation.token_type(),
        id_token: None,
        scope: exchange.scope,
        details: AuthorizationDetails::default(),
        skipped,
    })
}
