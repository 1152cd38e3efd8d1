//! What `request` or `request_uri` named could be had (RFC 9101, RFC 9126 §4, OpenID Connect Core §6).

use doorward_apps::App;
use doorward_oidc::{Delivery, Refusal, RefusalKind, Turn};

use super::Pending;
use crate::text::shown;

/// A request object of an application that has no keys here.
pub static REQUEST_NOT_SUPPORTED: RefusalKind = RefusalKind {
    code: "request_not_supported",
    oauth: "request_not_supported",
    public: "The application used a request object, and this server knows no key of it to verify one.",
    meaning: "A request object overrides the plain parameters, so it is taken from applications alone whose keys are \
              registered; ignoring it would answer another request than the one that was made (OpenID Connect Core §6.1, \
              RFC 9101 §4).",
    turn: Turn::Administrator,
};

/// A request object that does not hold.
pub static REQUEST_OBJECT_INVALID: RefusalKind = RefusalKind {
    code: "request_object_invalid",
    oauth: "invalid_request_object",
    public: "The application's signed request is not valid.",
    meaning: "A request object is signed with a registered key of the application, for this server, within its time, and \
              names the same application as the request around it (RFC 9101 §5, §6). An unsigned one is none.",
    turn: Turn::Application,
};

/// A `request_uri` of an application that has none registered.
pub static REQUEST_URI_NOT_SUPPORTED: RefusalKind = RefusalKind {
    code: "request_uri_not_supported",
    oauth: "request_uri_not_supported",
    public: "The application used a request URI that is not registered for it.",
    meaning: "Fetching an address that a stranger names is a way into the network behind the server, so only addresses that \
              an administrator registered are fetched (RFC 9101 §10.4.1).",
    turn: Turn::Administrator,
};

/// A pushed request that cannot be presented (any more), or an address that gave no request.
pub static REQUEST_URI_INVALID: RefusalKind = RefusalKind {
    code: "request_uri_invalid",
    oauth: "invalid_request_uri",
    public: "The application's request has expired or was used before; begin the login again in the application.",
    meaning: "A pushed request belongs to the application that pushed it, is presented within its lifetime and answered once \
              (RFC 9126 §2.2, §4); an address that a request object is fetched from answers with one (RFC 9101 §5.2.3).",
    turn: Turn::Person,
};

/// The refusal of a request object that does not hold.
pub fn invalid(detail: impl Into<String>) -> Refusal {
    Refusal::redirect(&REQUEST_OBJECT_INVALID, detail)
}

/// The refusal of a request object where no key is known.
pub fn without_keys(app: &App) -> Refusal {
    Refusal::redirect(
        &REQUEST_NOT_SUPPORTED,
        format!(
            "received the parameter `request`, and {} has no registered keys",
            app.client_id
        ),
    )
    .with_remedy(format!(
        "doorward app edit {} --jwks FILE, or switch request objects (JAR) off in the application",
        app.client_id
    ))
}

/// The refusal of an address that is not registered.
pub fn unregistered(app: &App, uri: &str) -> Refusal {
    Refusal::redirect(
        &REQUEST_URI_NOT_SUPPORTED,
        format!(
            "received the request URI {}; {} registered",
            shown(uri),
            app.requests.request_uris.len()
        ),
    )
    .with_remedy(format!(
        "doorward app edit {} --add-request-uri {}",
        app.client_id,
        crate::text::shell_word(uri)
    ))
}

/// The refusal of a request URI that gives no request.
pub fn unusable(detail: impl Into<String>) -> Refusal {
    Refusal::redirect(&REQUEST_URI_INVALID, detail).with_remedy("begin the login again in the application")
}

/// Before the redirect URI is looked at, which is one of the parameters that could not be had: the refusal goes to the one
/// beside them when that is registered, and stays a page otherwise.
pub(super) fn is_sound(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    let Some(refusal) = &pending.origin.refused else {
        pending.found.push_str(pending.origin.describe());
        return Ok(());
    };
    let app = pending.app()?;
    let beside = pending.request.redirect_uri.as_deref();
    pending.redirect_uri = beside
        .filter(|uri| app.redirect_uris.find(uri).is_some())
        .map(str::to_owned);
    let delivery = match pending.redirect_uri {
        Some(_) => Delivery::Redirect,
        None => Delivery::Page,
    };
    Err(Refusal {
        delivery,
        ..refusal.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::Origin;
    use crate::authorize::tests::{Case, request};

    #[test]
    fn a_refusal_goes_to_a_registered_address_or_stays_here() {
        let origin = Origin::refused(invalid("unsigned"));
        let told = Case::new().origin(origin.clone()).refused(&request());
        assert_eq!(told.refusal.kind, &REQUEST_OBJECT_INVALID);
        assert!(told.reply_to.is_some());
        for redirect_uri in [None, Some("https://evil.example/".to_owned())] {
            let mut elsewhere = request();
            elsewhere.redirect_uri = redirect_uri;
            let kept = Case::new().origin(origin.clone()).refused(&elsewhere);
            assert_eq!(kept.refusal.kind, &REQUEST_OBJECT_INVALID);
            assert_eq!(kept.reply_to, None);
        }
    }
}
