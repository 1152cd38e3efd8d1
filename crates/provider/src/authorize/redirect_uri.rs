//! The redirect URI is one that the application registered, compared as bytes
//! (RFC 9700 §2.1, RFC 8252 §7.3 for loopback ports, OpenID Connect Core §3.1.2.1).

use doorward_apps::App;
use doorward_oidc::{Refusal, RefusalKind, Scope, Turn};

use super::Pending;
use crate::text::{shell_word, shown};

/// The redirect URI is none of the registered ones.
pub static REDIRECT_URI_MISMATCH: RefusalKind = RefusalKind {
    code: "redirect_uri_mismatch",
    oauth: "invalid_request",
    public: "The application asked to send you to an address that is not registered for it.",
    meaning: "A code goes only to an address that an administrator registered, compared byte by byte (RFC 9700 §2.1): \
              otherwise whoever crafts a link receives the code. The refusal never goes to that address.",
    turn: Turn::Administrator,
};

/// The redirect URI is missing where it must be sent.
pub static REDIRECT_URI_MISSING: RefusalKind = RefusalKind {
    code: "redirect_uri_missing",
    oauth: "invalid_request",
    public: "The application did not say where to send you after the login.",
    meaning: "OpenID Connect requests name their redirect URI (Core §3.1.2.1); plain OAuth may leave it out when exactly \
              one is registered (RFC 6749 §3.1.2.3).",
    turn: Turn::Application,
};

pub(super) fn is_registered(pending: &mut Pending<'_>) -> Result<(), Refusal> {
    let app = pending.app()?;
    let uri = match &pending.request.redirect_uri {
        Some(received) if app.redirect_uris.find(received).is_some() => received.clone(),
        Some(received) => return Err(mismatch(app, received)),
        None if pending.request.scope.contains(Scope::OPENID) => return Err(missing(app)),
        None => app
            .redirect_uris
            .only()
            .ok_or_else(|| missing(app))?
            .as_str()
            .to_owned(),
    };
    pending.found.push_str(&uri);
    pending.redirect_uri = Some(uri);
    Ok(())
}

fn mismatch(app: &App, received: &str) -> Refusal {
    let detail = match app.redirect_uris.closest(received) {
        Some((registered, difference)) => {
            format!("received {}, registered {registered}: {difference}", shown(received))
        }
        None => format!("received {}, none is registered", shown(received)),
    };
    Refusal::page(&REDIRECT_URI_MISMATCH, detail)
        .with_received(received)
        .with_remedy(format!(
            "doorward app edit {} --add-redirect-uri {}",
            app.client_id,
            shell_word(received),
        ))
}

pub(super) fn missing(app: &App) -> Refusal {
    let count = app.redirect_uris.len();
    Refusal::page(
        &REDIRECT_URI_MISSING,
        format!("received no redirect_uri; {count} registered"),
    )
    .with_remedy(format!(
        "in {}, configure the redirect URI that `doorward app show {}` prints",
        app.name, app.client_id
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::tests::{Case, request};

    #[test]
    fn a_missing_slash_is_named_with_its_place_and_the_command_that_registers_it() {
        let mut request = request();
        request.redirect_uri = Some("https://netbox.example.com/oauth/complete/oidc".to_owned());
        let refused = Case::new().refused(&request);
        assert_eq!(refused.refusal.kind, &REDIRECT_URI_MISMATCH);
        assert_eq!(refused.reply_to, None, "an unregistered address gets nothing from us");
        assert!(
            refused.refusal.detail.contains("a missing `/` at character 47"),
            "{}",
            refused.refusal.detail
        );
        assert_eq!(
            refused.refusal.remedy.as_deref(),
            Some("doorward app edit netbox --add-redirect-uri https://netbox.example.com/oauth/complete/oidc")
        );
    }

    #[test]
    fn neither_case_nor_a_query_nor_another_scheme_matches() {
        for uri in [
            "http://netbox.example.com/oauth/complete/oidc/",
            "https://NetBox.example.com/oauth/complete/oidc/",
            "https://netbox.example.com/oauth/complete/oidc/?next=/",
            "https://netbox.example.com/oauth/complete/oidc/#x",
            "https://netbox.example.com:443/oauth/complete/oidc/",
            "https://netbox.example.com/oauth/complete/../complete/oidc/",
            "https://netbox.example.com@evil.example/oauth/complete/oidc/",
            "javascript:alert(1)",
        ] {
            let mut request = request();
            request.redirect_uri = Some(uri.to_owned());
            let refused = Case::new().refused(&request);
            assert_eq!(refused.refusal.kind, &REDIRECT_URI_MISMATCH, "{uri}");
            assert_eq!(refused.reply_to, None, "{uri}");
        }
    }

    #[test]
    fn a_pasted_remedy_cannot_run_what_a_stranger_sent() {
        let mut request = request();
        request.redirect_uri = Some("https://x.example/$(reboot)'; reboot #\n".to_owned());
        let remedy = Case::new().refused(&request).refusal.remedy.unwrap();
        assert!(
            remedy.ends_with(r"'https://x.example/$(reboot)'\''; reboot #'"),
            "{remedy}"
        );
    }

    #[test]
    fn a_loopback_address_matches_on_any_port() {
        let mut request = request();
        request.redirect_uri = Some("http://localhost:49152/oidc/callback".to_owned());
        let accepted = Case::new()
            .redirect_uris(&["http://localhost:8250/oidc/callback"])
            .accepted(&request);
        assert_eq!(accepted.reply_to.redirect_uri, "http://localhost:49152/oidc/callback");
    }

    #[test]
    fn openid_connect_must_send_it_and_plain_oauth_may_leave_out_the_only_one() {
        let mut request = request();
        request.redirect_uri = None;
        assert_eq!(Case::new().refused(&request).refusal.kind, &REDIRECT_URI_MISSING);
        request.scope = doorward_oidc::ScopeSet::parse("profile").unwrap();
        let accepted = Case::new().accepted(&request);
        assert!(!accepted.redirect_uri_sent);
        assert_eq!(
            accepted.reply_to.redirect_uri,
            "https://netbox.example.com/oauth/complete/oidc/"
        );
        let two = Case::new().redirect_uris(&["https://a.example/", "https://b.example/"]);
        assert_eq!(two.refused(&request).refusal.kind, &REDIRECT_URI_MISSING);
    }
}
