//! What an authority's words mean for the administrator.

use doorward_oidc::{Refusal, RefusalKind};
use instant_acme::{Error, Problem};

use super::http::NoAnswer;
use super::settings::{AcmeSettings, LETS_ENCRYPT, Proof};
use crate::refusals;

/// The refusal for an error on the way to a certificate for `host`.
pub(super) fn refusal(error: &Error, settings: &AcmeSettings, host: &str) -> Refusal {
    let directory = &settings.directory;
    match error {
        Error::Api(problem) => of_problem(problem, settings, host),
        Error::Other(cause) => match cause.downcast_ref::<NoAnswer>() {
            Some(no_answer) if no_answer.is_untrusted => {
                Refusal::response(&refusals::ACME_UNTRUSTED, format!("{directory}: {no_answer}")).with_remedy(
                    "for a private authority: [tls] acme_ca = \"FILE\" with the CA of the directory's own certificate",
                )
            }
            _ => unreachable(format!("{directory}: {cause}")),
        },
        Error::Json(error) => unreachable(format!("{directory}: the answer is not one of ACME: {error}")),
        Error::Timeout(_) => Refusal::response(
            &refusals::ACME_CHALLENGE_FAILED,
            format!("{directory} did not decide within its time"),
        )
        .with_remedy(where_it_comes(settings, host)),
        other => Refusal::response(&refusals::ACME_REFUSED, format!("{directory}: {other}")),
    }
}

/// The authority came, and did not find what it looked for.
pub(super) fn challenge_failed(problem: Option<&Problem>, settings: &AcmeSettings, host: &str) -> Refusal {
    match problem {
        Some(problem) if kind(problem).is_some() => of_problem(problem, settings, host),
        Some(problem) => Refusal::response(&refusals::ACME_CHALLENGE_FAILED, said(problem, settings))
            .with_remedy(where_it_comes(settings, host)),
        None => Refusal::response(
            &refusals::ACME_CHALLENGE_FAILED,
            format!("{} says that the order is invalid, and not why", settings.directory),
        )
        .with_remedy(where_it_comes(settings, host)),
    }
}

/// Whether the account that we keep is unknown there.
pub(super) fn is_unknown_account(error: &Error) -> bool {
    matches!(error, Error::Api(problem) if word(problem) == "accountDoesNotExist")
}

fn unreachable(detail: String) -> Refusal {
    Refusal::response(&refusals::ACME_UNREACHABLE, detail).with_remedy(format!(
        "this server must reach the directory over HTTPS; [tls] acme_directory says where it is (Let's Encrypt: {LETS_ENCRYPT})"
    ))
}

fn of_problem(problem: &Problem, settings: &AcmeSettings, host: &str) -> Refusal {
    let kind = kind(problem).unwrap_or(&refusals::ACME_REFUSED);
    let refusal = Refusal::response(kind, said(problem, settings));
    let remedy = match kind.code {
        "acme_challenge_failed" => where_it_comes(settings, host),
        "acme_rate_limited" => {
            "wait: it is tried again by itself. While setting things up, use the authority's staging directory"
                .to_owned()
        }
        "acme_name_refused" => format!(
            "the public URL must be a name that this authority issues for, and CAA records of {host} must allow it; for a private \
             name: [tls] ca = true"
        ),
        "acme_account_refused" => {
            "[tls] acme must be an e-mail address that the authority takes; authorities that bind accounts to \
             customers are not supported"
                .to_owned()
        }
        _ => return refusal,
    };
    refusal.with_remedy(remedy)
}

fn kind(problem: &Problem) -> Option<&'static RefusalKind> {
    Some(match word(problem) {
        "connection" | "dns" | "tls" | "incorrectResponse" | "unauthorized" => &refusals::ACME_CHALLENGE_FAILED,
        "rateLimited" => &refusals::ACME_RATE_LIMITED,
        "rejectedIdentifier" | "unsupportedIdentifier" | "caa" => &refusals::ACME_NAME_REFUSED,
        "invalidContact"
        | "unsupportedContact"
        | "externalAccountRequired"
        | "userActionRequired"
        | "accountDoesNotExist" => &refusals::ACME_ACCOUNT_REFUSED,
        _ => return None,
    })
}

/// `urn:ietf:params:acme:error:WORD` (RFC 8555 §6.7).
fn word(problem: &Problem) -> &str {
    let kind = problem.r#type.as_deref().unwrap_or_default();
    kind.rsplit(':').next().unwrap_or_default()
}

fn said(problem: &Problem, settings: &AcmeSettings) -> String {
    let short: String = problem
        .to_string()
        .chars()
        .filter(|c| !c.is_control())
        .take(600)
        .collect();
    format!("{} says: {short}", settings.directory)
}

fn where_it_comes(settings: &AcmeSettings, host: &str) -> String {
    match settings.proof {
        Proof::TlsAlpn => format!(
            "the authority comes to port 443 of {host}: the name must lead here, past no proxy that ends TLS. Where port 80 \
             leads here instead, set [tls] http = \"0.0.0.0:80\""
        ),
        Proof::Http => format!(
            "the authority comes to http://{host}/.well-known/acme-challenge/ on port 80: the name and the port must lead to \
             [tls] http of this server"
        ),
    }
}
