//! A service account signs for its token (RFC 7523 §2.1): the assertion names it as issuer and subject and us as audience, lives
//! for minutes and counts once. What the account may get is what its groups may have in the application.

use doorward_apps::{App, AppKind};
use doorward_directory::{Facts, UserKind};
use doorward_jose::{Algorithm, JwkSet, TimeRules, Typ, UnknownMembers, VerificationPolicy, peek_unverified, verify};
use doorward_oidc::{Refusal, RefusalKind, Scope, ScopeSet, Turn};
use serde_json::{Map, Value};

use super::SCOPE_NOT_GRANTED;
use crate::text::shown;
use crate::{Server, Steps, path};

/// Longest assertion in bytes.
const MAX_BYTES: usize = 8 * 1024;
/// How far `exp` may be ahead, in seconds.
const MAX_LIFETIME: i64 = 600;
/// How far the account's clock may differ, in seconds.
const LEEWAY: i64 = 30;
/// Longest `jti` in bytes.
const MAX_JTI: usize = 256;

const POLICY: VerificationPolicy<'static> = VerificationPolicy::new(Typ::Optional(&["JWT"]), Algorithm::ALL)
    .with_max_bytes(MAX_BYTES)
    .with_unknown_members(UnknownMembers::Ignored);

/// The application is not set up for it.
pub static JWT_BEARER_NOT_ALLOWED: RefusalKind = RefusalKind {
    code: "jwt_bearer_not_allowed",
    oauth: "unauthorized_client",
    public: "This application does not take assertions of service accounts.",
    meaning: "The JWT assertion grant is for confidential applications that an administrator allowed it (RFC 7523 §2.1).",
    turn: Turn::Administrator,
};

/// The assertion does not hold.
pub static JWT_BEARER_INVALID: RefusalKind = RefusalKind {
    code: "jwt_bearer_invalid",
    oauth: "invalid_grant",
    public: "The assertion is not valid.",
    meaning: "An assertion is signed with a key of a service account, names the account as iss and sub and us as aud, ends within \
              ten minutes, has a jti and counts once (RFC 7523 §3).",
    turn: Turn::Application,
};

/// Whether the application takes assertions.
///
/// # Errors
/// [`JWT_BEARER_NOT_ALLOWED`].
pub fn may_ask(app: &App, steps: &mut Steps) -> Result<(), Refusal> {
    let may = if app.grants.jwt_bearer && app.kind == AppKind::Confidential {
        Ok(())
    } else {
        let detail = format!("{} is not set up for assertions", app.client_id);
        Err(Refusal::response(&JWT_BEARER_NOT_ALLOWED, detail)
            .with_remedy(format!("doorward app edit {} --jwt-bearer true", app.client_id)))
    };
    steps.record("assertion.allowed", may)
}

/// Whom an assertion claims to speak for, before anything of it is known to be true: only to choose the keys.
pub fn named(assertion: &str) -> Option<String> {
    let (_, claims) = peek_unverified(assertion, MAX_BYTES).ok()?;
    claims.get("iss").and_then(Value::as_str).map(str::to_owned)
}

/// The refusal for an account that there is not, that is a person's, or that has no key.
pub fn unknown(why: impl Into<String>) -> Refusal {
    Refusal::response(&JWT_BEARER_INVALID, why).with_remedy("doorward service key list <account> shows its keys")
}

/// A valid assertion that still has to be claimed as used for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionUse {
    /// What to claim: account and `jti`.
    pub key: String,
    /// Until when to remember it, in seconds since the epoch.
    pub expires_at: i64,
}

impl AssertionUse {
    /// The refusal when it has been claimed before.
    pub fn replayed(&self) -> Refusal {
        Refusal::response(
            &JWT_BEARER_INVALID,
            format!("the assertion {} was used before", shown(&self.key)),
        )
        .with_remedy("make a new assertion with a new jti for each request")
    }
}

/// Verifies an assertion with the keys of the account that it names.
///
/// # Errors
/// [`JWT_BEARER_INVALID`].
pub fn verified(
    assertion: &str,
    account: &Facts,
    keys: &JwkSet,
    (server, app): (&Server, &App),
    now: i64,
    steps: &mut Steps,
) -> Result<AssertionUse, Refusal> {
    steps.record("assertion.valid", check(assertion, account, keys, (server, app), now))
}

fn check(
    assertion: &str,
    account: &Facts,
    keys: &JwkSet,
    (server, app): (&Server, &App),
    now: i64,
) -> Result<AssertionUse, Refusal> {
    let refuse = |detail: String| Refusal::response(&JWT_BEARER_INVALID, detail);
    if account.user.kind != UserKind::Service {
        return Err(refuse(format!(
            "{} is a person, not a service account",
            account.user.name
        )));
    }
    let verified = verify(assertion, keys, &POLICY).map_err(|error| refuse(error.to_string()))?;
    let claims = verified.claims();
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("iss") != text("sub") {
        return Err(refuse(format!(
            "sub: expected the issuer {}, received {}; an account speaks for itself only",
            shown(text("iss")),
            shown(text("sub"))
        )));
    }
    is_for_us(claims, server, app).map_err(refuse)?;
    let rules = TimeRules {
        max_lifetime: Some(MAX_LIFETIME),
        ..TimeRules::new(now, LEEWAY)
    };
    rules.check(claims).map_err(|error| refuse(error.to_string()))?;
    let jti = text("jti");
    if jti.is_empty() || jti.len() > MAX_JTI {
        return Err(refuse(format!(
            "jti: expected a unique string of at most {MAX_JTI} bytes"
        )));
    }
    Ok(AssertionUse {
        key: format!("{}:{jti}", account.user.id),
        expires_at: now.saturating_add(MAX_LIFETIME + 2 * LEEWAY),
    })
}

/// Every audience is us: an assertion that is also for somebody else could be used by them here.
fn is_for_us(claims: &Map<String, Value>, server: &Server, app: &App) -> Result<(), String> {
    let issuer = server.issuer(app);
    let ours = |audience: &str| {
        audience == issuer || audience == server.public_url() || server.is_at_for(app, path::TOKEN, audience)
    };
    let is_ours = match claims.get("aud") {
        Some(Value::String(one)) => ours(one),
        Some(Value::Array(many)) => !many.is_empty() && many.iter().all(|one| one.as_str().is_some_and(ours)),
        _ => false,
    };
    if is_ours {
        return Ok(());
    }
    let received = claims.get("aud").map_or_else(|| "none".to_owned(), Value::to_string);
    Err(format!("aud: expected {issuer}, received {}", shown(&received)))
}

/// What the account gets: what it asks for of what its groups may have, or all of what the application requests.
///
/// # Errors
/// [`SCOPE_NOT_GRANTED`], [`super::ACCESS_WITHDRAWN`].
pub fn scope(
    app: &App,
    account: &Facts,
    requested: Option<&ScopeSet>,
    now: i64,
    steps: &mut Steps,
) -> Result<ScopeSet, Refusal> {
    let wanted = requested.filter(|scope| !scope.is_empty()).unwrap_or(&app.scopes);
    // Nobody logs in, and nobody is away.
    let (wanted, _) = wanted.partition(|scope| scope != Scope::OPENID && scope != Scope::OFFLINE_ACCESS);
    let granted = super::current_scope(app, account, &wanted, now, steps)?;
    if granted.is_empty() && requested.is_some_and(|requested| !requested.is_empty()) {
        let refusal = Refusal::response(
            &SCOPE_NOT_GRANTED,
            format!("requested: {wanted}; none of it is granted"),
        );
        steps.refused("assertion.scope", &refusal);
        return Err(refusal);
    }
    Ok(granted)
}

#[cfg(test)]
mod tests {
    use doorward_jose::SigningKey;
    use serde_json::json;

    use super::*;
    use crate::testing::{self, NOW, World};

    fn robot() -> Facts {
        let mut facts = testing::facts();
        facts.user.kind = UserKind::Service;
        facts
    }

    fn claims() -> Value {
        json!({"iss": "alice", "sub": "alice", "aud": "https://sso.example.com", "exp": NOW + 60, "jti": "1"})
    }

    fn outcome(account: &Facts, claims: &Value) -> Result<AssertionUse, Refusal> {
        let world = World::new();
        let key = SigningKey::generate(Algorithm::ES256).unwrap().key;
        let keys = JwkSet::new([key.public_jwk().clone()]).unwrap();
        let assertion = key.sign(Some("JWT"), claims).unwrap();
        check(&assertion, account, &keys, (&world.server, &testing::app()), NOW)
    }

    #[test]
    fn a_service_account_signs_for_itself() {
        let used = outcome(&robot(), &claims()).unwrap();
        assert!(used.key.ends_with(":1"));
        assert_eq!(
            outcome(&testing::facts(), &claims()).unwrap_err().kind,
            &JWT_BEARER_INVALID,
            "a person"
        );
    }

    #[test]
    fn what_is_wrong_with_an_assertion_is_refused() {
        for (name, value) in [
            ("sub", json!("bob")),
            ("aud", json!("https://other.example")),
            ("aud", json!(["https://sso.example.com", "https://other.example"])),
            ("aud", json!([])),
            ("aud", Value::Null),
            ("exp", json!(NOW - 60)),
            ("exp", json!(NOW + 3600)),
            ("exp", Value::Null),
            ("nbf", json!(NOW + 60)),
            ("jti", json!("")),
            ("jti", json!("x".repeat(257))),
        ] {
            let mut claims = claims();
            claims[name] = value.clone();
            assert!(outcome(&robot(), &claims).is_err(), "{name} {value}");
        }
    }

    #[test]
    fn another_key_and_a_token_of_ours_are_no_assertion() {
        let world = World::new();
        let key = || SigningKey::generate(Algorithm::ES256).unwrap().key;
        let keys = JwkSet::new([key().public_jwk().clone()]).unwrap();
        let (server, app) = (&world.server, &testing::app());
        let forged = key().sign(Some("JWT"), &claims()).unwrap();
        assert!(check(&forged, &robot(), &keys, (server, app), NOW).is_err());
        let typed = key();
        let keys = JwkSet::new([typed.public_jwk().clone()]).unwrap();
        let token = typed.sign(Some("at+jwt"), &claims()).unwrap();
        assert!(check(&token, &robot(), &keys, (server, app), NOW).is_err());
    }

    #[test]
    fn an_account_gets_what_its_groups_may_have() {
        let app = testing::app();
        let of = |list: Option<&str>| {
            let requested = list.map(testing::scope);
            scope(&app, &robot(), requested.as_ref(), NOW, &mut Steps::new())
        };
        assert_eq!(of(None).unwrap(), testing::scope("profile email groups"));
        assert_eq!(of(Some("email admin openid")).unwrap(), testing::scope("email"));
        assert_eq!(of(Some("admin")).unwrap_err().kind, &SCOPE_NOT_GRANTED);
        let mut left = robot();
        left.groups.clear();
        assert!(scope(&app, &left, None, NOW, &mut Steps::new()).is_err());
    }
}
