//! The signed assertion is the client's, for us, short-lived and new (RFC 7523 §3, OpenID Connect Core §9).

use doorward_apps::Profile;
use doorward_jose::{Algorithm, TimeRules, Typ, UnknownMembers, VerificationPolicy, verify};
use doorward_oidc::{ClientAuthentication, Refusal, RefusalKind, Turn};
use serde_json::{Map, Value};

use super::{Attempt, Authenticated, PUBLIC};
use crate::path;
use crate::text::shown;

/// Longest assertion in bytes.
pub(crate) const MAX_BYTES: usize = 8 * 1024;
/// Longest `jti` that is remembered, in bytes.
const MAX_JTI: usize = 256;
/// How far `exp` may be ahead, in seconds: it is remembered until then.
pub const MAX_LIFETIME: i64 = 600;
/// How far the client's clock may differ, in seconds.
const LEEWAY: i64 = 30;

/// Foreign libraries add header members (`x5t`, …), which are never used as keys.
const POLICY: VerificationPolicy<'static> =
    VerificationPolicy::new(Typ::Optional(&["JWT", "client-authentication+jwt"]), Algorithm::ALL)
        .with_max_bytes(MAX_BYTES)
        .with_unknown_members(UnknownMembers::Ignored);

/// The assertion does not hold.
pub static ASSERTION_INVALID: RefusalKind = RefusalKind {
    code: "client_assertion_invalid",
    oauth: "invalid_client",
    public: PUBLIC,
    meaning: "A client assertion is signed with a registered key of the client, names it as iss and sub and us as aud, ends \
              within ten minutes and has a jti (RFC 7523 §3, OpenID Connect Core §9).",
    turn: Turn::Application,
};

/// The assertion was used before.
pub static ASSERTION_REPLAYED: RefusalKind = RefusalKind {
    code: "client_assertion_replayed",
    oauth: "invalid_client",
    public: PUBLIC,
    meaning: "A client assertion works once, by its jti (RFC 7523 §3).",
    turn: Turn::Application,
};

/// A valid assertion that still has to be claimed as used for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionUse {
    /// What to claim: client id and `jti`.
    pub key: String,
    /// Until when to remember it, in seconds since the epoch.
    pub expires_at: i64,
}

impl AssertionUse {
    /// The refusal when it has been claimed before.
    pub fn replayed(&self) -> Refusal {
        Refusal::response(
            &ASSERTION_REPLAYED,
            format!("the assertion {} was used before", shown(&self.key)),
        )
        .with_remedy("in the application, make a new assertion with a new jti for each request")
    }
}

pub(super) fn is_valid(attempt: Attempt<'_>, authenticated: &mut Authenticated) -> Result<(), Refusal> {
    let ClientAuthentication::PrivateKeyJwt { client_id, assertion } = attempt.presented else {
        return Ok(());
    };
    let app = attempt.app;
    let refuse = |detail: String| Refusal::response(&ASSERTION_INVALID, detail);
    if client_id.as_ref().is_some_and(|client_id| *client_id != app.client_id) {
        return Err(refuse(format!("client_id is another client than {}", app.client_id)));
    }
    let keys = attempt.keys.ok_or_else(|| {
        refuse(format!("{} has no registered keys", app.client_id))
            .with_remedy(format!("doorward app edit {} --jwks FILE", app.client_id))
    })?;
    let policy = VerificationPolicy {
        algorithms: app.client_algorithms(),
        ..POLICY
    };
    let verified = verify(assertion.expose(), keys, &policy).map_err(|error| refuse(error.to_string()))?;
    let claims = verified.claims();
    for claim in ["iss", "sub"] {
        let received = claims.get(claim).and_then(Value::as_str).unwrap_or_default();
        if received != app.client_id {
            return Err(refuse(format!(
                "{claim}: expected {}, received {}",
                app.client_id,
                shown(received)
            )));
        }
    }
    audience_is_us(attempt, claims).map_err(refuse)?;
    let rules = TimeRules {
        max_lifetime: Some(MAX_LIFETIME),
        ..TimeRules::new(attempt.now, LEEWAY)
    };
    rules.check(claims).map_err(|error| refuse(error.to_string()))?;
    let jti = claims.get("jti").and_then(Value::as_str).filter(|jti| !jti.is_empty());
    let jti = jti.ok_or_else(|| refuse("jti: expected a unique string, received none".to_owned()))?;
    if jti.len() > MAX_JTI {
        return Err(refuse(format!(
            "jti: expected at most {MAX_JTI} bytes, received {}",
            jti.len()
        )));
    }
    authenticated.assertion = Some(AssertionUse {
        key: format!("{}:{jti}", app.client_id),
        // The bound above makes this an overestimate at worst, so no used assertion is forgotten early.
        expires_at: attempt.now.saturating_add(MAX_LIFETIME + 2 * LEEWAY),
    });
    Ok(())
}

/// Every audience is us: an assertion that is also for somebody else could be used by them here.
fn audience_is_us(attempt: Attempt<'_>, claims: &Map<String, Value>) -> Result<(), String> {
    let server = attempt.server;
    let issuer = server.issuer(attempt.app);
    if attempt.app.requests.profile.is_some_and(Profile::is_fapi) {
        return match claims.get("aud") {
            Some(Value::String(one)) if *one == issuer => Ok(()),
            other => Err(format!(
                "aud: expected {issuer} and nothing else, as a single text (FAPI 2.0 Security Profile §5.3.2.1), received {}",
                shown(&other.map(Value::to_string).unwrap_or_default())
            )),
        };
    }
    let ours = |audience: &str| {
        audience == issuer
            || audience == server.public_url()
            || [
                path::TOKEN,
                path::INTROSPECT,
                path::REVOKE,
                path::PAR,
                path::DEVICE_AUTHORIZATION,
                path::BACKCHANNEL_AUTHENTICATION,
            ]
            .into_iter()
            .any(|path| server.is_at_for(attempt.app, path, audience))
    };
    let all: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().map(|one| one.as_str().unwrap_or_default()).collect(),
        _ => Vec::new(),
    };
    if !all.is_empty() && all.iter().all(|audience| ours(audience)) {
        return Ok(());
    }
    let received: Vec<String> = all.iter().map(|audience| shown(audience)).collect();
    Err(format!(
        "aud: expected {issuer} or {}, received {}",
        server.token_endpoint(),
        received.join(", ")
    ))
}
