//! The userinfo endpoint (OpenID Connect Core §5.3).
//!
//! A plain OAuth token of a person is answered too, with the claims of its scopes: some applications never ask for
//! `openid`, and this is the only place where they learn who logged in.

use doorward_apps::App;
use doorward_directory::Facts;
use doorward_oidc::{Refusal, RefusalKind, Turn};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::issue::{BACKDATED, userinfo_claims};
use crate::token::current_scope;
use crate::{AccessToken, Failure, GrantFacts, Mint, Steps, access_token};

/// The token speaks for an application, not for a person.
pub static NO_PERSON_IN_TOKEN: RefusalKind = RefusalKind {
    code: "no_person_in_token",
    oauth: "insufficient_scope",
    public: "This access token belongs to an application, not to a person.",
    meaning: "Userinfo speaks of the person behind a token (OpenID Connect Core §5.3); a token of client_credentials has \
              none.",
    turn: Turn::Application,
};

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Userinfo {
    /// `application/json`.
    Json(Map<String, Value>),
    /// `application/jwt`, only for an application that asked for it.
    Jwt(String),
}

/// What the endpoint looks up before it asks.
#[derive(Debug, Clone, Copy)]
pub struct Bearer<'a> {
    /// The verified token.
    pub token: &'a AccessToken,
    /// The application with the token's client id.
    pub app: Option<&'a App>,
    /// The token's grant when it is live; `None` when it was revoked.
    pub grant: Option<&'a GrantFacts>,
    /// What the directory says of the grant's user; `None` when the user is gone.
    pub facts: Option<&'a Facts>,
}

/// Answers for a verified token.
///
/// # Errors
/// `invalid_token` when the token, its grant, its application or its user has ended, or access was withdrawn;
/// `insufficient_scope` for a token without a person.
pub fn respond(mint: Mint<'_>, bearer: Bearer<'_>, steps: &mut Steps) -> Result<Userinfo, Failure> {
    const CHECK: &str = "userinfo.token";
    steps.record(CHECK, bearer.token.is_current(mint.now))?;
    if bearer.token.grant.is_none() {
        let refusal = Refusal::response(
            &NO_PERSON_IN_TOKEN,
            format!("the token belongs to {}", bearer.token.client_id),
        );
        steps.refused(CHECK, &refusal);
        return Err(refusal.into());
    }
    let (Some(app), Some(grant), Some(facts)) = (bearer.app.filter(|app| !app.disabled), bearer.grant, bearer.facts)
    else {
        let refusal = access_token::revoked();
        steps.refused(CHECK, &refusal);
        return Err(refusal.into());
    };
    let scope = current_scope(app, facts, &bearer.token.scope, steps).map_err(|refusal| Refusal {
        remedy: refusal.remedy.clone(),
        ..Refusal::response(&access_token::ACCESS_TOKEN_INVALID, refusal.detail)
    })?;
    let claims = userinfo_claims(mint.server, app, facts, &scope, &grant.claims);
    let Some(algorithm) = app.userinfo_signed_alg else {
        return Ok(Userinfo::Json(claims));
    };
    let payload = Signed {
        iss: &mint.server.issuer(app),
        aud: &app.client_id,
        iat: mint.now.saturating_sub(BACKDATED),
        claims: &claims,
    };
    Ok(Userinfo::Jwt(mint.keys.active(algorithm)?.sign(Some("JWT"), &payload)?))
}

/// Signed userinfo names issuer and audience (Core §5.3.2).
#[derive(Serialize)]
struct Signed<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    #[serde(flatten)]
    claims: &'a Map<String, Value>,
}
