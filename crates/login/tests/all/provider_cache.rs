use std::sync::atomic::Ordering;

use axum::response::IntoResponse;
use doorward_jose::Algorithm;
use http::StatusCode;

use crate::browser::{Browser, builder, setup};
use crate::stub::{Stub, new_key};

#[tokio::test]
async fn many_who_wait_cause_one_fetch() {
    let stub = Stub::start().await;
    let login = builder(&stub).build().unwrap();
    let all: Vec<_> = (0..50)
        .map(|_| {
            let login = login.clone();
            tokio::spawn(async move { login.begin("/").await.map(|begun| begun.location) })
        })
        .collect();
    for one in all {
        one.await.unwrap().unwrap();
    }
    assert_eq!(stub.discoveries.load(Ordering::SeqCst), 1);
    assert_eq!(stub.key_fetches.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn many_who_wait_in_vain_cause_one_fetch_too() {
    let stub = Stub::start().await;
    stub.is_told(|told| {
        told.discovery_response = Some(Box::new(|| StatusCode::BAD_GATEWAY.into_response()));
    });
    let login = builder(&stub).build().unwrap();
    let all: Vec<_> = (0..20)
        .map(|_| {
            let login = login.clone();
            tokio::spawn(async move { login.check().await })
        })
        .collect();
    for one in all {
        assert_eq!(one.await.unwrap().unwrap_err().code(), "setup_error");
    }
    assert_eq!(stub.discoveries.load(Ordering::SeqCst), 1);
    stub.is_told(|told| told.discovery_response = None);
    login.check().await.unwrap_err();
    stub.clock.pass(2);
    login.check().await.unwrap();
}

#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_names_it_but_at_most_every_30_seconds() {
    let (stub, mut browser) = setup().await;
    assert_eq!(browser.log_in().await.status, StatusCode::SEE_OTHER);
    *stub.key.lock().unwrap() = new_key(Algorithm::ES256);
    let early = browser.log_in().await;
    assert!(
        early.status == StatusCode::BAD_GATEWAY && early.body.contains("key_not_found"),
        "{}",
        early.body
    );
    assert_eq!(stub.key_fetches.load(Ordering::SeqCst), 1);
    stub.clock.pass(30);
    assert_eq!(browser.log_in().await.status, StatusCode::SEE_OTHER);
    assert_eq!(stub.key_fetches.load(Ordering::SeqCst), 2);
    stub.is_told(|told| told.other_key = Some(new_key(Algorithm::ES256)));
    for _ in 0..5 {
        browser.log_in().await;
    }
    assert_eq!(
        stub.key_fetches.load(Ordering::SeqCst),
        2,
        "invented key names cause no fetches"
    );
}

#[tokio::test]
async fn metadata_are_renewed_in_the_background_and_old_ones_serve_while_the_provider_is_down() {
    let stub = Stub::start().await;
    let login = builder(&stub).build().unwrap();
    login.check().await.unwrap();
    stub.clock.pass(45 * 60 - 1);
    login.check().await.unwrap();
    assert_eq!(stub.discoveries.load(Ordering::SeqCst), 1);
    stub.clock.pass(1);
    for _ in 0..20 {
        login.check().await.unwrap();
    }
    stub.has_been_asked(2).await;
    stub.is_told(|told| {
        told.discovery_response = Some(Box::new(|| StatusCode::BAD_GATEWAY.into_response()));
    });
    stub.clock.pass(45 * 60);
    login.check().await.unwrap();
    stub.has_been_asked(3).await;
    login.check().await.unwrap();
    stub.clock.pass(24 * 3600 - 45 * 60 - 1);
    login.check().await.unwrap();
    stub.has_been_asked(4).await;
    stub.clock.pass(2);
    assert_eq!(
        login.check().await.unwrap_err().code(),
        "setup_error",
        "after a day nothing old serves"
    );
}

#[tokio::test]
async fn an_application_starts_while_its_provider_is_down() {
    let stub = Stub::at("http://127.0.0.1:9".to_owned());
    let login = builder(&stub).build().unwrap();
    let seen = Browser::at(&login).get("/auth/login").await;
    assert_eq!(seen.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(seen.body.contains("upstream_unreachable"), "{}", seen.body);
    assert_eq!(Browser::at(&login).get("/").await.body, "stranger");
}
