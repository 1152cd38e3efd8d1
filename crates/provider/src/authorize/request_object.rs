//! No request object: its parameters would have to be the ones that count, and we do not read them
//! (OpenID Connect Core §6.1, §6.2, §3.1.2.6).

use doorward_oidc::{Refusal, RefusalKind, Turn};

use super::Pending;

/// A `request` parameter came.
pub static REQUEST_NOT_SUPPORTED: RefusalKind = RefusalKind {
    code: "request_not_supported",
    oauth: "request_not_supported",
    public: "The application used a request object, which this server does not support.",
    meaning: "A request object overrides the plain parameters; ignoring it would answer another request than the one that \
              was made (OpenID Connect Core §6.1).",
    turn: Turn::Application,
};

/// A `request_uri` parameter came.
pub static REQUEST_URI_NOT_SUPPORTED: RefusalKind = RefusalKind {
    code: "request_uri_not_supported",
    oauth: "request_uri_not_supported",
    public: "The application used a request URI, which this server does not support.",
    meaning: "Fetching an address that a stranger names is a way into the network behind the server, and ignoring it would \
              answer another request than the one that was made (OpenID Connect Core §6.2).",
    turn: Turn::Application,
};

pub(super) fn is_absent(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    if pending.request.has_request_object {
        return Err(Refusal::redirect(
            &REQUEST_NOT_SUPPORTED,
            "received the parameter `request`, expected none",
        )
        .with_remedy("in the application, switch request objects (JAR) off"));
    }
    if pending.request.has_request_uri {
        return Err(Refusal::redirect(
            &REQUEST_URI_NOT_SUPPORTED,
            "received the parameter `request_uri`, expected none",
        )
        .with_remedy("in the application, switch request URIs and pushed authorization requests off"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::tests::{Case, request};

    #[test]
    fn request_objects_are_refused_by_their_own_codes() {
        let mut with_object = request();
        with_object.has_request_object = true;
        let refused = Case::new().refused(&with_object);
        assert_eq!(refused.refusal.kind, &REQUEST_NOT_SUPPORTED);
        assert!(refused.reply_to.is_some());
        let mut with_uri = request();
        with_uri.has_request_uri = true;
        assert_eq!(Case::new().refused(&with_uri).refusal.kind, &REQUEST_URI_NOT_SUPPORTED);
    }
}
