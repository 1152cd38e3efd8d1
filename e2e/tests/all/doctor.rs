//! `doorward doctor issuer` at real providers: ours, Keycloak, Dex and oidc-provider, each as it is and as people get it wrong.
//! And what presets are with the built binary: those of the installation, and pairing.

use doorward_e2e::{
    Browser, Server, bounded,
    rigs::{Dex, Keycloak, OidcProvider},
};
use serde_json::{Value, json};

/// What the command says with `--json`, and whether logins can work.
async fn looked(server: &Server, issuer: &str, more: &[&str]) -> (bool, Value) {
    let mut words = vec!["--json", "doctor", "issuer", issuer];
    words.extend(more);
    let ran = server.cli(&words).await;
    let body: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    assert_eq!(body["usable"] == json!(true), ran.code == 0, "{ran:?}");
    (ran.code == 0, body)
}

fn weight<'b>(body: &'b Value, code: &str) -> &'b str {
    let findings = body["findings"].as_array().expect("findings");
    let found = findings.iter().find(|finding| finding["code"] == code);
    found
        .and_then(|finding| finding["weight"].as_str())
        .unwrap_or("not there")
}

#[track_caller]
fn clock_is_ours(body: &Value) {
    // One machine, one clock; the header's whole seconds are what is left.
    let offset = body["clock_offset_ms"].as_i64().expect("the clock was measured");
    assert!(offset.abs() < 500, "{body}");
}

#[tokio::test]
async fn the_doctor_knows_four_real_providers_and_what_people_take_for_their_issuers() {
    bounded(300, async {
        let (server, keycloak, dex, other) = tokio::join!(
            Box::pin(Server::start()),
            Box::pin(async { Keycloak::shared().await.realm("doctor").await }),
            Box::pin(Dex::start("http://127.0.0.1:9/callback")),
            Box::pin(OidcProvider::start(&[])),
        );
        let dex = dex.registration().issuer;
        let keycloak = keycloak.issuer();
        // The clock takes six seconds each: all at once.
        let with_slash = format!("{keycloak}/");
        let discovery = format!("{dex}/.well-known/openid-configuration");
        let (ours, theirs, of_dex, of_other, slash, pasted) = tokio::join!(
            Box::pin(looked(&server, &server.url, &["--for", "netbox"])),
            Box::pin(looked(&server, &keycloak, &["--for", "netbox"])),
            Box::pin(looked(&server, &dex, &["--for", "vault"])),
            Box::pin(looked(&server, &other.issuer, &[])),
            Box::pin(looked(&server, &with_slash, &[])),
            Box::pin(looked(&server, &discovery, &[])),
        );
        let (usable, body) = ours;
        assert!(usable, "{body}");
        for good in [
            "discovery_reached",
            "issuer_equal",
            "keys",
            "pkce",
            "response_issuer",
            "logout",
            "logout_told",
            "secret_methods",
            "claims",
        ] {
            assert_eq!(weight(&body, good), "good", "{good}: {body}");
        }
        clock_is_ours(&body);

        let (usable, body) = theirs;
        assert!(usable, "{body}");
        assert_eq!(weight(&body, "logout_told"), "good", "{body}");
        // Keycloak names HS256 among its algorithms, and no groups among its claims.
        assert_eq!(weight(&body, "weak_algorithms"), "advice", "{body}");
        assert_eq!(weight(&body, "claims"), "advice", "{body}");
        // It sends no Date header, so nobody can measure its clock without a login.
        assert_eq!(weight(&body, "clock_unknown"), "advice", "{body}");

        let (usable, body) = of_dex;
        assert!(usable, "{body}");
        assert_eq!(weight(&body, "keys"), "good", "{body}");
        // Dex tells nobody of a logout.
        assert_eq!(weight(&body, "logout_told"), "advice", "{body}");
        clock_is_ours(&body);

        let (usable, body) = of_other;
        assert!(usable, "{body}");
        assert_eq!(weight(&body, "issuer_equal"), "good", "{body}");
        clock_is_ours(&body);

        let (usable, body) = slash;
        assert!(!usable, "{body}");
        assert_eq!(body["suggestion"], json!(keycloak), "{body}");
        let (usable, body) = pasted;
        assert!(!usable, "{body}");
        assert_eq!(body["suggestion"], json!(dex), "{body}");
    })
    .await;
}

#[tokio::test]
async fn an_explanation_has_the_values_of_the_application_in_it() {
    bounded(60, async {
        let server = Server::start().await;
        let add = [
            "app",
            "add",
            "netbox",
            "https://netbox.example.com",
            "--name",
            "our-netbox",
        ];
        server.json(&add).await;
        let ran = server
            .cli(&[
                "doctor",
                "explain",
                "--app",
                "our-netbox",
                "The specified alg value is not allowed",
            ])
            .await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(
            ran.out.contains("doorward app edit our-netbox --id-token-alg RS256"),
            "{ran:?}"
        );
        let text = "SOCIAL_AUTH_OIDC_OIDC_ENDPOINT = 'https://x.example/.well-known/openid-configuration'";
        let ran = server.cli(&["doctor", "explain", "--app", "our-netbox", text]).await;
        assert!(
            ran.out
                .contains(&format!("SOCIAL_AUTH_OIDC_OIDC_ENDPOINT = '{}'", server.url)),
            "{ran:?}"
        );
        let ran = server.cli(&["doctor", "explain", "--app", "our-netbx", "x"]).await;
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("our-netbox"), "{ran:?}");
    })
    .await;
}

#[tokio::test]
async fn presets_of_the_installation_are_as_good_as_those_that_are_built_in() {
    bounded(60, async {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let preset = r#"
title = "WeKan"
summary = "WeKan, with its OAuth2 login."
evidence = "A test."
proof = "application"
redirect_uris = ["{app_url}/_oauth/oidc"]
scopes = "openid profile email"
consent = "skip"
private_ca = "Set NODE_EXTRA_CA_CERTS."
[pkce]
policy = "required"
[logout]
rp_initiated = false
text = "Its own session ends."
[[snippet]]
title = "Environment"
way = "env"
language = "env"
text = "OAUTH2_SERVER_URL={issuer} OAUTH2_CLIENT_ID={client_id} OAUTH2_SECRET={secret}"
[[error]]
text = "OAuth login … is not enabled"
place = "its log"
cause = "OAUTH2_ENABLED is not set."
remedy = "OAUTH2_ENABLED=true, with OAUTH2_CLIENT_ID={client_id}."
"#;
        std::fs::write(folder.path().join("wekan.toml"), preset).expect("the file can be written");
        let configuration = format!("[presets]\ndirectory = {:?}\n", folder.path());
        let server = Server::start_with(&configuration).await;
        let added = server.cli(&["app", "add", "wekan", "https://wekan.example.com"]).await;
        assert_eq!(added.code, 0, "{added:?}");
        assert!(added.out.contains("OAUTH2_CLIENT_ID=wekan OAUTH2_SECRET="), "{added:?}");
        let message = "OAuth login for oidc is not enabled";
        let explained = server.cli(&["doctor", "explain", "--app", "wekan", message]).await;
        assert!(explained.out.contains("with OAUTH2_CLIENT_ID=wekan."), "{explained:?}");
        let listed = server.cli(&["preset", "list", "wekan"]).await;
        assert!(
            listed.out.contains("WeKan") && !listed.out.contains("NetBox"),
            "{listed:?}"
        );
        let shown = server.cli(&["preset", "show", "wekan"]).await;
        assert!(
            shown.out.contains("https://") || shown.out.contains("{app_url}/_oauth/oidc"),
            "{shown:?}"
        );
        let page = server.cli(&["preset", "show", "netbox"]).await;
        for said in [
            "tried with its library",
            "── Known wrong",
            "SOCIAL_AUTH_REQUESTS_EXTRA_ARGUMENTS",
            "── When a login fails, look at",
        ] {
            assert!(page.out.contains(said), "{said}: {page:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_redirect_uri_that_the_application_made_up_is_paired_and_no_strangers() {
    bounded(90, async {
        let server = Server::start().await;
        server.json(&["app", "add", "wikijs", "https://wiki.example.com"]).await;
        let ask = async |uri: &str| {
            let uri = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect::<String>();
            let query = format!("client_id=wikijs&response_type=code&scope=openid&state=s&redirect_uri={uri}");
            let page = Browser::new().get(&format!("{}/authorize?{query}", server.url)).await;
            assert_eq!(page.status, 400, "{}", page.text());
        };
        // What was sent before, from elsewhere, and under another path is not what is waited for.
        ask("https://wiki.example.com/login/before/callback").await;
        let pairing = server.cli(&[
            "app",
            "pair",
            "wikijs",
            "--within",
            "1m",
            "--accept",
            "https://wiki.example.com/login/",
        ]);
        let sending = async {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            ask("https://evil.example/login/x/callback").await;
            ask("https://wiki.example.com/other").await;
            ask("https://wiki.example.com/login/0b8c1d2e/callback").await;
        };
        let (paired, ()) = tokio::join!(pairing, sending);
        assert_eq!(paired.code, 0, "{paired:?}");
        assert!(
            paired
                .err
                .contains("https://evil.example/login/x/callback, which is not at"),
            "{paired:?}"
        );
        let app = server.json(&["app", "show", "wikijs"]).await;
        assert_eq!(
            app["redirect_uris"],
            json!(["https://wiki.example.com/login/0b8c1d2e/callback"]),
            "{app}"
        );
        // The page of the console shows the same, and registers what is at the application's own address.
        ask("https://wiki.example.com/login/7f3a/callback").await;
        let ada = server.add_person("ada", "Ada Admin", &[]).await;
        server.json(&["admin", "grant", "apps", "ada"]).await;
        let mut browser = Browser::new();
        let login = browser.get(&format!("{}/admin/apps/wikijs/pair", server.url)).await;
        let page = browser.log_in(&login, &ada).await;
        page.says("https://evil.example/login/x/callback");
        page.says("Not at its address");
        assert!(!page.html.contains("value=\"https://evil.example"), "{}", page.html);
        let done = browser.submit(&page, "/admin/apps/wikijs/pair", &[]).await;
        assert_eq!(done.url.path(), "/admin/apps/wikijs", "{}", done.text());
        let app = server.json(&["app", "show", "wikijs"]).await;
        let both = ["0b8c1d2e", "7f3a"].map(|made_up| format!("https://wiki.example.com/login/{made_up}/callback"));
        assert_eq!(app["redirect_uris"], json!(both), "{app}");
        let nobody = server.cli(&["app", "pair", "wikijs"]).await;
        assert_eq!(nobody.code, 2, "{nobody:?}");
    })
    .await;
}
