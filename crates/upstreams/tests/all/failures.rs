//! Every failure of a login has a name, somebody whose turn it is, and something to do.

use doorward_jose::JoseError;
use doorward_login::{LoginError, Step};
use doorward_oidc::Turn;
use doorward_upstreams::{REFUSALS, refusal_of};

use crate::fixture::on_both_engines;

fn claim(claim: &'static str) -> LoginError {
    LoginError::Claim {
        token: "ID token",
        claim,
        expected: "`this`".to_owned(),
        received: "`that`".to_owned(),
    }
}

fn answer(step: Step) -> LoginError {
    LoginError::Answer {
        step,
        url: "https://id.example.org/x".to_owned(),
        expected: "JSON",
        received: "status 500".to_owned(),
    }
}

#[test]
fn each_failure_of_the_library_has_its_own_refusal() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let url = || "https://id.example.org".to_owned();
        let token = |error: JoseError| LoginError::Token {
            token: "ID token",
            error,
        };
        for (error, code, turn) in [
            (answer(Step::Metadata), "setup_error", Turn::Upstream),
            (answer(Step::Keys), "setup_error", Turn::Upstream),
            (answer(Step::Token), "token_exchange_failed", Turn::Administrator),
            (answer(Step::Userinfo), "no_userinfo", Turn::Upstream),
            (
                LoginError::Unreachable {
                    url: url(),
                    detail: "refused".to_owned(),
                },
                "upstream_unreachable",
                Turn::Upstream,
            ),
            (
                LoginError::Tls {
                    url: url(),
                    detail: "unknown issuer".to_owned(),
                },
                "tls_untrusted",
                Turn::Administrator,
            ),
            (
                LoginError::TooSlow {
                    url: url(),
                    milliseconds: 5000,
                },
                "answer_too_slow",
                Turn::Upstream,
            ),
            (
                LoginError::TooLarge { url: url(), limit: 1 },
                "answer_too_large",
                Turn::Upstream,
            ),
            (
                LoginError::Issuer {
                    expected: url(),
                    received: format!("{}/", url()),
                },
                "issuer_mismatch",
                Turn::Administrator,
            ),
            (claim("iss"), "issuer_mismatch", Turn::Administrator),
            (claim("aud"), "audience_mismatch", Turn::Administrator),
            (claim("azp"), "authorized_party_mismatch", Turn::Administrator),
            (claim("nonce"), "nonce_mismatch", Turn::Person),
            (claim("at_hash"), "access_token_mismatch", Turn::Upstream),
            (claim("tid"), "tenant_not_allowed", Turn::Administrator),
            (claim("auth_time"), "authentication_too_old", Turn::Person),
            (LoginError::NoIdToken, "id_token_missing", Turn::Upstream),
            (LoginError::Browser, "attempt_of_another_browser", Turn::Person),
            (LoginError::Attempt { minutes: 10 }, "attempt_unknown", Turn::Person),
            (
                LoginError::ResponseIssuer {
                    expected: url(),
                    received: "none".to_owned(),
                },
                "response_issuer_mismatch",
                Turn::Administrator,
            ),
            (
                LoginError::TokenRefused {
                    status: 401,
                    error: "invalid_client".to_owned(),
                    description: None,
                },
                "token_exchange_failed",
                Turn::Administrator,
            ),
            (
                LoginError::Denied {
                    error: "access_denied".to_owned(),
                    description: None,
                },
                "denied_by_provider",
                Turn::Person,
            ),
            (
                LoginError::UserinfoSubject {
                    expected: "`a`".to_owned(),
                    received: "`b`".to_owned(),
                },
                "userinfo_subject_mismatch",
                Turn::Upstream,
            ),
            (
                LoginError::Sessions("full".to_owned()),
                "session_store_failed",
                Turn::Administrator,
            ),
            (
                token(JoseError::UnknownKey {
                    kid: "x".to_owned(),
                    algorithm: "RS256",
                    known: "1".to_owned(),
                }),
                "key_not_found",
                Turn::Upstream,
            ),
        ] {
            let refusal = refusal_of(&corp, &error);
            assert_eq!(refusal.kind.code, code, "{error}");
            assert_eq!(refusal.kind.turn, turn, "{error}");
            assert!(refusal.detail.contains("corp"), "{}", refusal.detail);
        }
    });
}

#[test]
fn an_issuer_with_a_slash_too_many_is_offered_as_the_provider_writes_it() {
    on_both_engines(|f| async move {
        let corp = f.corp(vec![]).await;
        let error = LoginError::Issuer {
            expected: "https://id.example.org".to_owned(),
            received: "https://id.example.org/".to_owned(),
        };
        let remedy = refusal_of(&corp, &error).remedy.unwrap();
        assert!(
            remedy.contains("doorward upstream edit corp --issuer https://id.example.org/"),
            "{remedy}"
        );
    });
}

#[test]
fn the_catalogue_has_every_reason_that_was_promised() {
    for code in [
        "setup_error",
        "token_exchange_failed",
        "no_userinfo",
        "no_email_claim",
        "required_group_missing",
        "no_local_user_and_autocreate_off",
        "clock_skew",
        "algorithm_not_allowed",
        "issuer_mismatch",
        "audience_mismatch",
        "nonce_mismatch",
        "key_not_found",
        "tls_untrusted",
        "upstream_unreachable",
        "bound_claims_mismatch",
        "account_disabled",
        "link_refused",
    ] {
        assert!(REFUSALS.iter().any(|kind| kind.code == code), "{code}");
    }
}
