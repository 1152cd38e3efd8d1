//! The grant still counts (RFC 6749 §5.2 `invalid_grant`), and no more than the person may have now.

use doorward_apps::App;
use doorward_directory::Facts;
use doorward_oidc::{Refusal, RefusalKind, ScopeSet, Turn};

use crate::Steps;

/// The grant behind a code or token was revoked.
pub static GRANT_REVOKED: RefusalKind = RefusalKind {
    code: "grant_revoked",
    oauth: "invalid_grant",
    public: "This grant has been revoked; a new login is needed.",
    meaning: "Logout, an administrator, a disabled user or a replayed code or refresh token ends a grant with everything \
              that came from it (RFC 6749 §10.5, RFC 9700 §4.14).",
    turn: Turn::Person,
};

/// The person may no longer use the application.
pub static ACCESS_WITHDRAWN: RefusalKind = RefusalKind {
    code: "access_withdrawn",
    oauth: "invalid_grant",
    public: "The person may no longer use this application.",
    meaning: "Access is asked again at every refresh and userinfo call, so leaving a group counts at once.",
    turn: Turn::Administrator,
};

/// The refusal for a grant that was revoked or is gone.
pub fn grant_is_over() -> Refusal {
    Refusal::response(
        &GRANT_REVOKED,
        "the grant of this code or token was revoked, or its user is gone",
    )
    .with_remedy("log in again")
}

/// What of `granted` counts now: all of it while the person's groups still allow it, less when they allow less.
///
/// # Errors
/// [`ACCESS_WITHDRAWN`] with the groups that would let the person in, or the account is closed at `now` (seconds).
pub fn current_scope(
    app: &App,
    facts: &Facts,
    granted: &ScopeSet,
    now: i64,
    steps: &mut Steps,
) -> Result<ScopeSet, Refusal> {
    const CHECK: &str = "token.access";
    match crate::access::of_person(app, facts, now) {
        Ok(allowed) => {
            let scope = crate::scope::grantable(granted, &allowed);
            steps.ok_with(CHECK, || {
                if scope.len() == granted.len() {
                    format!("granted: {scope}")
                } else {
                    format!("granted at the login: {granted}; still allowed: {scope}")
                }
            });
            Ok(scope)
        }
        Err(reason) => {
            let refusal = Refusal {
                remedy: reason.remedy,
                ..Refusal::response(&ACCESS_WITHDRAWN, reason.detail)
            };
            steps.refused(CHECK, &refusal);
            Err(refusal)
        }
    }
}
