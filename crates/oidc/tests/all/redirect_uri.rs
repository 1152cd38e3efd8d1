use doorward_oidc::{Difference, Divergence, RedirectUri, RedirectUris, catalogue};
use proptest::prelude::*;

fn registered(uris: &[&str]) -> RedirectUris {
    RedirectUris::register(uris.iter().copied()).unwrap()
}

#[test]
fn what_may_be_registered() {
    for uri in [
        "https://netbox.example/oauth/complete/oidc/",
        "https://netbox.example",
        "https://netbox.example:8443/cb?x=1",
        "https://[2001:db8::1]/cb",
        "http://127.0.0.1/cb",
        "http://127.0.0.1:8250/cb",
        "http://[::1]:8250/cb",
        "http://localhost:8250/oidc/callback",
        "com.example.app:/oauth2redirect",
        "com.example.app://callback",
        "app.immich:///oauth-callback",
    ] {
        assert_eq!(RedirectUri::register(uri).unwrap().as_str(), uri);
    }
}

#[test]
fn what_may_not_be_registered_and_why() {
    let long = format!("https://a/{}", "x".repeat(2048));
    for (uri, why) in [
        ("", "absolute"),
        ("/oauth/complete", "absolute"),
        ("netbox.example/cb", "absolute"),
        ("https://", "absolute"),
        ("https:netbox.example/cb", "expected `//` and a host"),
        ("https:///netbox.example/cb", "expected `//` and a host"),
        ("https://a/cb#part", "fragment"),
        ("https://user@a/cb", "user information"),
        ("https://user:pw@a/cb", "user information"),
        ("https://@a/cb", "user information"),
        ("https://*.example/cb", "wildcard"),
        ("https://a/cb/*", "wildcard"),
        ("https://a\\@b/cb", "backslash"),
        ("https://a/c b", "printable ASCII"),
        ("https://ä.example/cb", "printable ASCII"),
        ("https://a/cb\n", "printable ASCII"),
        ("http://netbox.example/cb", "expected https"),
        ("http://localhost.example/cb", "expected https"),
        ("http://127.0.0.2/cb", "expected https"),
        ("myapp:/cb", "private-use scheme with a dot"),
        ("javascript:alert(1)", "private-use scheme with a dot"),
        ("data:text/html,x", "private-use scheme with a dot"),
        (long.as_str(), "at most 2048 bytes"),
    ] {
        let refusal = RedirectUri::register(uri).unwrap_err();
        assert_eq!(refusal.kind, &catalogue::REDIRECT_URI_UNSUITABLE);
        assert!(refusal.detail.contains(why), "{uri}: {}", refusal.detail);
    }
}

#[test]
fn only_equal_bytes_match() {
    let uris = registered(&["https://netbox.example/oauth/complete/oidc/"]);
    assert!(uris.find("https://netbox.example/oauth/complete/oidc/").is_some());
    for other in [
        "https://netbox.example/oauth/complete/oidc",
        "https://netbox.example/oauth/complete/oidc/?",
        "https://netbox.example/oauth/complete/oidc/?x=1",
        "https://netbox.example/oauth/complete/oidc/#",
        "https://netbox.example:443/oauth/complete/oidc/",
        "https://NETBOX.example/oauth/complete/oidc/",
        "http://netbox.example/oauth/complete/oidc/",
        "https://netbox.example/oauth/complete/x/../oidc/",
        "https://netbox.example/oauth/complete/oid%63/",
        "https://netbox.example.evil/oauth/complete/oidc/",
        " https://netbox.example/oauth/complete/oidc/",
        "",
    ] {
        assert!(uris.find(other).is_none(), "{other}");
    }
}

#[test]
fn on_loopback_any_port_matches_and_nothing_else_differs() {
    let uris = registered(&[
        "http://127.0.0.1/cb",
        "http://[::1]:1/cb",
        "http://localhost:8250/cb?x=1",
    ]);
    for uri in [
        "http://127.0.0.1:1/cb",
        "http://127.0.0.1:65535/cb",
        "http://[::1]/cb",
        "http://[::1]:50000/cb",
        "http://localhost/cb?x=1",
        "http://localhost:9/cb?x=1",
    ] {
        assert!(uris.find(uri).is_some(), "{uri}");
    }
    for uri in [
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:+80/cb",
        "http://127.0.0.1:80a/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://localhost.evil.example/cb?x=1",
        "http://localhost@evil.example/cb?x=1",
        "http://127.0.0.1:1/cb/",
        "http://localhost:1/cb",
        "http://localhost:1/cb?x=2",
        "https://127.0.0.1:1/cb",
        "https://localhost:1/cb?x=1",
        "http://127.0.0.2:1/cb",
    ] {
        assert!(uris.find(uri).is_none(), "{uri}");
    }
}

#[test]
fn localhost_and_127_0_0_1_do_not_stand_for_each_other() {
    assert!(
        registered(&["http://localhost/cb"])
            .find("http://127.0.0.1/cb")
            .is_none()
    );
}

#[test]
fn https_on_loopback_has_a_fixed_port() {
    assert!(
        registered(&["https://localhost:8443/cb"])
            .find("https://localhost:8444/cb")
            .is_none()
    );
}

#[test]
fn the_difference_names_the_place_and_what_is_there() {
    for (expected, received, words) in [
        (
            "https://netbox.example/oauth/complete/oidc/",
            "https://netbox.example/oauth/complete/oidc",
            "a missing `/` at character 43",
        ),
        (
            "https://netbox.example/cb",
            "https://netbox.example/cb/",
            "an extra `/` at character 26",
        ),
        ("https://a/cb", "http://a/cb", "a missing `s` at character 5"),
        (
            "https://a/complete/oidc/",
            "https://a/complete/keycloak/",
            "`keycloak` instead of `oidc` at character 20",
        ),
        (
            "http://vault:8250/cb",
            "http://localhost:8250/cb",
            "`localhost` instead of `vault` at character 8",
        ),
        ("https://a/é/x", "https://a/é/y", "`y` instead of `x` at character 13"),
        (
            "https://a/",
            "https://a/\u{1b}[2J",
            "an extra `\\u{1b}[2J` at character 11",
        ),
    ] {
        assert_eq!(Difference::between(expected, received).unwrap().to_string(), words);
    }
    assert_eq!(Difference::between("same", "same"), None);
}

#[test]
fn the_closest_is_the_one_that_was_meant() {
    let uris = registered(&[
        "http://localhost:8250/oidc/callback",
        "https://vault.example/ui/vault/auth/oidc/oidc/callback",
        "https://netbox.example/oauth/complete/oidc/",
    ]);
    let (closest, difference) = uris.closest("https://netbox.example/oauth/complete/oidc").unwrap();
    assert_eq!(closest.as_str(), "https://netbox.example/oauth/complete/oidc/");
    assert_eq!(difference.what, Divergence::Missing("/".to_owned()));
    let (closest, _) = uris
        .closest("HTTPS://VAULT.example/ui/vault/auth/oidc/oidc/callback")
        .unwrap();
    assert!(closest.as_str().contains("vault"));
    assert!(
        uris.closest("http://localhost:1/oidc/callback").is_none(),
        "that one matches"
    );
    assert!(RedirectUris::default().closest("https://a").is_none());
}

#[test]
fn a_set_keeps_each_once_and_knows_the_only_one() {
    let mut uris = registered(&["https://a/1", "https://a/1"]);
    assert_eq!(uris.only().unwrap().as_str(), "https://a/1");
    uris.insert(RedirectUri::register("https://a/2").unwrap());
    assert_eq!((uris.len(), uris.only()), (2, None));
    assert!(uris.remove("https://a/1") && !uris.remove("https://a/1"));
}

#[test]
fn stored_sets_are_checked_when_they_are_read() {
    let uris: RedirectUris = serde_json::from_str(r#"["https://a/cb"]"#).unwrap();
    assert_eq!(serde_json::to_string(&uris).unwrap(), r#"["https://a/cb"]"#);
    serde_json::from_str::<RedirectUris>(r#"["http://a/cb"]"#).unwrap_err();
}

#[test]
fn the_origin_is_for_policies() {
    let origin = |uri: &str| RedirectUri::register(uri).unwrap().origin();
    assert_eq!(
        origin("https://a.example:8443/cb?x").as_deref(),
        Some("https://a.example:8443")
    );
    assert_eq!(origin("https://a.example/cb").as_deref(), Some("https://a.example"));
    assert_eq!(origin("com.example.app:/cb"), None);
}

proptest! {
    #[test]
    fn a_registered_uri_matches_itself_and_nothing_that_one_edit_made_of_it(
        path in "[a-z0-9/._~-]{0,30}", at in 0_usize..60, byte in "[!-~]"
    ) {
        let uri = format!("https://app.example/{path}");
        let uris = registered(&[uri.as_str()]);
        prop_assert!(uris.find(&uri).is_some());
        let at = at.min(uri.len());
        let mut other = uri.clone();
        other.insert_str(at, &byte);
        prop_assert!(uris.find(&other).is_none());
        let (_, difference) = uris.closest(&other).unwrap();
        prop_assert_eq!(difference.what, Divergence::Extra(byte));
        prop_assert!(difference.position >= at);
    }

    #[test]
    fn loopback_matching_ignores_the_port_only(port in any::<u16>(), other in any::<u16>(), path in "[a-z/]{0,12}", tail in "[a-z/]{0,12}") {
        for host in ["127.0.0.1", "[::1]", "localhost"] {
            let uris = registered(&[format!("http://{host}:{port}/{path}").as_str()]);
            let asked = format!("http://{host}:{other}/{tail}");
            prop_assert_eq!(uris.find(&asked).is_some(), path == tail);
        }
    }

    #[test]
    fn a_match_is_always_the_same_place(received in "\\PC{0,60}") {
        let uris = registered(&["http://127.0.0.1:1/cb", "https://a.example/cb"]);
        if uris.find(&received).is_some() {
            prop_assert!(received == "https://a.example/cb" || received.starts_with("http://127.0.0.1"));
        }
    }

    #[test]
    fn applying_the_difference_makes_the_received_uri(expected in "[ab/]{0,20}", received in "[ab/]{0,20}") {
        if let Some(Difference { position, what }) = Difference::between(&expected, &received) {
            let (missing, extra) = match what {
                Divergence::Missing(text) => (text, String::new()),
                Divergence::Extra(text) => (String::new(), text),
                Divergence::Changed { expected, received } => (expected, received),
            };
            let (head, tail) = expected.split_at(position - 1);
            prop_assert_eq!(format!("{head}{extra}{}", tail.strip_prefix(missing.as_str()).unwrap()), received);
        } else {
            prop_assert_eq!(expected, received);
        }
    }
}
