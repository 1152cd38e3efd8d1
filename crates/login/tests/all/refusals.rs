use std::time::Duration;

use axum::response::{IntoResponse, Redirect};
use http::StatusCode;
use serde_json::json;

use crate::browser::{Browser, Seen, builder, callback_of, setup};
use crate::stub::{Behaviour, Change, Stub};

/// Logs in at a provider that was told something, and gives what the person sees.
pub(crate) async fn seen(tell: impl FnOnce(&mut Behaviour)) -> Seen {
    let (stub, mut browser) = setup().await;
    stub.is_told(tell);
    let begun = browser.get("/auth/login").await;
    let Some(location) = begun.location else {
        return begun;
    };
    let callback = callback_of(&location).await;
    let seen = browser.get(&callback).await;
    assert_eq!(
        browser.get("/").await.body,
        "stranger",
        "a refused login leaves no session"
    );
    assert!(browser.jar.is_empty(), "a refused login leaves no cookie");
    seen
}

pub(crate) fn is_refused(seen: &Seen, status: StatusCode, code: &str, words: &str) {
    let code = format!("<code>{code}</code>");
    assert!(
        seen.status == status && seen.body.contains(&code) && seen.body.contains(words),
        "{} {}",
        seen.status,
        seen.body
    );
    assert_eq!(seen.cache_control.as_deref(), Some("no-store"));
}

#[tokio::test]
async fn answers_of_the_token_endpoint_that_do_not_fit_are_refused() {
    let refuses = || {
        (
            StatusCode::UNAUTHORIZED,
            axum::Json(json!({"error": "invalid_client", "error_description": "wrong <secret>"})),
        )
            .into_response()
    };
    let answer = seen(|told| told.token_response = Some(Box::new(refuses))).await;
    is_refused(
        &answer,
        StatusCode::BAD_GATEWAY,
        "token_exchange_failed",
        "with status 401: invalid_client (wrong &lt;secret&gt;)",
    );
    let page = seen(|told| told.token_response = Some(Box::new(|| (StatusCode::OK, "<html>").into_response()))).await;
    is_refused(
        &page,
        StatusCode::BAD_GATEWAY,
        "token_exchange_failed",
        "expected a token response or an error from",
    );
    let elsewhere = seen(|told| {
        told.token_response = Some(Box::new(|| Redirect::temporary("https://evil.example").into_response()));
    })
    .await;
    is_refused(
        &elsewhere,
        StatusCode::BAD_GATEWAY,
        "answer_redirected",
        "a redirect to `https://evil.example`",
    );
    is_refused(
        &seen(|told| told.tokens = Change::without("id_token")).await,
        StatusCode::BAD_GATEWAY,
        "id_token_missing",
        "openid",
    );
    is_refused(
        &seen(|told| told.tokens = Change::set("token_type", json!("mac"))).await,
        StatusCode::BAD_GATEWAY,
        "token_exchange_failed",
        "a token of type Bearer",
    );
    let large = || axum::Json(json!({"access_token": "x".repeat(70_000)})).into_response();
    is_refused(
        &seen(|told| told.token_response = Some(Box::new(large))).await,
        StatusCode::BAD_GATEWAY,
        "answer_too_large",
        "at most 65536 bytes",
    );
}

#[tokio::test]
async fn userinfo_about_somebody_else_is_refused() {
    let other = seen(|told| told.userinfo = Change::set("sub", json!("u-2"))).await;
    is_refused(
        &other,
        StatusCode::BAD_GATEWAY,
        "userinfo_subject_mismatch",
        "expected `sub` `u-1` in the userinfo answer, got `u-2`",
    );
    is_refused(
        &seen(|told| told.userinfo = Change::without("sub")).await,
        StatusCode::BAD_GATEWAY,
        "userinfo_subject_mismatch",
        "got none",
    );
    let signed = || ([("content-type", "application/jwt")], "a.b.c").into_response();
    is_refused(
        &seen(|told| told.userinfo_response = Some(Box::new(signed))).await,
        StatusCode::BAD_GATEWAY,
        "token_malformed",
        "userinfo: ",
    );
    let down = || StatusCode::FORBIDDEN.into_response();
    is_refused(
        &seen(|told| told.userinfo_response = Some(Box::new(down))).await,
        StatusCode::BAD_GATEWAY,
        "no_userinfo",
        "status 403",
    );
    let twice = || ([("content-type", "application/json")], r#"{"sub":"u-1","sub":"u-1"}"#).into_response();
    is_refused(
        &seen(|told| told.userinfo_response = Some(Box::new(twice))).await,
        StatusCode::BAD_GATEWAY,
        "no_userinfo",
        "userinfo",
    );
}

#[tokio::test]
async fn metadata_that_do_not_fit_are_refused() {
    let slash = seen(|told| {
        told.metadata = Change::new(|metadata| {
            let issuer = format!("{}/", metadata["issuer"].as_str().unwrap());
            metadata.insert("issuer".to_owned(), json!(issuer));
        });
    })
    .await;
    is_refused(&slash, StatusCode::BAD_GATEWAY, "issuer_mismatch", "/`");
    let clear = seen(|told| told.metadata = Change::set("token_endpoint", json!("http://sso.example/token"))).await;
    is_refused(
        &clear,
        StatusCode::BAD_GATEWAY,
        "endpoint_insecure",
        "expected an https address as `token_endpoint`, got `http://sso.example/token`",
    );
    // The parser of addresses drops or replaces what stands in these, so that they would be asked and quoted as they came.
    for (control, quoted) in [('\u{7f}', "\\u{7f}"), ('\n', "\\n"), ('\u{202e}', "\\u{202e}")] {
        let address = format!("https://sso.example/to{control}ken");
        let seen = seen(|told| told.metadata = Change::set("token_endpoint", json!(address))).await;
        let words = format!("`token_endpoint`, got `https://sso.example/to{quoted}ken`");
        is_refused(&seen, StatusCode::BAD_GATEWAY, "endpoint_insecure", &words);
    }
    is_refused(
        &seen(|told| told.metadata = Change::without("jwks_uri")).await,
        StatusCode::BAD_GATEWAY,
        "setup_error",
        "provider metadata",
    );
    let moved = || Redirect::permanent("https://evil.example/").into_response();
    is_refused(
        &seen(|told| told.discovery_response = Some(Box::new(moved))).await,
        StatusCode::BAD_GATEWAY,
        "answer_redirected",
        "a redirect to `https://evil.example/`",
    );
    let large = || " ".repeat(300_000).into_response();
    is_refused(
        &seen(|told| told.discovery_response = Some(Box::new(large))).await,
        StatusCode::BAD_GATEWAY,
        "answer_too_large",
        "at most 262144 bytes",
    );
}

#[tokio::test]
async fn answers_of_the_authorization_endpoint_that_do_not_fit_are_refused() {
    let refused = Change::new(|answer| {
        answer.remove("code");
        answer.insert("error".to_owned(), json!("access_denied"));
        answer.insert("error_description".to_owned(), json!("<b>no</b> scope map"));
    });
    let denied = seen(|told| told.answer = refused).await;
    is_refused(
        &denied,
        StatusCode::FORBIDDEN,
        "denied_by_provider",
        "access_denied (&lt;b&gt;no&lt;/b&gt; scope map)",
    );
    let other = seen(|told| told.answer = Change::set("iss", json!("https://evil.example"))).await;
    is_refused(
        &other,
        StatusCode::BAD_REQUEST,
        "response_issuer_mismatch",
        "got `https://evil.example`",
    );
    is_refused(
        &seen(|told| told.answer = Change::without("iss")).await,
        StatusCode::BAD_REQUEST,
        "response_issuer_mismatch",
        "got none",
    );
    is_refused(
        &seen(|told| told.answer = Change::set("error", json!("x"))).await,
        StatusCode::BAD_REQUEST,
        "parameter_malformed",
        "got both",
    );
    let unknown = seen(|told| told.answer = Change::set("code", json!("stolen"))).await;
    is_refused(
        &unknown,
        StatusCode::BAD_GATEWAY,
        "token_exchange_failed",
        "invalid_grant",
    );
}

#[tokio::test]
async fn an_issuer_that_does_not_promise_to_name_itself_may_leave_it_out() {
    let (stub, mut browser) = setup().await;
    stub.is_told(|told| {
        told.metadata = Change::set("authorization_response_iss_parameter_supported", json!(false));
        told.answer = Change::without("iss");
    });
    assert_eq!(browser.log_in().await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn an_answer_to_no_login_is_refused() {
    let (_stub, mut browser) = setup().await;
    for query in [
        "code=1",
        "code=1&state=x",
        "code=1&state=%00%ff",
        &format!("code=1&state={}", "A".repeat(43)),
    ] {
        let seen = browser.get(&format!("/auth/callback?{query}")).await;
        assert_eq!(seen.status, StatusCode::BAD_REQUEST, "{}", seen.body);
    }
    let seen = browser.get("/auth/callback?code=1&code=2&state=x").await;
    is_refused(&seen, StatusCode::BAD_REQUEST, "parameter_repeated", "`code` once");
    let seen = browser.get("/auth/callback").await;
    is_refused(
        &seen,
        StatusCode::BAD_REQUEST,
        "parameter_missing",
        "expected `code` or `error`, got neither",
    );
}

#[tokio::test]
async fn an_answer_in_another_browser_is_refused_and_spoils_the_login() {
    let (_stub, mut browser) = setup().await;
    let callback = browser.answer("/auth/login").await;
    let mut victim = browser.clone();
    victim.jar.clear();
    is_refused(
        &victim.get(&callback).await,
        StatusCode::BAD_REQUEST,
        "attempt_of_another_browser",
        "another one",
    );
    assert_eq!(victim.get("/").await.body, "stranger");
    is_refused(
        &browser.get(&callback).await,
        StatusCode::BAD_REQUEST,
        "attempt_unknown",
        "10 minutes",
    );
}

#[tokio::test]
async fn of_two_answers_to_one_login_one_succeeds() {
    let (_stub, mut browser) = setup().await;
    let callback = browser.answer("/auth/login").await;
    let (mut one, mut two) = (browser.clone(), browser);
    let (first, second) = tokio::join!(one.get(&callback), two.get(&callback));
    let mut statuses = [first.status, second.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::BAD_REQUEST]);
}

#[tokio::test]
async fn a_login_that_took_too_long_begins_anew() {
    let (stub, mut browser) = setup().await;
    let callback = browser.answer("/auth/login?return_to=/private?x=1").await;
    stub.clock.pass(600);
    let seen = browser.get(&callback).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
    let callback = callback_of(&seen.location.unwrap()).await;
    assert_eq!(
        browser.get(&callback).await.location.as_deref(),
        Some("/private?x=1"),
        "the second answer leads where the first was to"
    );
}

#[tokio::test]
async fn a_login_that_takes_too_long_every_time_stops_beginning_anew() {
    let (stub, mut browser) = setup().await;
    let mut callback = browser.answer("/auth/login").await;
    for _ in 0..2 {
        stub.clock.pass(600);
        let again = browser.get(&callback).await;
        callback = callback_of(&again.location.unwrap()).await;
    }
    stub.clock.pass(600);
    is_refused(
        &browser.get(&callback).await,
        StatusCode::BAD_REQUEST,
        "attempt_unknown",
        "in the last 10 minutes",
    );
}

#[tokio::test]
async fn a_provider_that_does_not_answer_in_time_is_given_up() {
    // Accepts connections and says nothing.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stub = Stub::at(format!("http://{}", listener.local_addr().unwrap()));
    let login = builder(&stub).timeout(Duration::from_millis(200)).build().unwrap();
    let seen = Browser::at(&login).get("/auth/login").await;
    is_refused(
        &seen,
        StatusCode::SERVICE_UNAVAILABLE,
        "answer_too_slow",
        "openid-configuration within 200 ms",
    );
}

#[tokio::test]
async fn an_application_can_show_a_page_of_its_own() {
    let stub = Stub::start().await;
    let login = builder(&stub)
        .build()
        .unwrap()
        .with_error_page(|error| format!("ours: {}", error.code()).into_response());
    let seen = Browser::at(&login).get("/auth/callback").await;
    assert_eq!(
        (seen.status, seen.body.as_str()),
        (StatusCode::BAD_REQUEST, "ours: parameter_missing")
    );
}
