//! Client authentication at the token, introspection and revocation endpoints (RFC 6749 §2.3, §3.2.1, OpenID Connect
//! Core §9).
//!
//! To the outside, an unknown client, a wrong secret and a wrong method look alike; the trace knows which it was.

pub mod assertion;
pub mod certificate;
pub mod method;
pub mod secret;
#[cfg(test)]
mod tests;

use doorward_apps::{APP_DISABLED, App, SecretMatch};
use doorward_jose::{JwkSet, peek_unverified};
use doorward_oidc::{ClientAuthMethod, ClientAuthentication, ClientCertificate, Refusal, RefusalKind, Turn};
use serde_json::Value;

use crate::text::shown;
use crate::{Keyed, Server, Steps};

pub use assertion::{ASSERTION_INVALID, ASSERTION_REPLAYED, AssertionUse};
pub use certificate::CLIENT_CERTIFICATE_WRONG;
pub use method::CLIENT_METHOD_WRONG;
pub use secret::CLIENT_SECRET_WRONG;

/// What everybody outside is told, whatever was wrong.
pub(crate) const PUBLIC: &str = "The client could not be authenticated.";

/// No application has this client id.
pub static CLIENT_ID_UNKNOWN: RefusalKind = RefusalKind {
    code: "client_id_unknown",
    oauth: "invalid_client",
    public: PUBLIC,
    meaning: "Only applications that an administrator added may use this endpoint (RFC 6749 §5.2).",
    turn: Turn::Application,
};

/// The request names no client.
pub static CLIENT_AUTHENTICATION_MISSING: RefusalKind = RefusalKind {
    code: "client_authentication_missing",
    oauth: "invalid_client",
    public: PUBLIC,
    meaning: "The token, introspection and revocation endpoints need to know which client asks (RFC 6749 §3.2.1).",
    turn: Turn::Application,
};

/// A client that proved who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticated {
    /// By which method.
    pub method: ClientAuthMethod,
    /// A signed assertion, which the caller has to claim as used once before it counts.
    pub assertion: Option<AssertionUse>,
    /// The secret is an old one in its overlap: worth a line in the trace.
    pub previous_secret: bool,
}

/// Compares a presented secret with the application's hashes, in constant time: [`doorward_apps::secret_matches`] with the
/// master key.
pub type SecretCheck<'a> = &'a dyn Fn(&App, &str) -> SecretMatch;

/// An authentication on its way through the checks.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// What came.
    pub presented: &'a ClientAuthentication,
    /// The application that it names.
    pub app: &'a App,
    /// The keys that count for it.
    pub keys: Option<&'a JwkSet>,
    /// Who we are: assertions name us as their audience.
    pub server: &'a Server,
    /// Seconds since the epoch.
    pub now: i64,
    /// How secrets are compared.
    pub secret: SecretCheck<'a>,
    /// The certificate that came with the request.
    pub certificate: Option<&'a ClientCertificate>,
}

/// One check: its name in traces, and what it asks. Each may add to what is known of the client.
pub type Check = (&'static str, fn(Attempt<'_>, &mut Authenticated) -> Result<(), Refusal>);

/// What must hold before a client counts as authenticated.
pub const CHECKS: &[Check] = &[
    ("client.enabled", is_enabled),
    ("client.method", method::is_the_apps),
    ("client.secret", secret::is_right),
    ("client.assertion", assertion::is_valid),
    ("client.certificate", certificate::is_the_apps),
];

/// The application that the credentials name: `find` is the snapshot's lookup by client id.
pub fn named_app<'a>(presented: &ClientAuthentication, find: impl Fn(&str) -> Option<&'a App>) -> Option<&'a App> {
    if let ClientAuthentication::PrivateKeyJwt {
        client_id: None,
        assertion,
    } = presented
    {
        return subject_of(assertion.expose()).and_then(|client_id| find(&client_id));
    }
    presented.client_ids().into_iter().find_map(find)
}

/// Whom an assertion claims to speak for, before anything of it is known to be true: only to choose the keys.
fn subject_of(assertion: &str) -> Option<String> {
    let (_, claims) = peek_unverified(assertion, assertion::MAX_BYTES).ok()?;
    claims.get("sub").and_then(Value::as_str).map(str::to_owned)
}

/// Runs [`CHECKS`]. `keyed` is what [`named_app`] found.
///
/// # Errors
/// `invalid_client` in each case; only the trace knows more.
pub fn authenticate(
    presented: Option<&ClientAuthentication>,
    keyed: Option<Keyed<'_>>,
    server: &Server,
    now: i64,
    secret: SecretCheck<'_>,
    certificate: Option<&ClientCertificate>,
    steps: &mut Steps,
) -> Result<Authenticated, Refusal> {
    let known = presented.ok_or_else(missing).and_then(|presented| match keyed {
        Some(keyed) => Ok((presented, keyed)),
        None => Err(unknown(presented)),
    });
    let (presented, Keyed { app, keys }) = steps.record("client.known", known)?;
    let attempt = Attempt {
        presented,
        app,
        keys,
        server,
        now,
        secret,
        certificate,
    };
    let mut authenticated = Authenticated {
        method: match presented {
            ClientAuthentication::None { .. } => certificate::method(app, certificate),
            _ => presented.method(),
        },
        assertion: None,
        previous_secret: false,
    };
    for (name, check) in CHECKS {
        steps.record(name, check(attempt, &mut authenticated))?;
    }
    if authenticated.previous_secret {
        steps.info(
            "client.secret",
            "the previous secret, still valid in its overlap: give the application the new one",
        );
    }
    Ok(authenticated)
}

fn is_enabled(attempt: Attempt<'_>, _: &mut Authenticated) -> Result<(), Refusal> {
    if !attempt.app.disabled {
        return Ok(());
    }
    let detail = format!("the application {} is disabled", attempt.app.client_id);
    Err(Refusal::response(&CLIENT_DISABLED, detail)
        .with_remedy(format!("doorward app enable {}", attempt.app.client_id)))
}

/// The application is switched off.
pub static CLIENT_DISABLED: RefusalKind = RefusalKind {
    code: "client_disabled",
    oauth: "invalid_client",
    public: PUBLIC,
    meaning: APP_DISABLED.meaning,
    turn: Turn::Administrator,
};

fn missing() -> Refusal {
    Refusal::response(&CLIENT_AUTHENTICATION_MISSING, "the request names no client")
        .with_remedy("in the application, send client id and secret (client_secret_basic or client_secret_post)")
}

fn unknown(presented: &ClientAuthentication) -> Refusal {
    let named = presented
        .client_ids()
        .first()
        .map_or_else(|| "in an assertion".to_owned(), |id| shown(id));
    Refusal::response(&CLIENT_ID_UNKNOWN, format!("no application has the client id {named}"))
        .with_remedy("doorward app list shows the client ids; in the application, correct its client id")
}
