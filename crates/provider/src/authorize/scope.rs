//! The scope makes sense for this server. Unknown scopes are ignored (OpenID Connect Core §3.1.2.1), and a request
//! without `openid` is plain OAuth: it is answered, without an ID token.

use doorward_oidc::{Refusal, STANDARD_SCOPES, Scope};

use super::Pending;

#[expect(clippy::unnecessary_wraps, reason = "every check of the table has the same shape")]
pub(super) fn is_sensible(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    let scope = &pending.request.scope;
    pending.found = format!("requested: {scope}");
    if !scope.contains(Scope::OPENID) {
        pending.found.push_str("; without openid, so there will be no ID token");
    }
    let own = pending.app.map(|app| &app.scope_maps);
    let (_, unknown) = scope.partition(|one| {
        STANDARD_SCOPES.contains(&one) || own.is_some_and(|maps| maps.iter().any(|map| map.scopes.contains(one)))
    });
    if !unknown.is_empty() {
        pending.found = format!(
            "{}; ignored, because nobody here is granted them: {unknown}",
            pending.found
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use doorward_oidc::ScopeSet;

    use crate::authorize::tests::{Case, request};

    #[test]
    fn unknown_scopes_are_ignored_and_named_in_the_trace() {
        let mut request = request();
        request.scope = ScopeSet::parse("openid user:email").unwrap();
        let mut case = Case::new();
        case.accepted(&request);
        assert!(
            case.detail_of("authorize.scope")
                .contains("ignored, because nobody here is granted them: user:email")
        );
    }

    #[test]
    fn plain_oauth_without_openid_is_accepted_and_the_trace_says_what_follows() {
        let mut request = request();
        request.scope = ScopeSet::parse("profile").unwrap();
        let mut case = Case::new();
        case.accepted(&request);
        assert!(case.detail_of("authorize.scope").contains("no ID token"));
    }
}
