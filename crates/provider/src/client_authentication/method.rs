//! The method is one that the application has: never weaker than what was set up (RFC 9700 §2.5, OpenID Connect Core §9).
//! Between Basic and post the request chooses, because libraries disagree and both prove the same.

use doorward_oidc::{ClientAuthMethod, Refusal, RefusalKind, Turn};

use super::{Attempt, Authenticated, PUBLIC};

/// Another method than the application has.
pub static CLIENT_METHOD_WRONG: RefusalKind = RefusalKind {
    code: "client_method_wrong",
    oauth: "invalid_client",
    public: PUBLIC,
    meaning: "An application authenticates by the method that was set up for it, never by a weaker one: a secret where a \
              signed assertion is expected, or no proof at all, is refused.",
    turn: Turn::Application,
};

pub(super) fn is_the_apps(attempt: Attempt<'_>, authenticated: &mut Authenticated) -> Result<(), Refusal> {
    let used = authenticated.method;
    let expected = attempt.app.authentication.method_names();
    if expected.contains(&used.as_str()) {
        return Ok(());
    }
    let app = attempt.app;
    let detail = format!("{} used {used}, expected {}", app.client_id, expected.join(" or "));
    let remedy = match used {
        ClientAuthMethod::None if expected.iter().any(|method| method.ends_with("tls_client_auth")) => {
            "send the application's certificate, to the addresses under mtls_endpoint_aliases of the metadata where there are \
             any; behind a proxy, let it pass the certificate on ([mtls] header)"
                .to_owned()
        }
        ClientAuthMethod::None => format!(
            "in {}, enter the client secret: doorward app secret show {}",
            app.name, app.client_id
        ),
        _ => format!(
            "in {}, choose {} as client authentication",
            app.name,
            expected.join(" or ")
        ),
    };
    Err(Refusal::response(&CLIENT_METHOD_WRONG, detail).with_remedy(remedy))
}
