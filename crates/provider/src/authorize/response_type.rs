//! The response type is `code` (RFC 9700 §2.1.2: tokens do not travel through the browser).

use doorward_oidc::{Refusal, RefusalKind, ResponseType, Turn};

use super::Pending;
use crate::text::shown;

/// No response type.
pub static RESPONSE_TYPE_MISSING: RefusalKind = RefusalKind {
    code: "response_type_missing",
    oauth: "invalid_request",
    public: "The application did not say what kind of answer it wants.",
    meaning: "response_type is required (RFC 6749 §3.1.1).",
    turn: Turn::Application,
};

/// A response type other than `code`.
pub static RESPONSE_TYPE_UNSUPPORTED: RefusalKind = RefusalKind {
    code: "response_type_unsupported",
    oauth: "unsupported_response_type",
    public: "The application asked for a kind of answer that this server does not give; it should use the code flow.",
    meaning: "The implicit and hybrid flows carry tokens through the browser's address bar, history and referrers \
              (RFC 9700 §2.1.2); only response_type=code is served.",
    turn: Turn::Application,
};

pub(super) fn is_code(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    match &pending.request.response_type {
        Some(ResponseType::Code) => Ok(()),
        None => Err(
            Refusal::redirect(&RESPONSE_TYPE_MISSING, "received no response_type, expected `code`")
                .with_remedy("in the application, choose the authorization code flow"),
        ),
        Some(ResponseType::Other(received)) => {
            let flow = match received.as_str() {
                "token" | "id_token" | "id_token token" | "token id_token" => " (the implicit flow)",
                _ if received.split(' ').any(|word| word == "code") => " (the hybrid flow)",
                _ => "",
            };
            let detail = format!("received response_type {}{flow}, expected `code`", shown(received));
            Err(Refusal::redirect(&RESPONSE_TYPE_UNSUPPORTED, detail).with_remedy(
                "in the application, choose the authorization code flow (response_type `code`), with PKCE where it can",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::tests::{Case, request};

    #[test]
    fn implicit_and_hybrid_are_refused_by_redirect_and_by_name() {
        for (received, flow) in [
            ("token", "implicit"),
            ("id_token token", "implicit"),
            ("code id_token", "hybrid"),
            ("code token", "hybrid"),
            ("none", "expected `code`"),
        ] {
            let mut request = request();
            request.response_type = Some(ResponseType::Other(received.to_owned()));
            let refused = Case::new().refused(&request);
            assert_eq!(refused.refusal.kind, &RESPONSE_TYPE_UNSUPPORTED, "{received}");
            assert!(refused.refusal.detail.contains(flow), "{}", refused.refusal.detail);
            assert!(refused.reply_to.is_some());
        }
    }

    #[test]
    fn a_missing_response_type_is_invalid_request() {
        let mut request = request();
        request.response_type = None;
        assert_eq!(Case::new().refused(&request).refusal.kind.oauth, "invalid_request");
    }
}
