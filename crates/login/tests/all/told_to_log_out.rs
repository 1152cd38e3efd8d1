//! Sessions that the provider ends: in the back channel, and in the front.

use std::sync::Arc;

use doorward_login::{Clock as _, Login, LogoutToken};
use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Browser, builder};
use crate::stub::{CLIENT, Change, Stub, new_key};

pub(crate) const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A logout token for Alice's session.
pub(crate) fn claims(stub: &Stub) -> Value {
    json!({
        "iss": stub.issuer,
        "aud": CLIENT,
        "iat": stub.clock.now(),
        "exp": stub.clock.now() + 120,
        "jti": "once",
        "sid": "s-1",
        "sub": "u-1",
        "events": {EVENT: {}},
    })
}

pub(crate) fn changed(claims: &Value, change: impl Fn(&mut serde_json::Map<String, Value>)) -> Value {
    let mut claims = claims.clone();
    change(claims.as_object_mut().unwrap());
    claims
}

/// Somebody who is logged in, with the `sid` of the provider's session in the ID token.
pub(crate) async fn logged_in() -> (Arc<Stub>, Login, Browser) {
    let stub = Stub::start().await;
    stub.is_told(|told| told.claims = Change::set("sid", json!("s-1")));
    let login = builder(&stub).build().unwrap();
    let mut browser = Browser::at(&login);
    browser.log_in().await;
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
    (stub, login, browser)
}

/// What the application answers to a logout token.
pub(crate) async fn told(browser: &Browser, token: &str) -> (StatusCode, Value) {
    let mut provider = browser.clone();
    provider.jar.clear();
    let seen = provider
        .post("/auth/backchannel-logout", &format!("logout_token={token}"))
        .await;
    assert_eq!(seen.cache_control.as_deref(), Some("no-store"));
    let body = serde_json::from_str(&seen.body).unwrap_or(Value::Null);
    (seen.status, body)
}

#[tokio::test]
async fn a_logout_token_ends_the_session_at_the_next_request() {
    for (typ, remove) in [
        ("logout+jwt", "sub"),
        ("JWT", "sub"),
        ("logout+jwt", "sid"),
        ("JWT", "none"),
    ] {
        let (stub, _, mut browser) = logged_in().await;
        let token = stub.signed(typ, &changed(&claims(&stub), |claims| drop(claims.remove(remove))));
        assert_eq!(
            told(&browser, &token).await,
            (StatusCode::OK, Value::Null),
            "{typ} without {remove}"
        );
        assert_eq!(browser.get("/").await.body, "stranger", "{typ} without {remove}");
    }
}

#[tokio::test]
async fn it_ends_the_named_session_only() {
    let (stub, _, mut browser) = logged_in().await;
    stub.is_told(|told| told.claims = Change::set("sid", json!("s-2")));
    let mut other = browser.clone();
    other.jar.clear();
    other.log_in().await;
    let token = stub.signed("logout+jwt", &claims(&stub));
    assert_eq!(told(&browser, &token).await.0, StatusCode::OK);
    assert_eq!(browser.get("/").await.body, "stranger");
    assert_eq!(other.get("/").await.body, "Alice Liddell");
    let all = changed(&claims(&stub), |claims| {
        claims.remove("sid");
        claims.insert("jti".to_owned(), json!("second"));
    });
    assert_eq!(told(&browser, &stub.signed("logout+jwt", &all)).await.0, StatusCode::OK);
    assert_eq!(other.get("/").await.body, "stranger", "without a sid it is all of them");
}

#[tokio::test]
async fn a_login_that_was_under_way_never_becomes_a_session() {
    let (stub, _, mut browser) = logged_in().await;
    let mut late = browser.clone();
    late.jar.clear();
    let callback = late.answer("/auth/login").await;
    let token = stub.signed("logout+jwt", &claims(&stub));
    assert_eq!(told(&browser, &token).await.0, StatusCode::OK);
    let seen = late.get(&callback).await;
    assert_eq!(seen.status, StatusCode::UNAUTHORIZED);
    assert!(seen.body.contains("<code>session_ended</code>"), "{}", seen.body);
    assert_eq!(late.get("/").await.body, "stranger");
    // With another session at the provider they are welcome.
    stub.is_told(|told| told.claims = Change::set("sid", json!("s-2")));
    browser.log_in().await;
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
}

#[tokio::test]
async fn a_token_works_once_and_a_replay_ends_nothing() {
    let (stub, _, mut browser) = logged_in().await;
    let token = stub.signed(
        "logout+jwt",
        &changed(&claims(&stub), |claims| drop(claims.remove("sid"))),
    );
    assert_eq!(told(&browser, &token).await.0, StatusCode::OK);
    stub.clock.pass(1);
    browser.log_in().await;
    let (status, body) = told(&browser, &token).await;
    assert_eq!(
        (status, body["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_request"))
    );
    let words = body["error_description"].as_str().unwrap();
    assert!(words.starts_with("token_replayed: "), "{words}");
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
}

#[tokio::test]
async fn logout_tokens_that_do_not_fit_are_refused_and_end_nothing() {
    let (stub, _, mut browser) = logged_in().await;
    let now = stub.clock.now();
    let set = |name: &'static str, value: Value| {
        changed(&claims(&stub), |claims| {
            claims.insert(name.to_owned(), value.clone());
        })
    };
    let without = |name: &'static str| changed(&claims(&stub), |claims| drop(claims.remove(name)));
    for (claims, code) in [
        (set("iss", json!("https://evil.example")), "issuer_mismatch"),
        (without("iss"), "issuer_mismatch"),
        (set("aud", json!("another")), "audience_mismatch"),
        (set("aud", json!(["another"])), "audience_mismatch"),
        (without("aud"), "audience_mismatch"),
        (set("exp", json!(now - 30)), "token_expired"),
        (without("exp"), "token_malformed"),
        (set("iat", json!(now + 31)), "clock_skew"),
        (without("iat"), "token_malformed"),
        (without("events"), "claim_mismatch"),
        (set("events", json!({})), "claim_mismatch"),
        (set("events", json!([EVENT])), "claim_mismatch"),
        (set("events", json!({EVENT: "yes"})), "claim_mismatch"),
        (
            set("events", json!({"http://schemas.openid.net/event/other": {}})),
            "claim_mismatch",
        ),
        (set("nonce", json!("n")), "nonce_mismatch"),
        (set("nonce", Value::Null), "nonce_mismatch"),
        (without("jti"), "token_replayed"),
        (set("jti", json!(7)), "token_replayed"),
        (set("sid", json!(7)), "claim_mismatch"),
        (set("sid", json!("")), "claim_mismatch"),
        (set("sub", json!("s".repeat(256))), "subject_invalid"),
    ] {
        let (status, body) = told(&browser, &stub.signed("logout+jwt", &claims)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{claims}");
        let words = body["error_description"].as_str().unwrap();
        assert!(words.starts_with(&format!("{code}: ")), "{claims}: {words}");
    }
    let nobody = changed(&claims(&stub), |claims| {
        claims.remove("sub");
        claims.remove("sid");
    });
    assert_eq!(
        told(&browser, &stub.signed("logout+jwt", &nobody)).await.0,
        StatusCode::BAD_REQUEST
    );
    for typ in ["at+jwt", "secevent+jwt"] {
        let (status, _) = told(&browser, &stub.signed(typ, &claims(&stub))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{typ}");
    }
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
}

#[tokio::test]
async fn signatures_that_do_not_hold_end_nothing() {
    let (stub, _, mut browser) = logged_in().await;
    let token = stub.signed("logout+jwt", &claims(&stub));
    let parts: Vec<_> = token.split('.').collect();
    let none = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
    let symmetric = format!("eyJhbGciOiJIUzI1NiJ9.{}.AAAA", parts[1]);
    let altered = format!("{}.{}.{}", parts[0], "eyJzdWIiOiJ1LTEifQ", parts[2]);
    stub.is_told(|told| told.other_key = Some(new_key(doorward_jose::Algorithm::ES256)));
    let foreign = stub.signed("logout+jwt", &claims(&stub));
    for token in [none, symmetric, altered, foreign, String::new(), "x".repeat(60_000)] {
        assert_eq!(told(&browser, &token).await.0, StatusCode::BAD_REQUEST);
    }
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
}

#[tokio::test]
async fn an_id_token_is_no_logout_token() {
    let (stub, _, mut browser) = logged_in().await;
    let id_token = json!({
        "iss": stub.issuer, "sub": "u-1", "aud": CLIENT, "exp": stub.clock.now() + 300, "iat": stub.clock.now(),
        "nonce": "n", "sid": "s-1", "jti": "j",
    });
    assert_eq!(
        told(&browser, &stub.signed("JWT", &id_token)).await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
}

#[tokio::test]
async fn a_server_verifies_a_logout_token_and_keeps_sessions_of_its_own() {
    let (stub, login, _) = logged_in().await;
    let token = stub.signed("logout+jwt", &claims(&stub));
    let verified = LogoutToken::verify(&login, &token).await.unwrap();
    assert_eq!(verified.issuer, stub.issuer);
    assert_eq!(
        (verified.sub.as_deref(), verified.sid.as_deref()),
        (Some("u-1"), Some("s-1"))
    );
    assert_eq!((verified.jti.as_str(), verified.issued), ("once", stub.clock.now()));
    assert_eq!(verified.expires, stub.clock.now() + 120 + 30);
}

#[tokio::test]
async fn the_front_channel_ends_the_named_session() {
    let (stub, _, mut browser) = logged_in().await;
    let issuer = urlencoded(&stub.issuer);
    let mut frame = browser.clone();
    frame.jar.clear();
    for refused in [
        "/auth/frontchannel-logout".to_owned(),
        "/auth/frontchannel-logout?sid=s-1".to_owned(),
        format!("/auth/frontchannel-logout?iss={issuer}"),
        "/auth/frontchannel-logout?iss=https%3A%2F%2Fevil.example&sid=s-1".to_owned(),
    ] {
        assert_eq!(frame.get(&refused).await.status, StatusCode::BAD_REQUEST, "{refused}");
    }
    assert_eq!(
        frame
            .get(&format!("/auth/frontchannel-logout?iss={issuer}&sid=other"))
            .await
            .status,
        StatusCode::OK
    );
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
    let seen = frame
        .get(&format!("/auth/frontchannel-logout?iss={issuer}&sid=s-1"))
        .await;
    assert_eq!(
        (seen.status, seen.cache_control.as_deref()),
        (StatusCode::OK, Some("no-store"))
    );
    assert_eq!(browser.get("/").await.body, "stranger");
}

#[tokio::test]
async fn an_application_ends_all_sessions_of_a_person() {
    let (_stub, login, mut browser) = logged_in().await;
    assert_eq!(login.end_all_of("somebody else").await.unwrap(), 0);
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
    assert_eq!(login.end_all_of("u-1").await.unwrap(), 1);
    assert_eq!(browser.get("/").await.body, "stranger");
}

pub(crate) fn urlencoded(text: &str) -> String {
    doorward_oidc::encode([("", text)]).trim_start_matches('=').to_owned()
}
