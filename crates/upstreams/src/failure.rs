//! What the library says went wrong, as a refusal: whose turn it is, what was expected, what came, what to do.

use doorward_login::LoginError;
use doorward_oidc::{Refusal, RefusalKind};

use crate::{REFUSALS, Upstream, refusals};

/// The refusal for a login that failed at this upstream. The library's stable code is the refusal's code.
pub fn refusal_of(upstream: &Upstream, error: &LoginError) -> Refusal {
    let kind = kind_of(error.code());
    let refusal = Refusal::page(kind, format!("upstream {}: {error}", upstream.name));
    match remedy(upstream, error) {
        Some(remedy) => refusal.with_remedy(remedy),
        None => refusal,
    }
}

/// The kind with this code. What the library refuses to read at all has codes of its own, which say no more to a person
/// than that the answer was wrong.
pub(crate) fn kind_of(code: &str) -> &'static RefusalKind {
    match code {
        "setting_invalid" => &refusals::UPSTREAM_SETTING_REFUSED,
        "parameter_malformed" | "parameter_missing" | "parameter_repeated" | "request_too_large" => {
            &refusals::ATTEMPT_UNKNOWN
        }
        _ => REFUSALS
            .iter()
            .find(|kind| kind.code == code)
            .copied()
            .unwrap_or(&refusals::SETUP_ERROR),
    }
}

fn remedy(upstream: &Upstream, error: &LoginError) -> Option<String> {
    let name = &upstream.name;
    let edit = |flags: &str| format!("doorward upstream edit {name} {flags}");
    let probe = format!("doorward upstream probe {name}");
    Some(match error.code() {
        "issuer_mismatch" => match error {
            LoginError::Issuer { received, .. } => {
                format!("If {received} is right: {}", edit(&format!("--issuer {received}")))
            }
            _ => format!("Compare the issuer with what its metadata say: {probe}"),
        },
        "audience_mismatch" | "authorized_party_mismatch" => format!(
            "The client id here is `{}`: is it the one that is registered at the upstream? {}",
            upstream.client_id,
            edit("--client-id …")
        ),
        "algorithm_not_allowed" => format!(
            "Allow it, if it is one of RS256, PS256, ES256, EdDSA: {}",
            edit("--algorithms …")
        ),
        "clock_skew" => format!("Synchronise both clocks (NTP); the distance in milliseconds: {probe}"),
        "token_expired" => format!("Log in again; if it happens always, compare the clocks: {probe}"),
        "tls_untrusted" => format!("For a private CA: {}", edit("--ca-file /path/ca.pem")),
        "upstream_unreachable" | "answer_too_slow" => {
            format!("Look from this machine: {probe}. Administrators get in at /login?backup=1 meanwhile.")
        }
        "address_not_allowed" => format!(
            "If the upstream is meant to be in a private network: {}",
            edit("--allow-private on")
        ),
        "setup_error" | "endpoint_insecure" | "answer_redirected" | "upstream_setting_refused" | "setting_invalid" => {
            format!("See all that is wrong at once: {probe}")
        }
        "token_exchange_failed" => format!(
            "Compare client id, secret and redirect URI with what is registered at the upstream; a new secret: doorward \
             upstream secret set {name} --secret-file …"
        ),
        "id_token_missing" => "Register this server there for OpenID Connect, and grant the scope `openid`.".to_owned(),
        "no_userinfo" | "userinfo_subject_mismatch" => {
            format!("If the ID token says all that is needed: {}", edit("--userinfo off"))
        }
        "key_not_found" => format!("The upstream signs with a key that it does not publish: {probe}"),
        "tenant_not_allowed" => format!("To let the tenant in: {}", edit("--tenants …")),
        "denied_by_provider" => {
            "The upstream's own words say why; its administrator assigns people to the application.".to_owned()
        }
        "attempt_unknown" | "attempt_expired" | "attempt_of_another_browser" | "nonce_mismatch" => {
            "Begin the login again, in one browser, with cookies allowed.".to_owned()
        }
        "key_in_token"
        | "key_unusable"
        | "key_ambiguous"
        | "signature_invalid"
        | "token_malformed"
        | "token_type_mismatch"
        | "token_too_large" => {
            format!("The upstream's administrator has to mend that; what it publishes: {probe}")
        }
        _ => return None,
    })
}
