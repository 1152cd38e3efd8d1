//! The request is protected as its application has to protect it: pushed, signed, answered with a signature.

use doorward_oidc::{Refusal, RefusalKind, Turn};

use super::Pending;

/// A request that was not pushed, of an application that has to.
pub static PUSHED_REQUEST_REQUIRED: RefusalKind = RefusalKind {
    code: "pushed_request_required",
    oauth: "invalid_request",
    public: "The application has to push its requests to this server, and did not.",
    meaning: "What travels through the browser can be read and changed there; an application that is set to push its \
              requests sends them itself (RFC 9126 §6).",
    turn: Turn::Application,
};

/// A request that was not signed, of an application that has to.
pub static SIGNED_REQUEST_REQUIRED: RefusalKind = RefusalKind {
    code: "signed_request_required",
    oauth: "invalid_request",
    public: "The application has to sign its requests, and did not.",
    meaning: "An application that is set to sign its requests can prove later what it asked for, and nobody asks in its \
              name (RFC 9101 §10.5).",
    turn: Turn::Application,
};

/// A request for a plain answer, of an application that has to ask for a signed one.
pub static SIGNED_RESPONSE_REQUIRED: RefusalKind = RefusalKind {
    code: "signed_response_required",
    oauth: "invalid_request",
    public: "The application has to ask for a signed answer, and did not.",
    meaning: "A signed answer names its issuer and its application, and cannot be changed on its way (JARM §2).",
    turn: Turn::Application,
};

/// Too many requests pushed by a client that proves nothing.
pub static PUSHED_TOO_OFTEN: RefusalKind = RefusalKind {
    code: "pushed_too_often",
    oauth: "temporarily_unavailable",
    public: "Too many requests come from this address; try again in a minute.",
    meaning: "A public client, and one that registered itself, may be anybody who pushes requests, and each is stored, so \
              an address has a budget of them.",
    turn: Turn::Application,
};

pub(super) fn is_sufficient(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    let app = pending.app()?;
    let edit = |flag: &str| {
        format!(
            "or no longer demand it: doorward app edit {} --{flag} false",
            app.client_id
        )
    };
    let refuse = |kind, detail: &str, switch: &str, flag: &str| {
        let remedy = format!("in {}, {switch}; {}", app.name, edit(flag));
        Err(Refusal::redirect(kind, detail).with_remedy(remedy))
    };
    let (settings, origin) = (&app.requests, pending.origin);
    if settings.require_pushed && origin.pushed.is_none() {
        return refuse(
            &PUSHED_REQUEST_REQUIRED,
            "received the parameters themselves, expected the request_uri of a pushed request",
            "switch pushed authorization requests (PAR) on",
            "require-pushed",
        );
    }
    if settings.require_signed && !origin.signed {
        return refuse(
            &SIGNED_REQUEST_REQUIRED,
            "received plain parameters, expected a signed request object",
            "switch request objects (JAR) on",
            "require-signed-requests",
        );
    }
    // A response mode that cannot be read is refused as such, by the check that follows.
    let is_readable = pending.request.malformed.is_none();
    if settings.require_signed_response && !pending.request.signed_response && is_readable {
        return refuse(
            &SIGNED_RESPONSE_REQUIRED,
            "received another response_mode, expected jwt, query.jwt or form_post.jwt",
            "set the response mode to jwt (JARM)",
            "require-signed-response",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::authorize::Origin;
    use crate::authorize::tests::{Case, request};

    #[test]
    fn each_demand_is_refused_by_its_own_code_and_met_by_its_own_proof() {
        let strict =
            |change: fn(&mut doorward_apps::RequestSettings)| move || Case::new().app(|app| change(&mut app.requests));
        let pushed = strict(|settings| settings.require_pushed = true);
        let signed = strict(|settings| settings.require_signed = true);
        let answered = strict(|settings| settings.require_signed_response = true);
        assert_eq!(pushed().refused(&request()).refusal.kind, &PUSHED_REQUEST_REQUIRED);
        assert_eq!(signed().refused(&request()).refusal.kind, &SIGNED_REQUEST_REQUIRED);
        assert_eq!(answered().refused(&request()).refusal.kind, &SIGNED_RESPONSE_REQUIRED);
        let is_pushed = Origin {
            pushed: Some(Uuid::from_u128(3)),
            ..Origin::default()
        };
        assert_eq!(
            pushed().origin(is_pushed.clone()).accepted(&request()).pushed,
            is_pushed.pushed
        );
        assert_eq!(
            signed().origin(is_pushed).refused(&request()).refusal.kind,
            &SIGNED_REQUEST_REQUIRED,
            "a pushed request is not a signed one"
        );
        let is_signed = Origin {
            signed: true,
            ..Origin::default()
        };
        signed().origin(is_signed).accepted(&request());
        let mut asks = request();
        asks.signed_response = true;
        assert!(answered().accepted(&asks).reply_to.signed);
    }
}
