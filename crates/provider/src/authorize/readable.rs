//! Every parameter could be read. Delivered here, and not where it was found, because only now is it known where the
//! answer belongs (RFC 6749 §4.1.2.1).

use doorward_oidc::Refusal;

use super::Pending;

pub(super) fn is_readable(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    match &pending.request.malformed {
        None => Ok(()),
        Some(refusal) => Err(refusal.clone()),
    }
}

#[cfg(test)]
mod tests {
    use doorward_oidc::{AuthorizationRequest, Parameters, ResponseMode, catalogue};

    use crate::authorize::tests::Case;

    fn refusal_of(more: &str) -> crate::authorize::Refused {
        let query = format!(
            "client_id=netbox&redirect_uri=https%3A%2F%2Fnetbox.example.com%2Foauth%2Fcomplete%2Foidc%2F&state=s&{more}"
        );
        let request = AuthorizationRequest::parse(&Parameters::parse(query.as_bytes()).unwrap()).unwrap();
        *Case::new().refused(&request)
    }

    #[test]
    fn what_cannot_be_read_goes_back_to_the_client_with_its_state() {
        let challenge = "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        for (more, kind) in [
            ("response_mode=fragment", &catalogue::PARAMETER_MALFORMED),
            ("scope=a%22b", &catalogue::SCOPE_MALFORMED),
            ("max_age=soon", &catalogue::PARAMETER_MALFORMED),
            ("max_age=-1", &catalogue::PARAMETER_MALFORMED),
            ("claims=%7B", &catalogue::CLAIMS_REQUEST_MALFORMED),
            ("claims=%5B%5D", &catalogue::CLAIMS_REQUEST_MALFORMED),
            (challenge, &catalogue::PKCE_METHOD_UNSUPPORTED),
            (
                &format!("{challenge}&code_challenge_method=plain"),
                &catalogue::PKCE_METHOD_UNSUPPORTED,
            ),
            (
                "code_challenge=short&code_challenge_method=S256",
                &catalogue::PKCE_CHALLENGE_MALFORMED,
            ),
            ("code_challenge_method=S256", &catalogue::PARAMETER_MISSING),
        ] {
            let refused = refusal_of(&format!("response_type=code&{more}"));
            assert_eq!(refused.refusal.kind, kind, "{more}");
            let reply_to = refused.reply_to.unwrap();
            assert_eq!(reply_to.state.as_deref(), Some("s"));
            assert_eq!(reply_to.mode, ResponseMode::Query);
        }
    }
}
