//! What the application's last login says: the one thing that was seen from both sides.

use doorward_audit::{Conclusion, Verdict};

use crate::{Cause, Finding, Weight};

/// The finding of a conclusion, beside what was `seen` of what the application does now. A login that is going on says nothing.
pub fn judge(conclusion: &Conclusion, reference: &str, seen: &[Finding]) -> Option<Finding> {
    let received = format!("{} ({reference})", conclusion.sentence);
    match conclusion.verdict {
        Verdict::Good => Some(Finding::good(Cause::LastLogin, received)),
        Verdict::Open => None,
        Verdict::Bad => {
            let cause = cause(conclusion);
            let expected = "a login that is completed";
            let is_past = seen
                .iter()
                .any(|finding| finding.cause == cause && finding.weight == Weight::Good && is_of_request(cause));
            let finding = if is_past {
                let received = format!("{received}; what it sends now is right");
                Finding::advice(Cause::LastLogin, expected, received)
            } else {
                Finding::problem(cause, expected, received)
            };
            Some(match &conclusion.remedy {
                Some(remedy) => finding.there(remedy.clone()),
                None => finding,
            })
        }
    }
}

/// What the conclusion is about: the check that refused, or what an application does not like that fell silent.
fn cause(conclusion: &Conclusion) -> Cause {
    match conclusion.code {
        "id_token_clock" => return Cause::Clock,
        "id_token_algorithm" => return Cause::Algorithm,
        "id_token_audience" => return Cause::Audience,
        "private_ca" => return Cause::Untrusted,
        "token_request_missing" => return Cause::TokenRequest,
        _ => {}
    }
    match conclusion.check.as_deref().unwrap_or_default() {
        "authorize.client" => Cause::Disabled,
        "authorize.redirect_uri" | "token.redirect_uri" => Cause::RedirectUri,
        "authorize.response_type" => Cause::ResponseType,
        "authorize.scope" => Cause::Scope,
        "authorize.pkce" | "token.pkce" => Cause::Pkce,
        "authorize.access" => Cause::Access,
        check if check.starts_with("client.") => Cause::Authentication,
        check if check.starts_with("token.") => Cause::TokenRequest,
        _ => Cause::LastLogin,
    }
}

/// Whether it is seen in the request that an application makes now, as it was in that of its last login.
fn is_of_request(cause: Cause) -> bool {
    (Cause::Issuer..=Cause::RequestUnboundNonce).contains(&cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_by(check: &str) -> Conclusion {
        Conclusion {
            code: "refused",
            verdict: Verdict::Bad,
            sentence: "refused".to_owned(),
            remedy: Some("do".to_owned()),
            check: Some(check.to_owned()),
        }
    }

    #[test]
    fn a_refusal_is_named_by_what_refused() {
        for (check, code) in [
            ("client.secret", "authentication"),
            ("client.method", "authentication"),
            ("authorize.redirect_uri", "redirect_uri"),
            ("token.pkce", "pkce"),
            ("token.code", "token_request"),
            ("authorize.access", "access"),
            ("login.password", "last_login"),
        ] {
            let finding = judge(&refused_by(check), "7K3Q-9FZM", &[]).unwrap();
            assert_eq!((finding.code, finding.weight), (code, Weight::Problem), "{check}");
        }
    }

    #[test]
    fn what_is_right_in_the_request_of_now_is_of_the_past() {
        let seen = [Finding::good(Cause::RedirectUri, "https://netbox.example.com/")];
        let finding = judge(&refused_by("authorize.redirect_uri"), "7K3Q-9FZM", &seen).unwrap();
        assert_eq!((finding.code, finding.weight), ("last_login", Weight::Advice));
        let finding = judge(&refused_by("client.secret"), "7K3Q-9FZM", &seen).unwrap();
        assert_eq!(finding.code, "authentication");
    }
}
