//! What to store when the answer is a code.

use doorward_apps::App;
use doorward_directory::Facts;
use doorward_oidc::{ClaimsRequest, CodeChallenge, Scope, ScopeSet};
use uuid::Uuid;

use super::{Accepted, SessionFacts};
use crate::Extent;
use crate::Server;
use crate::subject::subject;

/// The grant and the code that one decision creates, in one unit of work. Times are seconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantPlan {
    /// The application's row.
    pub app_id: Uuid,
    /// The person.
    pub user_id: Uuid,
    /// The session it comes from.
    pub session_id: Uuid,
    /// The `sub` that the application will see.
    pub subject: String,
    /// What was granted.
    pub scope: ScopeSet,
    /// Single claims asked for.
    pub claims: ClaimsRequest,
    /// For the ID token.
    pub nonce: Option<String>,
    /// When the person authenticated.
    pub auth_time: i64,
    /// How.
    pub amr: Vec<String>,
    /// The context that was reached.
    pub acr: Option<String>,
    /// Whether the grant outlives its session: `offline_access` was asked for and granted (OpenID Connect Core §11).
    pub offline: bool,
    /// The redirect URI when the client sent it; it must come again with the code (RFC 6749 §4.1.3).
    pub redirect_uri: Option<String>,
    /// The challenge when the client sent one.
    pub code_challenge: Option<CodeChallenge>,
    /// What is granted beside the scope.
    pub extent: Extent,
    /// The pushed request that this answers; it is taken in the same unit of work.
    pub pushed: Option<Uuid>,
    /// The key that the code is bound to (RFC 9449 §10).
    pub dpop_jkt: Option<String>,
    /// When the code ends.
    pub code_expires: i64,
}

impl GrantPlan {
    pub(super) fn new(
        request: &Accepted,
        (server, app): (&Server, &App),
        session: &SessionFacts,
        facts: &Facts,
        scope: ScopeSet,
        now: i64,
    ) -> Self {
        Self {
            app_id: app.id,
            user_id: session.user_id,
            session_id: session.id,
            subject: subject(server, app, facts),
            offline: scope.contains(Scope::OFFLINE_ACCESS),
            scope,
            claims: request.claims.clone(),
            nonce: request.nonce.clone(),
            auth_time: session.auth_time,
            amr: session.amr.clone(),
            acr: super::decide::context(request, session),
            redirect_uri: request.redirect_uri_sent.then(|| request.reply_to.redirect_uri.clone()),
            code_challenge: request.code_challenge.clone(),
            extent: request.extent.clone(),
            pushed: request.pushed,
            dpop_jkt: request.dpop_jkt.clone(),
            code_expires: now.saturating_add(app.lifetimes.code),
        }
    }
}
