//! A hint about who is expected is one of our own ID tokens, however old, issued to this application
//! (OpenID Connect Core §3.1.2.1); a single `sub` in the `claims` parameter says the same (§5.5.1).

use doorward_oidc::{Prompt, Refusal, RefusalKind, Turn};
use serde_json::Value;

use super::{LOGIN_REQUIRED, Pending};
use crate::issued_id_token::{self, NoHint};

/// The hint is not an ID token that we issued to this application.
pub static ID_TOKEN_HINT_INVALID: RefusalKind = RefusalKind {
    code: "id_token_hint_invalid",
    oauth: "invalid_request",
    public: "The application sent a hint about who you are that does not come from this server.",
    meaning: "id_token_hint is an ID token that this server issued to the same application; its expiry does not matter \
              (OpenID Connect Core §3.1.2.1).",
    turn: Turn::Application,
};

/// The hint and the `claims` parameter name two people.
pub static SUBJECT_CONTRADICTORY: RefusalKind = RefusalKind {
    code: "subject_contradictory",
    oauth: "invalid_request",
    public: "The application expects two different people at once.",
    meaning: "id_token_hint and a sub value in the claims parameter both say who must be logged in (OpenID Connect Core \
              §3.1.2.1, §5.5.1); they have to agree.",
    turn: Turn::Application,
};

pub(super) fn is_ours(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    let app = pending.app()?;
    let mut expected = None;
    if let Some(hint) = &pending.request.id_token_hint {
        match issued_id_token::verify(hint, pending.server, pending.keys, |_| Some(app)) {
            Ok(token) if token.client_id == app.client_id => expected = Some(token.subject),
            Ok(token) => {
                let (by, to) = (&app.client_id, token.client_id);
                let detail = format!("the hint was issued to {to}, the request is by {by}");
                return Err(Refusal::redirect(&ID_TOKEN_HINT_INVALID, detail));
            }
            Err(NoHint::UnknownKey(detail)) if pending.request.prompt.contains(Prompt::None) => {
                return Err(Refusal::redirect(&LOGIN_REQUIRED, detail));
            }
            Err(NoHint::UnknownKey(detail)) => pending.found = format!("ignored: {detail}"),
            Err(NoHint::Invalid(detail)) => return Err(Refusal::redirect(&ID_TOKEN_HINT_INVALID, detail)),
        }
    }
    if let Some(wanted) = subject_in_claims(pending) {
        if expected.as_ref().is_some_and(|expected| *expected != wanted) {
            let detail = "the sub in id_token_hint is another than the one in the claims parameter";
            return Err(Refusal::redirect(&SUBJECT_CONTRADICTORY, detail));
        }
        expected = Some(wanted);
    }
    if let Some(expected) = &expected {
        pending.found = format!("expects the subject {}", crate::text::shown(expected));
    }
    pending.expected_subject = expected;
    Ok(())
}

fn subject_in_claims(pending: &Pending<'_>) -> Option<String> {
    let claims = &pending.request.claims;
    let wanted = claims.id_token.find("sub").or_else(|| claims.userinfo.find("sub"))?;
    match wanted.values.as_slice() {
        [Value::String(subject)] => Some(subject.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use doorward_oidc::ClaimsRequest;
    use serde_json::json;

    use super::*;
    use crate::authorize::tests::{Case, request};

    fn claims() -> serde_json::Map<String, Value> {
        let claims = json!({"iss": "https://sso.example.com", "aud": "netbox", "sub": "s-1", "exp": 10, "iat": 1});
        claims.as_object().unwrap().clone()
    }

    #[test]
    fn our_own_expired_token_names_who_is_expected() {
        let mut case = Case::new();
        let mut request = request();
        request.id_token_hint = Some(case.signed(&claims()));
        assert_eq!(case.accepted(&request).expected_subject.as_deref(), Some("s-1"));
    }

    #[test]
    fn another_issuer_another_client_and_nonsense_are_refused() {
        let case = Case::new();
        let with = |name: &str, value: &str| {
            let mut claims = claims();
            claims.insert(name.to_owned(), json!(value));
            claims
        };
        for hint in [
            case.signed(&with("iss", "https://evil.example")),
            case.signed(&with("aud", "grafana")),
            case.signed(&with("sub", "")),
            "nonsense".to_owned(),
        ] {
            let mut request = request();
            request.id_token_hint = Some(hint);
            let refused = case.refused(&request);
            assert_eq!(
                refused.refusal.kind, &ID_TOKEN_HINT_INVALID,
                "{}",
                refused.refusal.detail
            );
        }
    }

    #[test]
    fn a_hint_by_a_key_that_is_gone_holds_nobody_up_but_answers_no_silent_request() {
        let mut case = Case::new();
        let mut request = request();
        request.id_token_hint = Some(Case::new().signed(&claims()));
        assert_eq!(case.accepted(&request).expected_subject, None);
        assert!(
            case.detail_of("authorize.id_token_hint")
                .starts_with("ignored: no ES256 key with kid")
        );
        request.prompt = [Prompt::None].into_iter().collect();
        assert_eq!(case.refused(&request).refusal.kind, &LOGIN_REQUIRED);
    }

    #[test]
    fn a_changed_hint_is_refused() {
        let case = Case::new();
        let mut request = request();
        let hint = case.signed(&claims());
        let (signed, signature) = hint.rsplit_once('.').unwrap();
        let signature: String = signature.chars().rev().collect();
        request.id_token_hint = Some(format!("{signed}.{signature}"));
        assert_eq!(case.refused(&request).refusal.kind, &ID_TOKEN_HINT_INVALID);
    }

    #[test]
    fn an_access_token_is_no_hint() {
        let case = Case::new();
        let mut request = request();
        request.id_token_hint = Some(case.signed_as("at+jwt", &claims()));
        assert_eq!(case.refused(&request).refusal.kind, &ID_TOKEN_HINT_INVALID);
    }

    #[test]
    fn a_requested_sub_is_an_expectation_and_may_not_contradict_the_hint() {
        let case = Case::new();
        let mut request = request();
        request.claims = ClaimsRequest::parse(r#"{"id_token":{"sub":{"value":"s-2"}}}"#).unwrap();
        assert_eq!(Case::new().accepted(&request).expected_subject.as_deref(), Some("s-2"));
        request.id_token_hint = Some(case.signed(&claims()));
        assert_eq!(case.refused(&request).refusal.kind, &SUBJECT_CONTRADICTORY);
    }
}
