//! What of a requested scope is granted.

use doorward_oidc::{Scope, ScopeSet};

/// What was asked for and is allowed, in the order of asking. Unknown scopes fall out silently (OpenID Connect Core
/// §3.1.2.1), and the granted scope is always returned, so that the client can see it (RFC 6749 §3.3).
///
/// `openid` is granted to everybody who is let in at all: it says what kind of answer the client wants, not what the
/// person may do.
pub(crate) fn grantable(requested: &ScopeSet, allowed: &ScopeSet) -> ScopeSet {
    let (granted, _) = requested.partition(|scope| scope == Scope::OPENID || allowed.contains(scope));
    granted
}
