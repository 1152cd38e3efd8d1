//! What the OpenID Foundation's modules for relying parties ask of logouts and refreshes, each under the module's name. In the
//! modules of the back and front channel the application logs out at the provider, which then tells it so.

use std::sync::Arc;

use doorward_jose::Algorithm;
use doorward_oidc::{EndSessionRequest, Parameters};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::browser::{Browser, Seen, builder};
use crate::stub::{Change, Stub, new_key};
use crate::told_to_log_out::{EVENT, changed, claims, logged_in, told, urlencoded};

/// Logs out here, and gives the request with which the browser goes to the provider.
async fn log_out(browser: &mut Browser) -> EndSessionRequest {
    let out = browser.send(Method::POST, "/auth/logout", "text/html").await;
    let location = out.location.unwrap();
    let (_, query) = location.split_once('?').unwrap();
    EndSessionRequest::parse(&Parameters::parse(query.as_bytes()).unwrap()).unwrap()
}

async fn back(browser: &mut Browser, query: &str) -> Seen {
    browser.get(&format!("/auth/logged-out{query}")).await
}

#[tokio::test]
async fn oidcc_client_test_rp_init_logout() {
    let (_stub, _, mut browser) = logged_in().await;
    let request = log_out(&mut browser).await;
    assert!(request.id_token_hint.is_some() && request.post_logout_redirect_uri.is_some());
    let seen = back(&mut browser, &format!("?state={}", request.state.unwrap())).await;
    assert_eq!(
        (seen.status, seen.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("/"))
    );
    assert_eq!(browser.get("/").await.body, "stranger");
    assert!(browser.jar.is_empty());
}

#[tokio::test]
async fn oidcc_client_test_rp_init_logout_other_state() {
    let (_stub, _, mut browser) = logged_in().await;
    log_out(&mut browser).await;
    let seen = back(&mut browser, "?state=another").await;
    assert_eq!(seen.status, StatusCode::BAD_REQUEST);
    assert!(
        seen.body.contains("<code>logout_state_mismatch</code>"),
        "{}",
        seen.body
    );
    assert_eq!(
        browser.get("/").await.body,
        "stranger",
        "whoever logged out is logged out"
    );
}

#[tokio::test]
async fn oidcc_client_test_rp_init_logout_no_state() {
    let (_stub, _, mut browser) = logged_in().await;
    log_out(&mut browser).await;
    let seen = back(&mut browser, "").await;
    assert_eq!(seen.status, StatusCode::BAD_REQUEST);
    assert!(seen.body.contains("got none"), "{}", seen.body);
    assert_eq!(browser.get("/").await.body, "stranger");
}

/// The provider tells another browser's application of the logout with this token.
async fn after_logout(token: impl Fn(&Stub) -> String) -> (StatusCode, Value, String) {
    let (stub, _, mut browser) = logged_in().await;
    // A second session of the same provider session shows whether the token did anything.
    let mut other = browser.clone();
    other.jar.clear();
    other.log_in().await;
    log_out(&mut browser).await;
    let (status, body) = told(&browser, &token(&stub)).await;
    (status, body, other.get("/").await.body)
}

fn signed(stub: &Stub, change: impl Fn(&mut serde_json::Map<String, Value>)) -> String {
    stub.signed("logout+jwt", &changed(&claims(stub), change))
}

async fn is_refused(token: impl Fn(&Stub) -> String, code: &str) {
    let (status, body, other) = after_logout(token).await;
    assert_eq!(
        (status, body["error"].as_str()),
        (StatusCode::BAD_REQUEST, Some("invalid_request"))
    );
    let words = body["error_description"].as_str().unwrap();
    assert!(words.starts_with(&format!("{code}: ")), "{words}");
    assert_eq!(other, "Alice Liddell");
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout() {
    let (status, _, other) = after_logout(|stub| signed(stub, |_| ())).await;
    assert_eq!((status, other.as_str()), (StatusCode::OK, "stranger"));
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_alg_none() {
    let none = |stub: &Stub| {
        let token = signed(stub, |_| ());
        format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap())
    };
    is_refused(none, "algorithm_not_allowed").await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_no_event() {
    is_refused(
        |stub| signed(stub, |claims| drop(claims.remove("events"))),
        "claim_mismatch",
    )
    .await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_with_nonce() {
    let with = |stub: &Stub| signed(stub, |claims| drop(claims.insert("nonce".to_owned(), json!("n"))));
    is_refused(with, "nonce_mismatch").await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_alg() {
    // The stub advertises no PS256.
    let other = |stub: &Stub| {
        stub.is_told(|told| told.other_key = Some(new_key(Algorithm::PS256)));
        signed(stub, |_| ())
    };
    is_refused(other, "algorithm_not_allowed").await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_aud() {
    let other = |stub: &Stub| signed(stub, |claims| drop(claims.insert("aud".to_owned(), json!("another"))));
    is_refused(other, "audience_mismatch").await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_event() {
    let other = json!({format!("{EVENT}-wrong"): {}});
    let wrong = move |stub: &Stub| {
        let other = other.clone();
        signed(stub, move |claims| {
            drop(claims.insert("events".to_owned(), other.clone()));
        })
    };
    is_refused(wrong, "claim_mismatch").await;
}

#[tokio::test]
async fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_iss() {
    let other = |stub: &Stub| {
        signed(stub, |claims| {
            drop(claims.insert("iss".to_owned(), json!("https://other.example")));
        })
    };
    is_refused(other, "issuer_mismatch").await;
}

#[tokio::test]
async fn oidcc_client_test_rp_frontchannel_rpinitlogout() {
    let (stub, _, mut browser) = logged_in().await;
    let mut other = browser.clone();
    other.jar.clear();
    other.log_in().await;
    log_out(&mut browser).await;
    let issuer = urlencoded(&stub.issuer);
    let seen = browser
        .get(&format!("/auth/frontchannel-logout?iss={issuer}&sid=s-1"))
        .await;
    assert_eq!(seen.status, StatusCode::OK);
    assert_eq!(other.get("/").await.body, "stranger");
}

async fn refreshed(change: Change) -> (Arc<Stub>, Browser) {
    let stub = Stub::start().await;
    stub.is_told(|told| told.refreshed_claims = change);
    let login = builder(&stub).scopes("offline_access").unwrap().build().unwrap();
    let mut browser = Browser::at(&login);
    browser.log_in().await;
    stub.clock.pass(301);
    (stub, browser)
}

#[tokio::test]
async fn oidcc_client_test_refresh_token() {
    let (stub, mut browser) = refreshed(Change::default()).await;
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
    assert_eq!(*stub.access_token.lock().unwrap(), "access-1");
}

#[tokio::test]
async fn oidcc_client_test_refresh_token_invalid_issuer() {
    let (_stub, mut browser) = refreshed(Change::set("iss", json!("https://other.example"))).await;
    assert_eq!(browser.get("/").await.body, "stranger");
}

#[tokio::test]
async fn oidcc_client_test_refresh_token_invalid_sub() {
    let (_stub, mut browser) = refreshed(Change::set("sub", json!("u-2"))).await;
    assert_eq!(browser.get("/").await.body, "stranger");
}
