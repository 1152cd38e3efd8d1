//! Scopes as people read them.

use super::text::Text;

/// A scope in plain words (OpenID Connect Core §5.4, §11; `groups` is ours).
pub(super) fn meaning(scope: &str, t: Text) -> String {
    match scope {
        "openid" => t.say("scope-openid"),
        "profile" => t.say("scope-profile"),
        "email" => t.say("scope-email"),
        "phone" => t.say("scope-phone"),
        "address" => t.say("scope-address"),
        "groups" => t.say("scope-groups"),
        "offline_access" => t.say("scope-offline-access"),
        other => t.with("scope-other", "scope", other),
    }
}
