//! What an application sends, compared with what is registered for it.

use doorward_apps::{App, presets};
use doorward_doctor::{
    Finding, Fix, Side, Weight, conclude,
    request::{Known, Sent, compare},
};
use doorward_provider::{KeyRing, Server};
use url::Url;

use crate::netbox;

const RIGHT: &str = "https://sso.example.com/authorize?client_id=netbox&response_type=code&scope=openid+profile+email+groups\
                     &state=s&nonce=n&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256\
                     &redirect_uri=https%3A%2F%2Fnetbox.example.com%2Foauth%2Fcomplete%2Foidc%2F";

fn compared_for(app: &App, url: &str) -> (Sent, Vec<Finding>) {
    let server = Server::new("https://sso.example.com");
    let other = |id: &str| (id == "grafana").then(|| "Grafana".to_owned());
    let known = Known {
        app,
        preset: presets().find(&app.preset),
        server: &server,
        keys: &KeyRing::new([]).unwrap(),
        authorize: &server.urls("/authorize"),
        other: &other,
    };
    let (sent, findings) = compare(&Url::parse(url).unwrap(), &known);
    (sent, conclude(findings))
}

fn compared(url: &str) -> Vec<Finding> {
    compared_for(&netbox("https://netbox.example.com"), url).1
}

fn problems(found: &[Finding]) -> Vec<&str> {
    let problems = found.iter().filter(|finding| finding.weight == Weight::Problem);
    problems.map(|finding| finding.code).collect()
}

#[test]
fn a_request_as_it_is_printed_has_nothing_wrong() {
    let found = compared(RIGHT);
    assert!(found.iter().all(|finding| finding.weight == Weight::Good), "{found:#?}");
}

#[test]
fn everything_that_is_wrong_is_named_at_once_in_the_order_in_which_it_stops_a_login() {
    let url = RIGHT
        .replace("client_id=netbox", "client_id=NetBox")
        .replace("oidc%2F", "oidc")
        .replace("scope=openid+", "scope=")
        .replace(
            "code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&",
            "",
        )
        .replace("response_type=code", "response_type=token");
    let found = compared(&url);
    assert_eq!(
        problems(&found),
        ["client_id", "redirect_uri", "response_type", "scope", "pkce"],
        "{found:#?}"
    );
}

#[test]
fn a_nonce_is_missed_only_where_pkce_does_not_do_the_same() {
    let without = RIGHT.replace("&nonce=n", "");
    let named = |query: &str| compared(query).iter().any(|finding| finding.expected == "a `nonce`");
    assert!(!named(&without));
    assert!(named(
        &without.replace("&code_challenge_method=S256", "&code_challenge_method=plain")
    ));
    assert!(!named(
        &RIGHT.replace("&code_challenge_method=S256", "&code_challenge_method=plain")
    ));
}

#[test]
fn a_client_id_of_another_application_is_told_whose_it_is() {
    let found = compared(&RIGHT.replace("client_id=netbox", "client_id=grafana"));
    assert_eq!(problems(&found), ["client_id"]);
    assert!(found[0].received.contains("which is Grafana"), "{found:#?}");
}

#[test]
fn a_redirect_uri_over_plain_http_is_the_proxys_fault_and_is_not_registered_by_itself() {
    let found = compared(&RIGHT.replace("redirect_uri=https", "redirect_uri=http"));
    assert_eq!(problems(&found), ["redirect_uri"]);
    let first = &found[0].remedies[0];
    assert_eq!(first.side, Side::Application);
    assert!(first.text.contains("X-Forwarded-Proto"), "{first:?}");
    assert_eq!(found[0].fix, None);
}

#[test]
fn what_the_preset_would_have_registered_is_registered_here_first() {
    let mut app = netbox("https://netbox.example.com");
    app.redirect_uris
        .remove("https://netbox.example.com/oauth/complete/oidc/");
    app.redirect_uris =
        doorward_oidc::RedirectUris::register(["https://netbox.example.com/oauth/complete/oidc"]).unwrap();
    let (_, found) = compared_for(&app, RIGHT);
    assert_eq!(found[0].code, "redirect_uri");
    assert_eq!(found[0].remedies[0].side, Side::Here);
    let uri = "https://netbox.example.com/oauth/complete/oidc/".to_owned();
    assert_eq!(found[0].fix, Some(Fix::AddRedirectUri { uri, is_usual: true }));
}

#[test]
fn a_redirect_uri_at_another_host_is_never_offered_for_registration() {
    let found = compared(&RIGHT.replace("netbox.example.com", "evil.example.com"));
    assert_eq!(problems(&found), ["redirect_uri"]);
    assert_eq!(found[0].fix, None);
}

#[test]
fn a_login_at_another_provider_is_named_before_anything_else() {
    let url = RIGHT.replace(
        "https://sso.example.com/authorize",
        "https://old.example.com/realms/a/protocol/openid-connect/auth",
    );
    let found = compared(&url);
    assert_eq!(problems(&found), ["issuer"]);
    assert!(found[0].received.contains("another provider"), "{found:#?}");
    let near = compared(&RIGHT.replace("https://sso", "http://sso"));
    assert!(near[0].received.contains("http for https"), "{near:#?}");
}

#[test]
fn plain_pkce_is_pkce_that_is_wrong_and_says_what_to_set() {
    let found = compared(&RIGHT.replace("code_challenge_method=S256", "code_challenge_method=plain"));
    assert_eq!(problems(&found), ["pkce"]);
    let first = &found[0].remedies[0];
    assert!(
        first.side == Side::Application && first.text.contains("SOCIAL_AUTH_OIDC_USE_PKCE"),
        "{first:?}"
    );
}

#[test]
fn pushed_parameters_are_not_taken_for_missing_ones() {
    let url = "https://sso.example.com/authorize?client_id=netbox&request_uri=urn:ietf:params:oauth:request_uri:x";
    let found = compared(url);
    assert!(problems(&found).is_empty(), "{found:#?}");
}

#[test]
fn what_is_no_request_at_all_is_refused_in_words() {
    for query in [
        "",
        "?",
        "?client_id=",
        "?client_id=netbox&client_id=netbox",
        "?client_id=%FF",
    ] {
        let found = compared(&format!("https://sso.example.com/authorize{query}"));
        assert!(!problems(&found).is_empty(), "{query}");
    }
}

#[test]
fn a_scope_that_brings_what_it_needs_is_a_problem_and_another_one_is_advice() {
    let mut app = netbox("https://netbox.example.com");
    let url = RIGHT.replace("+groups", "");
    let (_, found) = compared_for(&app, &url);
    assert_eq!(
        (found[0].code, found[0].weight),
        ("scope", Weight::Advice),
        "{found:#?}"
    );
    "oauth2-proxy".clone_into(&mut app.preset);
    let (_, found) = compared_for(&app, &url);
    assert_eq!(
        (found[0].code, found[0].weight),
        ("scope", Weight::Problem),
        "{found:#?}"
    );
}

/// Whatever an application sends, a shell that is given what the doctor says to type runs `doorward` and nothing else.
#[test]
fn no_parameter_of_a_request_becomes_a_command_of_its_own() {
    let hostile = [
        "$(canary${IFS}x)",
        "`canary`",
        ";canary",
        "&canary",
        "|canary",
        "\ncanary",
        "'canary",
        "';canary;'",
        "\";canary;\"",
        "\\canary",
        ">/nowhere/canary",
        "</nowhere/canary",
        "*",
        "--yes",
        "\u{1b}[2Jcanary",
        "{canary,x}",
        "!canary",
        "~canary",
    ];
    let mut app = netbox("https://netbox.example.com");
    app.preset = "oauth2-proxy".to_owned();
    let mut typed = 0;
    for text in hostile {
        for (name, value) in [
            ("scope", format!("openid {text}")),
            ("scope", format!("openid x{text}")),
            ("redirect_uri", format!("https://netbox.example.com/oauth/{text}")),
            ("redirect_uri", text.to_owned()),
            ("client_id", text.to_owned()),
            ("response_type", text.to_owned()),
            ("response_mode", text.to_owned()),
            ("code_challenge_method", text.to_owned()),
            ("prompt", text.to_owned()),
            ("resource", format!("https://{text}/")),
        ] {
            let mut url = Url::parse(RIGHT).unwrap();
            let kept: Vec<(String, String)> = url
                .query_pairs()
                .filter(|(known, _)| known != name)
                .map(|(known, value)| (known.into_owned(), value.into_owned()))
                .collect();
            url.query_pairs_mut()
                .clear()
                .extend_pairs(kept)
                .append_pair(name, &value);
            let (_, found) = compared_for(&app, url.as_str());
            for remedy in found.iter().flat_map(|finding| &finding.remedies) {
                let Some(at) = remedy.text.find("doorward ") else {
                    continue;
                };
                typed += 1;
                is_one_command(remedy.text.get(at..).unwrap());
            }
        }
    }
    assert!(typed > 20, "{typed}");
}

#[track_caller]
fn is_one_command(text: &str) {
    let ran = std::process::Command::new("/bin/sh")
        .args(["-c", &format!("doorward() {{ echo once; }}; {text}")])
        .env_clear()
        .env("PATH", "/nowhere")
        .output()
        .unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr),
    );
    assert!(
        ran.status.success() && out == "once\n" && err.is_empty(),
        "{text}: {out}{err}"
    );
}

#[test]
fn only_an_address_of_the_preset_or_of_an_https_origin_that_is_registered_is_offered() {
    let offers = |registered: &str, sent: &str| {
        let mut app = netbox("https://netbox.example.com");
        app.redirect_uris = doorward_oidc::RedirectUris::register([registered]).unwrap();
        let mut url = Url::parse(RIGHT).unwrap();
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(name, _)| name != "redirect_uri")
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        url.query_pairs_mut()
            .clear()
            .extend_pairs(kept)
            .append_pair("redirect_uri", sent);
        let (_, found) = compared_for(&app, url.as_str());
        found
            .into_iter()
            .any(|finding| matches!(finding.fix, Some(Fix::AddRedirectUri { .. })))
    };
    assert!(offers("https://netbox.example.com/a", "https://netbox.example.com/b"));
    assert!(offers(
        "https://other.example.com/a",
        "https://netbox.example.com/oauth/complete/oidc/"
    ));
    assert!(offers("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/b"));
    for (registered, sent) in [
        ("https://netbox.example.com/a", "http://netbox.example.com/b"),
        ("https://netbox.example.com/a", "https://netbox.example.com:8443/a"),
        ("https://netbox.example.com/a", "https://evil.example.com/a"),
    ] {
        assert!(!offers(registered, sent), "{registered} {sent}");
    }
}
