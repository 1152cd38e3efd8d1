use axum::response::IntoResponse;
use doorward_oidc::{EndSessionRequest, Parameters};
use http::{Method, StatusCode};

use crate::browser::setup;
use crate::stub::Change;

#[tokio::test]
async fn logging_out_ends_the_session_here_and_leads_to_the_provider() {
    let (stub, mut browser) = setup().await;
    browser.log_in().await;
    let mut before = browser.clone();
    let out = browser.send(Method::POST, "/auth/logout", "text/html").await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    let location = out.location.unwrap();
    let (endpoint, query) = location.split_once('?').unwrap();
    assert_eq!(endpoint, format!("{}/end", stub.issuer));
    let request = EndSessionRequest::parse(&Parameters::parse(query.as_bytes()).unwrap()).unwrap();
    assert_eq!(request.client_id.as_deref(), Some("demo app"));
    assert_eq!(
        request.post_logout_redirect_uri.as_deref(),
        Some("http://localhost:8000/auth/logged-out")
    );
    let state = request.state.unwrap();
    assert_eq!(request.id_token_hint.unwrap().split('.').count(), 3);
    assert_eq!(browser.get("/").await.body, "stranger");
    let back = browser.get(&format!("/auth/logged-out?state={state}")).await;
    assert_eq!(
        (back.status, back.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("/"))
    );
    assert!(browser.jar.is_empty());
    assert_eq!(
        before.get("/").await.body,
        "stranger",
        "a stolen cookie is worth nothing any more"
    );
}

#[tokio::test]
async fn a_link_can_not_log_anybody_out() {
    let (_stub, mut browser) = setup().await;
    browser.log_in().await;
    assert_eq!(browser.get("/auth/logout").await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
}

#[tokio::test]
async fn without_a_session_logging_out_stays_here() {
    let (_stub, mut browser) = setup().await;
    let out = browser.send(Method::POST, "/auth/logout", "text/html").await;
    assert_eq!(out.location.as_deref(), Some("/"));
}

#[tokio::test]
async fn a_provider_that_is_down_or_has_no_such_endpoint_keeps_nobody_logged_in() {
    let (stub, mut browser) = setup().await;
    stub.is_told(|told| {
        told.metadata = Change::new(|metadata| {
            metadata.remove("end_session_endpoint");
        });
    });
    browser.log_in().await;
    let out = browser.send(Method::POST, "/auth/logout", "text/html").await;
    assert_eq!(out.location.as_deref(), Some("/"));
    browser.log_in().await;
    stub.clock.pass(3600);
    stub.is_told(|told| {
        told.discovery_response = Some(Box::new(|| StatusCode::BAD_GATEWAY.into_response()));
    });
    let out = browser.send(Method::POST, "/auth/logout", "text/html").await;
    assert_eq!(out.location.as_deref(), Some("/"));
    assert_eq!(browser.get("/").await.body, "stranger");
}
