//! `doorward doctor app` at real applications, each as it is printed and with one setting broken: the doctor names that one first.

use std::time::{Duration, Instant};

use doorward_e2e::{
    Browser, Package, Person, Server, Site, bounded, free_port,
    rigs::{Oauth2Proxy, Oauth2ProxyAt},
};
use serde_json::{Value, json};

async fn house() -> (Server, Person) {
    let server = Server::start().await;
    server.json(&["group", "add", "users"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["users"]).await;
    server
        .json(&["user", "edit", "alice", "--email-verified", "true"])
        .await;
    (server, alice)
}

/// What the command says, and whether its exit status says the same.
pub(crate) async fn looked(server: &Server, app: &str) -> Value {
    let ran = server
        .cli(&["--json", "doctor", "app", app, "--user", "alice", "--allow-private"])
        .await;
    let body: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    assert_eq!(body["usable"] == json!(true), ran.code == 0, "{ran:?}");
    body
}

/// The code of what is named first, with everything that it says.
fn first(body: &Value) -> (String, String) {
    let finding = &body["findings"][0];
    let code = finding["code"].as_str().expect("a finding has a code").to_owned();
    (code, finding.to_string())
}

#[track_caller]
fn is_well(body: &Value) {
    assert_eq!(body["usable"], json!(true), "{body:#}");
    let clock = body["clock_offset_ms"].as_i64().expect("the clock was measured");
    assert!(clock.abs() < 700, "{body:#}");
}

#[track_caller]
pub(crate) fn names(body: &Value, code: &str, words: &[&str]) {
    assert_eq!(body["usable"], json!(false), "{body:#}");
    let (named, said) = first(body);
    assert_eq!(named, code, "{body:#}");
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
}

/// Once an application has been silent for so long, a trace concludes that it will stay so.
async fn silence(since: Instant) {
    let left = Duration::from_millis(5_300).saturating_sub(since.elapsed());
    tokio::time::sleep(left).await;
}

#[tokio::test]
async fn each_broken_setting_of_netbox_is_what_the_doctor_names_first_and_what_can_be_mended_is() {
    bounded(200, async {
        let (server, alice) = house().await;
        let mut site = Site::add(&server, Package::NetBox, "users").await.start().await;
        let right = format!("{}/oauth/complete/oidc/", site.url);
        let body = looked(&server, "netbox").await;
        is_well(&body);
        assert_eq!(body["sent"]["redirect_uri"], json!(right), "{body:#}");
        assert_eq!(body["sent"]["client_id"], json!("netbox"), "{body:#}");

        // The redirect URI was typed by hand, without its slash.
        let wrong = right.trim_end_matches('/');
        let edit = [
            "app",
            "edit",
            "netbox",
            "--add-redirect-uri",
            wrong,
            "--remove-redirect-uri",
            &right,
        ];
        server.json(&edit).await;
        let body = looked(&server, "netbox").await;
        names(&body, "redirect_uri", &["an extra `/`", "--add-redirect-uri"]);
        let fixed = server
            .cli(&["doctor", "app", "netbox", "--fix", "--yes", "--allow-private"])
            .await;
        assert!(fixed.err.contains("Done: register the redirect URI"), "{fixed:?}");
        is_well(&looked(&server, "netbox").await);

        // Switched off, and nobody else was told.
        server.json(&["app", "disable", "netbox"]).await;
        names(
            &looked(&server, "netbox").await,
            "disabled",
            &["doorward app enable netbox"],
        );
        server.json(&["app", "enable", "netbox"]).await;

        // Another client id, and PKCE switched off where it is demanded: the first stops a login earlier.
        server.json(&["app", "edit", "netbox", "--pkce", "required"]).await;
        site.set("SOCIAL_AUTH_OIDC_KEY = 'netbx'\nSOCIAL_AUTH_OIDC_USE_PKCE = False");
        site.restart_at("").await;
        let body = looked(&server, "netbox").await;
        names(&body, "client_id", &["netbx", "nobody has here"]);
        assert_eq!(body["findings"][1]["code"], json!("pkce"), "{body:#}");
        site.set("SOCIAL_AUTH_OIDC_KEY = 'netbox'");

        // Its clock, by more than the printed leeway.
        site.restart_at("-45s").await;
        let body = looked(&server, "netbox").await;
        names(&body, "pkce", &["SOCIAL_AUTH_OIDC_USE_PKCE = True"]);
        site.set("SOCIAL_AUTH_OIDC_USE_PKCE = True");
        site.restart_at("-45s").await;
        let body = looked(&server, "netbox").await;
        names(&body, "clock", &["s behind", "chronyc makestep"]);

        // By less, and without the leeway: only a login shows that, and its trace says why.
        site.set("SOCIAL_AUTH_OIDC_JWT_LEEWAY = 1");
        site.restart_at("-5s").await;
        site.log_in(&mut Browser::new(), &alice).await;
        let failed = Instant::now();
        silence(failed).await;
        let body = looked(&server, "netbox").await;
        names(
            &body,
            "clock",
            &["it rejected the ID token", " s behind; it tolerates 30 s only"],
        );
        let trace = server.latest_trace("netbox").await;
        let shown = server.json(&["trace", &trace.reference]).await;
        assert_eq!(shown["conclusion"]["code"], json!("id_token_clock"), "{shown:#}");
    })
    .await;
}

#[tokio::test]
async fn what_mozilla_social_auth_and_oauth2_proxy_have_wrong_is_named_first() {
    bounded(200, async {
        let (server, alice) = house().await;
        let mozilla = Site::add(&server, Package::Mozilla, "users").await;
        let social = Site::add(&server, Package::SocialAuth, "users").await;
        let at = Oauth2ProxyAt::free();
        let add = [
            "app",
            "add",
            "oauth2-proxy",
            &at.url,
            "--name",
            "gateway",
            "--group",
            "users",
        ];
        let gateway = server.json(&add).await;
        // A form of another library, taken for the audience.
        let proxy = Oauth2Proxy::start(at, &gateway, &["--oidc-audience-claim=audience"]);
        let (_mozilla, social, proxy) =
            tokio::join!(Box::pin(mozilla.start()), Box::pin(social.start()), Box::pin(proxy));

        // The login fails after the token, which only a trace shows.
        let mut browser = Browser::new();
        let page = browser.get(&proxy.page("/")).await;
        let page = browser.log_in(&page, &alice).await;
        assert_ne!(page.status, 200, "{}", page.text());
        let failed = Instant::now();

        let (of_mozilla, of_social) = tokio::join!(
            Box::pin(looked(&server, "mozilla-django-oidc")),
            Box::pin(looked(&server, "social-auth")),
        );
        is_well(&of_mozilla);
        is_well(&of_social);
        // Its button is a form, with a field against forgery.
        let posted = of_social["visits"].as_array().expect("visits").iter();
        assert!(
            posted.clone().any(|visit| visit["posted"] == json!(true)),
            "{of_social:#}"
        );

        silence(failed).await;
        let body = looked(&server, "gateway").await;
        names(&body, "audience", &["it rejected the ID token", "another audience"]);

        // ID tokens are signed in a way that it does not accept.
        server
            .json(&["app", "edit", "mozilla-django-oidc", "--id-token-alg", "EdDSA"])
            .await;
        let mut social = social;
        social.set("SOCIAL_AUTH_OIDC_SCOPE = []\nSOCIAL_AUTH_OIDC_IGNORE_DEFAULT_SCOPE = True");
        social.restart_at("").await;
        let (of_mozilla, of_social) = tokio::join!(
            Box::pin(looked(&server, "mozilla-django-oidc")),
            Box::pin(looked(&server, "social-auth")),
        );
        names(&of_mozilla, "algorithm", &["EdDSA", "RS256"]);
        names(&of_social, "scope", &["openid"]);
    })
    .await;
}

#[tokio::test]
async fn an_application_that_does_not_trust_the_private_authority_is_told_how() {
    bounded(120, async {
        let port = free_port();
        let server =
            Server::start_over_tls(port, &format!("https://localhost:{port}"), "[tls]\nca = true\n", None).await;
        server.json(&["group", "add", "users"]).await;
        server.json(&["user", "add", "alice", "--group", "users"]).await;
        let site = Site::add(&server, Package::NetBox, "users").await.start().await;
        let body = looked(&server, "netbox").await;
        names(&body, "private_ca", &["SOCIAL_AUTH_VERIFY_SSL", "--ca-file"]);
        drop(site);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_reached_or_shows_no_login_is_said_and_nothing_is_made_up() {
    bounded(60, async {
        let server = Server::start().await;
        let free = free_port();
        let url = format!("http://localhost:{free}");
        server.json(&["app", "add", "generic", &url, "--name", "gone"]).await;
        let ran = server.cli(&["doctor", "app", "gone", "--allow-private"]).await;
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.out.contains("nothing listens there"), "{ran:?}");
        assert!(ran.out.contains("doorward app allow gone GROUP"), "{ran:?}");
        // A server is there, and its page leads nowhere.
        let ours = format!("{}/style-guide", server.url);
        server.json(&["app", "add", "generic", &ours, "--name", "page"]).await;
        let body: Value = serde_json::from_str(
            &server
                .cli(&["--json", "doctor", "app", "page", "--allow-private"])
                .await
                .out,
        )
        .expect("JSON");
        let codes: Vec<&str> = body["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .filter_map(|finding| finding["code"].as_str())
            .collect();
        assert!(codes.contains(&"login") && !codes.contains(&"client_id"), "{body:#}");
        let unknown = server.cli(&["doctor", "app", "pgae"]).await;
        assert_eq!(unknown.code, 1, "{unknown:?}");
    })
    .await;
}
