//! Modules of `oidcc-client-dynamic-certification-test-plan` that no other plan has, and of
//! `oidcc-client-test-3rd-party-init-login-test-plan`, each a test of that name (docs/conformance-rp.md).

use std::sync::Arc;

use doorward_jose::{Algorithm, Secret};
use doorward_login::{Login, LoginError, ProbeOptions, Registration};
use doorward_oidc::ClientAuthMethod;
use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fake::{Fake, ISSUER, answer, is_refused, json_answer};

fn options(fake: &Arc<Fake>) -> ProbeOptions {
    ProbeOptions {
        http: Some(Arc::clone(fake) as Arc<_>),
        ..ProbeOptions::default()
    }
}

fn links(href: &str) -> Value {
    json!({"subject": "x", "links": [
        {"rel": "http://webfinger.net/rel/profile-page", "href": "https://sso.example/joe"},
        {"rel": "http://openid.net/specs/connect/1.0/issuer", "href": href},
    ]})
}

const REL: &str = "rel=http%3A%2F%2Fopenid.net%2Fspecs%2Fconnect%2F1.0%2Fissuer";

async fn issuer_of(fake: &Arc<Fake>, identifier: &str) -> Result<String, LoginError> {
    Login::issuer_of(identifier, &options(fake)).await
}

/// `oidcc-client-test-discovery-webfinger-acct`
#[tokio::test]
async fn oidcc_client_test_discovery_webfinger_acct() {
    let fake = Fake::new();
    let at = format!("/.well-known/webfinger?resource=acct%3Ajoe%40sso.example&{REL}");
    fake.says(&at, answer(200, "application/jrd+json", links(ISSUER).to_string()));
    for identifier in ["acct:joe@sso.example", "joe@sso.example"] {
        assert_eq!(issuer_of(&fake, identifier).await.unwrap(), ISSUER);
    }
    fake.says(&at, json_answer(&links("http://sso.example")));
    is_refused(
        issuer_of(&fake, "joe@sso.example").await,
        "setup_error",
        "`http://sso.example`",
    );
    fake.says(&at, json_answer(&json!({"links": []})));
    is_refused(
        issuer_of(&fake, "joe@sso.example").await,
        "setup_error",
        "a link to an issuer",
    );
    for identifier in [
        "",
        "joe",
        "@sso.example",
        "joe@",
        "acct:joe",
        "joe@sso.example?x",
        "https://",
    ] {
        is_refused(issuer_of(&fake, identifier).await, "setting_invalid", "identifier");
    }
}

/// `oidcc-client-test-discovery-webfinger-url`
#[tokio::test]
async fn oidcc_client_test_discovery_webfinger_url() {
    let fake = Fake::new();
    let at = format!("/.well-known/webfinger?resource=https%3A%2F%2Fsso.example%2Fjoe&{REL}");
    fake.says(&at, json_answer(&links(ISSUER)));
    for identifier in [
        "https://sso.example/joe",
        "sso.example/joe",
        "https://sso.example/joe#me",
    ] {
        assert_eq!(issuer_of(&fake, identifier).await.unwrap(), ISSUER);
    }
}

/// `oidcc-client-test-dynamic-registration`
#[tokio::test]
async fn oidcc_client_test_dynamic_registration() {
    let fake = Fake::new();
    let registration = Registration {
        client_name: "Wiki".to_owned(),
        redirect_uris: vec!["https://app.example/auth/callback".to_owned()],
        post_logout_redirect_uris: Vec::new(),
        token_endpoint_auth_method: ClientAuthMethod::ClientSecretBasic,
        jwks: None,
        id_token_signed_response_alg: Some(Algorithm::ES256),
        userinfo_signed_response_alg: None,
    };
    let token = Secret::new("initial".to_owned());
    let options = options(&fake);
    let register = || Login::register(ISSUER, &registration, Some(&token), &options);
    is_refused(register().await, "setup_error", "a registration_endpoint");
    fake.has_metadata(|members| members["registration_endpoint"] = json!("https://sso.example/register"));
    fake.says(
        "/register",
        answer(
            201,
            "application/json",
            json!({"client_id": "c-1", "client_secret": "hush", "extra": 1}).to_string(),
        ),
    );
    let registered = register().await.unwrap();
    assert_eq!(
        (registered.client_id.as_str(), registered.members["extra"].as_i64()),
        ("c-1", Some(1))
    );
    assert_eq!(registered.client_secret.as_ref().unwrap().expose(), "hush");
    assert!(!format!("{registered:?}").contains("hush"));
    let sent = fake.asked("/register").pop().unwrap();
    assert_eq!(sent.authorization.as_deref(), Some("Bearer initial"));
    let body: Value = serde_json::from_str(&sent.json.unwrap()).unwrap();
    assert_eq!(
        body,
        json!({
            "client_name": "Wiki", "redirect_uris": ["https://app.example/auth/callback"],
            "token_endpoint_auth_method": "client_secret_basic", "id_token_signed_response_alg": "ES256",
        })
    );
    let refusal = json!({"error": "invalid_redirect_uri", "error_description": "not yours"});
    fake.says("/register", answer(400, "application/json", refusal.to_string()));
    is_refused(
        register().await,
        "denied_by_provider",
        "invalid_redirect_uri (not yours)",
    );
    fake.says("/register", answer(500, "application/json", r#"{"client_id":"c"}"#));
    is_refused(register().await, "setup_error", "status 500");
}

/// `oidcc-client-test-3rd-party-init-login`
#[tokio::test]
async fn oidcc_client_test_3rd_party_init_login() {
    let fake = Fake::new();
    let mut browser = Browser::at(&fake.login());
    let link = "/auth/login?iss=https%3A%2F%2Fsso.example&login_hint=alice\
                &target_link_uri=https%3A%2F%2Fapp.example%2Fprivate%3Fx%3D1";
    let begun = browser.get(link).await;
    let location = begun.location.unwrap();
    assert!(
        location.starts_with("https://sso.example/authorize?") && location.contains("&login_hint=alice"),
        "{location}"
    );
    let state = location.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let nonce = location.split("nonce=").nth(1).unwrap().split('&').next().unwrap();
    let claims =
        json!({"iss": ISSUER, "sub": "u-1", "aud": "app", "nonce": nonce, "iat": 1_800_000_000, "exp": 1_800_000_300});
    fake.gives_token(&fake.key.sign(None, &claims).unwrap());
    let done = browser.get(&format!("/auth/callback?code=c&state={state}")).await;
    assert_eq!(
        (done.status, done.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("/private?x=1")),
        "{}",
        done.body
    );
    let other = browser.get("/auth/login?iss=https%3A%2F%2Fevil.example").await;
    assert!(
        other.status == StatusCode::BAD_REQUEST && other.body.contains("response_issuer_mismatch"),
        "{}",
        other.body
    );
    // A target elsewhere is not gone to: what begins with our address may go on with another's.
    for target in [
        "https://evil.example/",
        "https://app.example.evil.example/",
        "https://app.example@evil.example/",
    ] {
        let mut link = url::Url::parse("https://app.example/auth/login?iss=https%3A%2F%2Fsso.example").unwrap();
        link.query_pairs_mut().append_pair("target_link_uri", target);
        let begun = browser.get(&link[url::Position::BeforePath..]).await;
        let location = begun.location.unwrap();
        let state = location.split("state=").nth(1).unwrap().split('&').next().unwrap();
        let nonce = location.split("nonce=").nth(1).unwrap().split('&').next().unwrap();
        let mut claims = claims.clone();
        claims["nonce"] = json!(nonce);
        fake.gives_token(&fake.key.sign(None, &claims).unwrap());
        let done = browser.get(&format!("/auth/callback?code=c&state={state}")).await;
        assert_eq!(done.location.as_deref(), Some("/"), "{target}");
    }
}
