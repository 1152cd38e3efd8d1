//! Every weakened setting has a loud name.

use doorward_apps::{App, AppKind, Edit, Lifetime, Pkce, apply, weakened};

use crate::fixture::built;

fn names(edits: &[Edit]) -> Vec<&'static str> {
    let app = apply(&built("generic"), edits).unwrap();
    weakened(&app).iter().map(|weak| weak.name).collect()
}

#[test]
fn a_generic_application_is_strict_throughout() {
    assert_eq!(names(&[]), Vec::<&str>::new());
}

#[test]
fn pkce_if_sent_is_named_with_its_undoing() {
    let app = apply(&built("generic"), &[Edit::Pkce(Pkce::IfSent)]).unwrap();
    let weak = weakened(&app);
    assert_eq!(weak[0].name, "weaken-pkce-if-sent");
    assert_eq!(weak[0].undo, "doorward app edit generic --pkce required");
}

#[test]
fn plain_http_is_named_unless_it_stays_on_the_machine() {
    let redirect = |uri: &str| names(&[Edit::AddRedirectUri(uri.to_owned())]);
    for uri in [
        "http://localhost:8250/x",
        "http://127.0.0.1/x",
        "http://[::1]:1/x",
        "https://a.example.com/x",
    ] {
        assert_eq!(redirect(uri), Vec::<&str>::new(), "{uri}");
    }
    assert_eq!(
        names(&[Edit::AddCorsOrigin("http://a.example.com".to_owned())]),
        ["weaken-cors-http"]
    );
}

#[test]
fn long_lifetimes_are_named() {
    let with = |which, seconds| names(&[Edit::Lifetime(which, Some(seconds))]);
    assert_eq!(with(Lifetime::Code, 61), ["weaken-long-lifetime"]);
    assert_eq!(with(Lifetime::AccessToken, 3_600), Vec::<&str>::new());
    assert_eq!(with(Lifetime::AccessToken, 3_601), ["weaken-long-lifetime"]);
    assert_eq!(with(Lifetime::RefreshToken, 91 * 86_400), ["weaken-long-lifetime"]);
}

#[test]
fn a_public_client_that_asks_nobody_is_named() {
    let public = Edit::Kind(AppKind::Public);
    assert_eq!(names(std::slice::from_ref(&public)), Vec::<&str>::new());
    assert_eq!(
        names(&[public, Edit::Consent(doorward_apps::Consent::Skip)]),
        ["weaken-consent-skip-public"]
    );
}

#[test]
fn a_preset_that_weakens_pkce_gives_its_reason_with_the_applications_own_name() {
    let app = App {
        client_id: "dcim".to_owned(),
        ..built("netbox")
    };
    let weak = weakened(&app);
    assert_eq!(weak.len(), 1);
    assert!(
        weak[0].meaning.contains("social-auth-core is older than 4.8.7"),
        "{}",
        weak[0].meaning
    );
    assert!(
        weak[0].meaning.contains("doorward app edit dcim --pkce required"),
        "{}",
        weak[0].meaning
    );
}
