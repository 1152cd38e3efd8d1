//! The content security policy and the choice of language.

use doorward_web::pages::{Lang, csp, csp_form_post, csp_framed, csp_frames, csp_passkeys};

#[test]
fn the_policy_lets_a_form_end_at_the_application() {
    assert_eq!(
        csp(&[
            "https://netbox.example.com",
            "http://localhost:8250",
            "com.example.app:"
        ]),
        "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self' https://netbox.example.com http://localhost:8250 com.example.app:"
    );
    assert!(csp_form_post(&[]).contains("script-src 'self';"));
    assert!(!csp(&[]).contains("script-src"));
    let passkeys = csp_passkeys(&["https://netbox.example.com"]);
    assert!(
        passkeys.contains("script-src 'self'; connect-src 'self';"),
        "{passkeys}"
    );
    assert!(
        passkeys.ends_with("form-action 'self' https://netbox.example.com"),
        "{passkeys}"
    );
}

#[test]
fn an_ipv6_address_cannot_be_named_so_its_scheme_is() {
    assert!(csp(&["http://[::1]:8250"]).ends_with("form-action 'self' http:"));
}

#[test]
fn what_would_widen_the_policy_or_break_the_header_is_left_out() {
    for bad in [
        "*",
        "https://*",
        "'unsafe-inline'",
        "https://a.example; script-src *",
        "https://a\r\nx: y",
        "",
        "https://ä.example",
        "data:,x",
    ] {
        assert!(csp(&[bad]).ends_with("form-action 'self'"), "{bad:?}");
    }
}

#[test]
fn the_language_is_the_applications_wish_then_the_browsers_then_english() {
    for (ui_locales, accept, expected) in [
        (Some("fr de-AT en"), Some("en"), Lang::De),
        (Some("fr"), Some("de;q=0.8, en;q=0.7"), Lang::De),
        (None, Some("fr-FR,fr;q=0.9,en;q=0.4,de;q=0.5"), Lang::De),
        (None, Some("en-GB,en;q=0.9,de;q=0.8"), Lang::En),
        (None, Some("de;q=0"), Lang::En),
        (None, Some("de;q=x, ,;;q="), Lang::En),
        (Some(""), None, Lang::En),
        (None, None, Lang::En),
    ] {
        assert_eq!(Lang::choose(ui_locales, accept), expected, "{ui_locales:?} {accept:?}");
    }
}

#[test]
fn frames_are_of_exactly_the_origins_that_were_named_and_of_none_without_a_name() {
    let named = [
        "https://netbox.example.com",
        "https://evil.example; script-src *",
        "https://[::1]:8443",
    ];
    let policy = csp_frames(&named);
    assert!(policy.contains(" frame-src https://netbox.example.com;"), "{policy}");
    assert!(!policy.contains("evil"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(csp_frames(&[]), csp(&[]));
}

#[test]
fn the_frame_of_session_management_is_in_pages_of_the_origin_that_was_named_or_in_none() {
    let by = |origin| csp_framed(origin).split("frame-ancestors ").nth(1).map(str::to_owned);
    assert_eq!(
        by(Some("https://wiki.example.com")).as_deref(),
        Some("https://wiki.example.com")
    );
    for none in [
        None,
        Some("*"),
        Some("https://a.example; script-src *"),
        Some("https://[::1]"),
        Some(""),
    ] {
        assert_eq!(by(none).as_deref(), Some("'none'"), "{none:?}");
    }
}
