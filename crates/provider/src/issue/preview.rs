//! What a person would get in an application, by the path that issues tokens, without a token coming into being.

use doorward_apps::App;
use doorward_claims::Skipped;
use doorward_directory::Facts;
use doorward_oidc::{ClaimsRequest, Refusal, ScopeSet};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{GrantFacts, Mint, draft, userinfo_claims};

/// The outcome of a dry run. Nothing in it is signed, so nothing in it can be used.
#[derive(Debug, Clone, Serialize)]
pub struct Preview {
    /// What would be granted.
    pub scope: ScopeSet,
    /// What was asked for and would not be granted.
    pub left_out: ScopeSet,
    /// Payload of the ID token; `None` without `openid`.
    pub id_token: Option<Value>,
    /// Payload of the access token.
    pub access_token: Value,
    /// What userinfo would say.
    pub userinfo: Map<String, Value>,
    /// Whether a refresh token would come with it.
    pub refresh_token: bool,
    /// Claim rules that put nothing, and why.
    #[serde(skip)]
    pub skipped: Vec<Skipped>,
}

/// Walks the issuing path for a person who has just logged in with `requested` scopes (usually [`App::scopes`]).
///
/// # Errors
/// The refusal that the person would meet: no scope map, application disabled or account closed.
pub fn preview(
    mint: Mint<'_>,
    app: &App,
    facts: &Facts,
    requested: &ScopeSet,
    grant: &GrantFacts,
) -> Result<Preview, Refusal> {
    let allowed = crate::access::of_person(app, facts, mint.now)?;
    let scope = crate::scope::grantable(requested, &allowed);
    let drafts = draft(mint, app, facts, grant, &scope);
    let (_, left_out) = requested.partition(|one| scope.contains(one));
    let nothing = ClaimsRequest::default();
    // Plain data: it always has a JSON form.
    let json = |claims: Result<Value, serde_json::Error>| claims.unwrap_or_default();
    Ok(Preview {
        id_token: drafts.id_token.map(|claims| json(serde_json::to_value(claims))),
        access_token: json(serde_json::to_value(&drafts.access_token)),
        userinfo: userinfo_claims(mint.server, app, facts, &scope, &nothing),
        refresh_token: crate::token::refresh::is_due(app, &scope),
        skipped: drafts.skipped,
        scope,
        left_out,
    })
}
