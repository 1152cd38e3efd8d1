//! The issuer of an earlier provider: clients that know nothing of Doorward log in at the addresses that Keycloak and Kanidm have.

use doorward_e2e::{Client, Go, Person, Server, bounded, claims};
use reqwest::StatusCode;
use serde_json::Value;

/// A server with alice, who may use applications of `staff`.
async fn house() -> (Server, Person) {
    let server = Server::start().await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    (server, alice)
}

/// An application at an issuer.
async fn at(server: &Server, name: &str, issuer: &str) -> Client {
    let settings = [
        "--consent",
        "skip",
        "--device",
        "true",
        "--request-scopes",
        "openid,profile,email,offline_access",
    ];
    let client = Client::add(server, name, "staff", &settings).await;
    server.json(&["app", "edit", name, "--issuer", issuer]).await;
    client
}

/// The server's address by its other name, which is another host for browsers and for us.
fn other_host(server: &Server) -> String {
    format!("http://localhost:{}", server.port())
}

async fn document(url: &str) -> Value {
    let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let answer = http.get(url).send().await.expect("it answers");
    assert_eq!(answer.status(), StatusCode::OK, "{url}");
    answer.json().await.expect("JSON")
}

/// Logs alice in with the client in Go, which compares issuers byte by byte.
async fn go_logs_in(client: &Client, issuer: &str, alice: &Person) -> Value {
    let mut go = Go::start_at(issuer, (&client.id, &client.secret, &client.redirect_uri), "code");
    let url = go.said().await;
    let begun = url["url"].as_str().expect("a URL");
    let mut browser = client.browser();
    let page = browser.get(begun).await;
    assert!(page.is_login(), "{begun}: {} {}", page.url, page.text());
    let back = browser.log_in(&page, alice).await;
    assert_eq!(
        back.parameter("iss").as_deref(),
        Some(issuer),
        "the issuer that was asked (RFC 9207)"
    );
    go.hear(&back.url).await;
    let report = go.said().await;
    assert_eq!(
        (&report["name"], &report["refreshed"]),
        (&"alice".into(), &true.into()),
        "{report}"
    );
    report
}

#[tokio::test]
async fn a_keycloak_realm_at_another_host_is_answered_with_its_addresses() {
    bounded(180, async {
        let (server, alice) = house().await;
        let realm = format!("{}/auth/realms/main", other_host(&server));
        server.json(&["alias", "add", &realm]).await;
        let client = at(&server, "gopher", &realm).await;
        go_logs_in(&client, &realm, &alice).await;

        let discovery = document(&format!("{realm}/.well-known/openid-configuration")).await;
        assert_eq!(discovery["issuer"], Value::from(realm.clone()));
        let token = discovery["token_endpoint"].as_str().expect("a token endpoint");
        assert_eq!(token, format!("{realm}/protocol/openid-connect/token"));
        let about = document(&realm).await;
        assert_eq!(about["realm"], "main");
        assert!(
            about["public_key"]
                .as_str()
                .expect("a key")
                .starts_with("MIIBIjANBgkqhkiG9w0BAQEF"),
            "{about}"
        );
        // What another host asks is not there: nothing is answered in a name that was not asked for.
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let elsewhere = format!("{}/auth/realms/main", server.url);
        let asked = http.get(format!("{elsewhere}/.well-known/openid-configuration"));
        assert_eq!(asked.send().await.expect("it answers").status(), StatusCode::NOT_FOUND);
        let register = http
            .post(format!("{realm}/clients-registrations/openid-connect"))
            .json(&serde_json::json!({}));
        let refused = register.send().await.expect("it answers");
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);

        // A device is sent to the alias too, and the person ends at the public URL.
        let mut browser = client.browser();
        let page = browser.get(&format!("{realm}/device?user_code=ABCD")).await;
        assert_eq!(page.url.host_str(), Some("127.0.0.1"), "{}", page.url);

        let in_use = server.cli(&["alias", "remove", &realm]).await;
        assert_eq!(in_use.code, 1, "{in_use:?}");
        assert!(
            in_use.err.contains("doorward app edit gopher --issuer server"),
            "{}",
            in_use.err
        );
        let unknown = server
            .cli(&["app", "edit", "gopher", "--issuer", "http://localhost/realms/x"])
            .await;
        assert!(
            unknown.err.contains("doorward alias add http://localhost/realms/x"),
            "{}",
            unknown.err
        );
    })
    .await;
}

#[tokio::test]
async fn tokens_and_clients_of_one_issuer_are_none_of_another() {
    bounded(180, async {
        let (server, alice) = house().await;
        let realm = format!("{}/realms/main", server.url);
        server.json(&["alias", "add", &realm]).await;
        let mut moved = at(&server, "moved", &realm).await;
        "openid profile email offline_access".clone_into(&mut moved.scope);
        let native = at(&server, "native", "server").await;
        let path = |endpoint: &str| format!("realms/main/protocol/openid-connect/{endpoint}");
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

        // The library of the client sends the browser to /authorize; the answer names the issuer all the same.
        let mut browser = moved.browser();
        let page = moved.log_in(&mut browser, &alice).await;
        assert_eq!(page.parameter("iss"), Some(realm.clone()));
        let code = page.parameter("code").expect("a code");
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &moved.redirect_uri),
            ("code_verifier", verifier),
        ];
        let tokens = moved
            .try_post(&path("token"), &form)
            .await
            .expect("it answers")
            .granted();
        for token in ["id_token", "access_token"] {
            assert_eq!(claims(tokens.text(token))["iss"], Value::from(realm.clone()), "{token}");
        }
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let userinfo = |token: String| {
            let request = http
                .get(format!("{}/{}", server.url, path("userinfo")))
                .bearer_auth(token);
            async move { request.send().await.expect("it answers").status() }
        };
        assert_eq!(userinfo(tokens.text("access_token").to_owned()).await, StatusCode::OK);
        let active = moved
            .try_post(&path("token/introspect"), &[("token", tokens.text("access_token"))])
            .await;
        assert_eq!(active.expect("it answers").granted().body["active"], true);

        // The other application's tokens are of another issuer, and it is no client of this one.
        let code = native.code(&mut browser, &alice).await;
        let others = native.redeem(&code).await.granted();
        assert_eq!(
            claims(others.text("access_token"))["iss"],
            Value::from(server.url.clone())
        );
        assert_eq!(
            userinfo(others.text("access_token").to_owned()).await,
            StatusCode::UNAUTHORIZED
        );
        let inactive = moved
            .try_post(&path("token/introspect"), &[("token", others.text("access_token"))])
            .await;
        assert_eq!(inactive.expect("it answers").granted().body["active"], false);
        let strange = native
            .try_post(&path("token"), &[("grant_type", "client_credentials")])
            .await;
        strange.expect("it answers").refused("invalid_client");
        let begun = native
            .authorize_url(&[])
            .replace("/authorize", &format!("/{}", path("auth")));
        let page = browser.get(&begun).await;
        assert!((400..500).contains(&page.status), "{} {}", page.url, page.text());
        page.says("The application that sent you here is set to an address that is not meant for it.");

        // Keycloak's adapters log out with the refresh token.
        let refreshed = tokens.text("refresh_token").to_owned();
        let form = [("refresh_token", refreshed.as_str())];
        let out = moved.try_post(&path("logout"), &form).await.expect("it answers");
        assert_eq!(out.status, StatusCode::NO_CONTENT, "{}", out.body);
        moved.refresh(&refreshed).await.refused("invalid_grant");
        // Browsers log out at the public URL.
        let page = browser
            .get(&format!("{realm}/protocol/openid-connect/logout?client_id=moved"))
            .await;
        assert_eq!(page.url.path(), "/logout", "{}", page.url);
    })
    .await;
}

#[tokio::test]
async fn an_application_of_kanidm_keeps_its_own_issuer() {
    bounded(120, async {
        let (server, alice) = house().await;
        let alias = format!("{}/oauth2/openid", other_host(&server));
        server.json(&["alias", "add", &alias]).await;
        let client = at(&server, "gopher", &alias).await;
        let issuer = format!("{alias}/gopher");
        let discovery = document(&format!("{issuer}/.well-known/openid-configuration")).await;
        assert_eq!(discovery["issuer"], Value::from(issuer.clone()));
        assert_eq!(
            discovery["authorization_endpoint"],
            Value::from(format!("{}/ui/oauth2", other_host(&server)))
        );
        go_logs_in(&client, &issuer, &alice).await;
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let nobody = http.get(format!("{alias}/nobody/.well-known/openid-configuration"));
        assert_eq!(nobody.send().await.expect("it answers").status(), StatusCode::NOT_FOUND);
    })
    .await;
}
