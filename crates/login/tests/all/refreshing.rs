//! Tokens that are refreshed while people work.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use doorward_login::{Builder, Clock as _, Key, Login, SessionStore, User, open_sqlite};
use http::StatusCode;
use serde_json::json;

use crate::browser::{Browser, builder};
use crate::stub::{Change, Stub, new_key};

async fn token(user: User) -> String {
    match user.access_token().await {
        Ok(token) => token.expose().clone(),
        Err(error) => error.code().to_owned(),
    }
}

async fn claims(user: User) -> axum::Json<serde_json::Map<String, serde_json::Value>> {
    axum::Json(user.claims().clone())
}

/// An application that asks for refresh tokens, and a browser in which somebody is logged in.
async fn logged_in(settings: impl Fn(Builder) -> Builder) -> (Arc<Stub>, Login, Browser) {
    let stub = Stub::start().await;
    let login = settings(builder(&stub).scopes("offline_access").unwrap())
        .build()
        .unwrap();
    let mut browser = at(&login);
    let done = browser.log_in().await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    (stub, login, browser)
}

fn at(login: &Login) -> Browser {
    let mut browser = Browser::at(login);
    let routes = Router::new()
        .route("/token", get(token))
        .route("/claims", get(claims))
        .with_state(login.clone());
    browser.app = browser.app.merge(routes);
    browser
}

fn refreshes(stub: &Stub) -> usize {
    stub.refreshes.load(Ordering::SeqCst)
}

/// Time for a flight in the background to land, should there be one.
async fn a_moment() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}

/// What is done in the background is done soon.
async fn comes_to(browser: &mut Browser, path: &str, expected: &str) {
    for _ in 0..100 {
        if browser.get(path).await.body == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} is still {}", browser.get(path).await.body);
}

fn refuses(status: StatusCode, error: &'static str) -> Box<dyn Fn() -> Response + Send + Sync> {
    Box::new(move || (status, axum::Json(json!({ "error": error }))).into_response())
}

#[tokio::test]
async fn tokens_are_refreshed_in_the_background_when_four_fifths_of_their_life_are_over() {
    let (stub, _, mut browser) = logged_in(|builder| builder).await;
    stub.clock.pass(239);
    assert_eq!(browser.get("/token").await.body, "the-access-token");
    a_moment().await;
    assert_eq!(refreshes(&stub), 0);
    stub.clock.pass(1);
    assert_eq!(browser.get("/token").await.body, "the-access-token", "nobody waits");
    comes_to(&mut browser, "/token", "access-1").await;
    assert_eq!(refreshes(&stub), 1);
    stub.clock.pass(240);
    // With the refresh token that came last.
    comes_to(&mut browser, "/token", "access-2").await;
    assert_eq!(refreshes(&stub), 2);
}

#[tokio::test]
async fn many_requests_wait_for_one_refresh() {
    let (stub, _, browser) = logged_in(|builder| builder).await;
    stub.clock.pass(301);
    let all: Vec<_> = (0..100)
        .map(|_| {
            let mut tab = browser.clone();
            tokio::spawn(async move { tab.get("/token").await.body })
        })
        .collect();
    for one in all {
        assert_eq!(one.await.unwrap(), "access-1");
    }
    assert_eq!(refreshes(&stub), 1);
}

#[tokio::test]
async fn two_processes_that_share_a_store_refresh_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = || open_sqlite(folder.path().join("sessions.db"));
    let stub = Stub::start().await;
    let process = |store: Arc<dyn SessionStore>| {
        let builder = builder(&stub).scopes("offline_access").unwrap();
        builder.sessions(store).build().unwrap()
    };
    let mut browser = at(&process(store().await.unwrap()));
    browser.log_in().await;
    let other = at(&process(store().await.unwrap()));
    stub.clock.pass(301);
    let all: Vec<_> = (0..20)
        .map(|number| {
            let mut tab = browser.clone();
            if number % 2 == 0 {
                tab.app = other.app.clone();
            }
            tokio::spawn(async move { tab.get("/token").await.body })
        })
        .collect();
    for one in all {
        assert_eq!(one.await.unwrap(), "access-1");
    }
    assert_eq!(refreshes(&stub), 1);
}

#[tokio::test]
async fn a_restart_in_between_refreshes_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.db");
    let stub = Stub::start().await;
    let mut jar = None;
    for (round, expected) in ["the-access-token", "access-1", "access-2"].into_iter().enumerate() {
        let builder = builder(&stub).scopes("offline_access").unwrap();
        let login = builder.sessions(open_sqlite(&path).await.unwrap()).build().unwrap();
        let mut browser = at(&login);
        match jar.take() {
            None => drop(browser.log_in().await),
            Some(cookies) => browser.jar = cookies,
        }
        assert_eq!(browser.get("/token").await.body, expected, "round {round}");
        jar = Some(browser.jar.clone());
        stub.clock.pass(301);
    }
}

#[tokio::test]
async fn a_browser_that_hangs_up_throws_no_token_away() {
    let (stub, _, mut browser) = logged_in(|builder| builder).await;
    stub.clock.pass(301);
    stub.is_told(|told| told.refresh_takes = Duration::from_millis(500));
    let mut impatient = browser.clone();
    let hung_up = tokio::time::timeout(Duration::from_millis(20), impatient.get("/token")).await;
    assert!(hung_up.is_err());
    comes_to(&mut browser, "/token", "access-1").await;
    assert_eq!(refreshes(&stub), 1);
}

#[tokio::test]
async fn a_provider_that_hiccups_logs_nobody_out() {
    let (stub, _, mut browser) = logged_in(|builder| builder).await;
    stub.is_told(|told| {
        told.refresh_response = Some(refuses(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"));
    });
    stub.clock.pass(250);
    for _ in 0..5 {
        assert_eq!(
            browser.get("/token").await.body,
            "the-access-token",
            "good until it is over"
        );
        a_moment().await;
    }
    assert_eq!(
        refreshes(&stub),
        1,
        "a provider that is down is not asked at every request"
    );
    stub.clock.pass(60);
    assert_eq!(browser.get("/token").await.body, "token_exchange_failed");
    assert_eq!(
        browser.get("/").await.body,
        "Alice Liddell",
        "who is logged in stays so"
    );
    stub.is_told(|told| told.refresh_response = None);
    stub.clock.pass(5);
    assert_eq!(browser.get("/token").await.body, "access-3");
}

#[tokio::test]
async fn a_session_bound_to_its_tokens_waits_for_the_provider() {
    let (stub, _, mut browser) = logged_in(Builder::bound_to_tokens).await;
    stub.is_told(|told| {
        told.refresh_response = Some(refuses(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"));
    });
    stub.clock.pass(299);
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
    a_moment().await;
    stub.clock.pass(1);
    let seen = browser.get("/").await;
    assert_eq!(seen.status, StatusCode::BAD_GATEWAY, "{}", seen.body);
    assert!(seen.set_cookies.is_empty(), "the cookie stays");
    stub.is_told(|told| told.refresh_response = None);
    stub.clock.pass(10);
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
}

#[tokio::test]
async fn a_session_ends_when_the_provider_says_that_its_grant_is_over() {
    let (stub, _, mut browser) = logged_in(|builder| builder).await;
    stub.is_told(|told| told.refresh_response = Some(refuses(StatusCode::BAD_REQUEST, "invalid_grant")));
    stub.clock.pass(240);
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
    comes_to(&mut browser, "/", "stranger").await;
    assert_eq!(refreshes(&stub), 1);
}

#[tokio::test]
async fn a_refresh_token_that_another_process_has_used_meanwhile_ends_nothing() {
    let store = Arc::new(doorward_login::Memory::new());
    let (stub, _, browser) = logged_in(|builder| builder.sessions(Arc::clone(&store) as _)).await;
    stub.is_told(|told| {
        told.refresh_response = Some(refuses(StatusCode::BAD_REQUEST, "invalid_grant"));
        told.refresh_takes = Duration::from_millis(500);
    });
    let cookie = browser.jar.values().next().unwrap();
    let key = Key::from_bytes(doorward_jose::sha256(cookie.as_bytes()));
    stub.clock.pass(301);
    let mut tab = browser.clone();
    let waiting = tokio::spawn(async move { tab.get("/").await.body });
    while refreshes(&stub) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // The row in its next version, as the other process leaves it.
    let row = store.find(key, stub.clock.now()).await.unwrap().unwrap();
    assert!(store.replace(key, row).await.unwrap());
    assert_eq!(waiting.await.unwrap(), "Alice Liddell");
    assert!(store.find(key, stub.clock.now()).await.unwrap().is_some());
}

#[tokio::test]
async fn whoever_waits_for_the_provider_to_end_the_session_is_a_stranger_then() {
    let (stub, _, mut browser) = logged_in(|builder| builder).await;
    stub.is_told(|told| told.refresh_response = Some(refuses(StatusCode::BAD_REQUEST, "invalid_grant")));
    stub.clock.pass(301);
    assert_eq!(browser.get("/").await.body, "stranger");
    let again = browser.get("/private").await;
    assert_eq!(again.location.as_deref(), Some("/auth/login?return_to=%2Fprivate"));
}

#[tokio::test]
async fn a_session_that_ends_during_a_refresh_stays_ended() {
    let (stub, login, browser) = logged_in(|builder| builder).await;
    stub.clock.pass(301);
    stub.is_told(|told| told.refresh_takes = Duration::from_secs(2));
    let mut tab = browser.clone();
    let waiting = tokio::spawn(async move { tab.get("/").await.body });
    while refreshes(&stub) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(login.end_all_of("u-1").await.unwrap(), 1);
    assert_eq!(waiting.await.unwrap(), "stranger");
}

#[tokio::test]
async fn what_the_provider_says_of_a_person_is_renewed_with_the_tokens() {
    let (stub, _, mut browser) = logged_in(|builder| builder).await;
    stub.is_told(|told| told.userinfo = Change::without("groups"));
    assert!(browser.get("/claims").await.body.contains("admins"));
    stub.clock.pass(301);
    let now: serde_json::Value = serde_json::from_str(&browser.get("/claims").await.body).unwrap();
    assert_eq!(
        now["groups"],
        serde_json::Value::Null,
        "what vanished there vanished here"
    );
    assert_eq!(now["name"], "Alice Liddell");
    assert!(now["nonce"].is_string(), "what was said of the login stays");
}

#[tokio::test]
async fn userinfo_that_fails_loses_neither_tokens_nor_claims() {
    let (stub, _, mut browser) = logged_in(|builder| builder).await;
    stub.is_told(|told| told.userinfo_response = Some(refuses(StatusCode::SERVICE_UNAVAILABLE, "no")));
    stub.clock.pass(301);
    assert_eq!(browser.get("/token").await.body, "access-1");
    assert!(browser.get("/claims").await.body.contains("admins"));
}

#[tokio::test]
async fn a_refresh_without_an_id_token_or_a_new_refresh_token_is_fine() {
    let (stub, _, mut browser) = logged_in(|builder| builder).await;
    stub.is_told(|told| {
        told.refreshed = Change::new(|answer| {
            answer.remove("id_token");
            answer.remove("refresh_token");
        });
    });
    stub.clock.pass(301);
    assert_eq!(browser.get("/token").await.body, "access-1");
    // The stub rotates all the same; it is told that the old one is good.
    "refresh-0".clone_into(&mut stub.refresh_token.lock().unwrap());
    stub.clock.pass(301);
    assert_eq!(browser.get("/token").await.body, "access-2");
    let now: serde_json::Value = serde_json::from_str(&browser.get("/claims").await.body).unwrap();
    assert_eq!(
        (now["name"].as_str(), now["sub"].as_str()),
        (Some("Alice Liddell"), Some("u-1"))
    );
}

#[tokio::test]
async fn an_id_token_about_somebody_else_ends_the_session() {
    for change in [
        Change::set("sub", json!("u-2")),
        Change::set("iss", json!("https://evil.example")),
        Change::set("aud", json!("another")),
        Change::set("azp", json!("demo app")),
        Change::set("nonce", json!("another")),
        Change::set("at_hash", json!("AAAA")),
    ] {
        let (stub, _, mut browser) = logged_in(Builder::without_userinfo).await;
        stub.is_told(|told| told.refreshed_claims = change);
        stub.clock.pass(301);
        assert_eq!(browser.get("/").await.body, "stranger");
    }
    let (stub, _, mut browser) = logged_in(|builder| builder).await;
    stub.is_told(|told| told.userinfo = Change::set("sub", json!("u-2")));
    stub.clock.pass(301);
    assert_eq!(browser.get("/").await.body, "stranger");
}

#[tokio::test]
async fn an_id_token_that_cannot_be_verified_changes_nothing() {
    let (stub, _, mut browser) = logged_in(|builder| builder).await;
    stub.is_told(|told| told.other_key = Some(new_key(doorward_jose::Algorithm::ES256)));
    stub.clock.pass(250);
    browser.get("/").await;
    a_moment().await;
    assert_eq!(browser.get("/token").await.body, "the-access-token");
}

#[tokio::test]
async fn without_a_refresh_token_an_access_token_is_over_when_it_is_over() {
    let stub = Stub::start().await;
    let mut browser = at(&builder(&stub).build().unwrap());
    browser.log_in().await;
    stub.clock.pass(294);
    assert_eq!(browser.get("/token").await.body, "the-access-token");
    stub.clock.pass(1);
    assert_eq!(
        browser.get("/token").await.body,
        "access_token_over",
        "it has a way to go"
    );
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
    assert_eq!(refreshes(&stub), 0);
}
