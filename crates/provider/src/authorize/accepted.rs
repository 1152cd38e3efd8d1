//! An authorization request that passed every check: what the rest of the login works with.

use doorward_oidc::{ClaimsRequest, CodeChallenge, Display, PromptSet, ScopeSet};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ReplyTo;
use crate::Extent;

/// A checked request. It is stored with the login attempt as JSON, so nothing is checked or parsed twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The application.
    pub client_id: String,
    /// Where the answer goes.
    pub reply_to: ReplyTo,
    /// Whether the client sent `redirect_uri`; then it has to repeat it at the token endpoint (RFC 6749 §4.1.3).
    pub redirect_uri_sent: bool,
    /// What was asked for, unknown scopes included (they are ignored when granting).
    pub scope: ScopeSet,
    /// Returned in the ID token.
    pub nonce: Option<String>,
    /// Bound to the code whenever it was sent.
    pub code_challenge: Option<CodeChallenge>,
    /// What the client wants the person to be asked.
    pub prompt: PromptSet,
    /// Longest time since the person authenticated, in seconds.
    pub max_age: Option<i64>,
    /// Single claims asked for.
    pub claims: ClaimsRequest,
    /// A name to put into the login page.
    pub login_hint: Option<String>,
    /// The `sub` that has to be logged in, from `id_token_hint` or the `claims` parameter.
    pub expected_subject: Option<String>,
    /// Authentication contexts that the client would like, in order of preference. A wish.
    pub acr_values: Vec<String>,
    /// Languages for the pages, in order of preference.
    pub ui_locales: Vec<String>,
    /// How the client shows the pages.
    pub display: Option<Display>,
    /// What is asked for beside the scope.
    #[serde(default)]
    pub extent: Extent,
    /// The pushed request that this is, to be answered once.
    #[serde(default)]
    pub pushed: Option<Uuid>,
    /// The key that the code will be bound to (RFC 9449 §10).
    #[serde(default)]
    pub dpop_jkt: Option<String>,
}

/// What the person has already done for this one request. The login attempt carries it, so that a demand like
/// `prompt=login` or `max_age=0` is met exactly once and never loops.
///
/// Each entry names whom it holds for: when the browser's session changes in between, it counts for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The session that was made, or renewed, by authenticating for this request.
    pub authenticated: Option<Uuid>,
    /// The user who was chosen for this request.
    pub account_chosen: Option<Uuid>,
    /// The user who consented for this request.
    pub consented: Option<Uuid>,
}
