use std::time::Duration;

use axum::response::IntoResponse;
use doorward_jose::Algorithm;
use http::{Method, StatusCode};
use serde_json::json;

use crate::browser::{Browser, builder, setup};
use crate::stub::{Change, Stub, new_key};

#[tokio::test]
async fn a_person_logs_in_and_the_application_knows_them() {
    let (_stub, mut browser) = setup().await;
    assert_eq!(browser.get("/").await.body, "stranger");
    let done = browser.log_in().await;
    assert_eq!(
        (done.status, done.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("/")),
        "{}",
        done.body
    );
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
    let private = browser.get("/private").await.body;
    assert!(
        private.starts_with(r#"u-1|Some("alice@example.org")|["admins", "users"]|true|"#),
        "{private}"
    );
    assert!(
        private.contains(r#""aud":"demo app""#),
        "userinfo must not replace signed protocol claims: {private}"
    );
}

#[tokio::test]
async fn every_algorithm_that_the_provider_advertises_is_accepted() {
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let (stub, mut browser) = setup().await;
        *stub.key.lock().unwrap() = new_key(algorithm);
        stub.is_told(|told| {
            told.claims = Change::new(|claims| {
                claims.remove("at_hash");
            });
        });
        let done = browser.log_in().await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{algorithm}: {}", done.body);
    }
}

#[tokio::test]
async fn whoever_wanted_a_page_comes_back_to_it() {
    let (_stub, mut browser) = setup().await;
    let asked = browser.get("/private?tab=2&x=%2F").await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    let login = asked.location.unwrap();
    assert_eq!(login, "/auth/login?return_to=%2Fprivate%3Ftab%3D2%26x%3D%252F");
    let callback = browser.answer(&login).await;
    assert_eq!(
        browser.get(&callback).await.location.as_deref(),
        Some("/private?tab=2&x=%2F")
    );
}

#[tokio::test]
async fn a_login_never_leads_to_another_site() {
    for elsewhere in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "",
    ] {
        let (_stub, mut browser) = setup().await;
        let callback = browser.answer(&format!("/auth/login?return_to={elsewhere}")).await;
        assert_eq!(
            browser.get(&callback).await.location.as_deref(),
            Some("/"),
            "{elsewhere}"
        );
    }
}

#[tokio::test]
async fn logins_in_parallel_tabs_all_succeed() {
    let (_stub, mut browser) = setup().await;
    // Both tabs ask before either has a cookie, as after a browser's restart.
    let empty = browser.clone();
    let (mut one, mut two) = (empty.clone(), empty);
    let (first, second) = (
        one.answer("/auth/login?return_to=/a").await,
        two.answer("/auth/login?return_to=/b").await,
    );
    browser.jar.extend(one.jar);
    browser.jar.extend(two.jar);
    assert_eq!(browser.get(&second).await.location.as_deref(), Some("/b"));
    assert_eq!(browser.get(&first).await.location.as_deref(), Some("/a"));
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
}

#[tokio::test]
async fn the_back_button_after_a_login_shows_no_error() {
    let (_stub, mut browser) = setup().await;
    let callback = browser.answer("/auth/login").await;
    browser.get(&callback).await;
    let again = browser.get(&callback).await;
    assert_eq!(
        (again.status, again.location.as_deref()),
        (StatusCode::SEE_OTHER, Some("/"))
    );
}

#[tokio::test]
async fn a_program_is_told_to_log_in_and_not_redirected() {
    let (_stub, mut browser) = setup().await;
    for (method, path, accept) in [
        (Method::GET, "/private", "application/json"),
        (Method::POST, "/private", "application/json"),
        (Method::GET, "/layered", "*/*"),
    ] {
        let answer = browser.send(method, path, accept).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body, json!({"error": "login_required", "login_url": "/auth/login"}));
        assert_eq!(answer.cache_control.as_deref(), Some("no-store"));
    }
}

#[tokio::test]
async fn a_form_that_comes_without_a_session_shows_a_page_that_says_so() {
    let (_stub, mut browser) = setup().await;
    let answer = browser.send(Method::POST, "/private", "text/html").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("<code>login_required</code>"), "{}", answer.body);
    assert!(browser.jar.is_empty(), "no login has begun");
}

#[tokio::test]
async fn the_layer_lets_through_who_is_logged_in() {
    let (_stub, mut browser) = setup().await;
    assert_eq!(
        browser.get("/layered").await.location.as_deref(),
        Some("/auth/login?return_to=%2Flayered")
    );
    browser.log_in().await;
    assert_eq!(browser.get("/layered").await.body, "inside");
}

#[tokio::test]
async fn a_session_ends_when_its_time_is_over() {
    let stub = Stub::start().await;
    let login = builder(&stub).session_lifetime(Duration::from_mins(1)).build().unwrap();
    let mut browser = Browser::at(&login);
    browser.log_in().await;
    stub.clock.pass(59);
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
    stub.clock.pass(1);
    assert_eq!(browser.get("/").await.body, "stranger");
}

#[tokio::test]
async fn the_session_cookie_has_a_constant_size_and_holds_nothing_but_chance() {
    let (stub, mut browser) = setup().await;
    let done = browser.log_in().await;
    let small = done.set_cookies.last().unwrap().clone();
    stub.is_told(|told| {
        told.userinfo = Change::new(|claims| {
            claims.insert(
                "groups".to_owned(),
                (0..500).map(|n| json!(format!("group-{n}"))).collect(),
            );
        });
    });
    let done = browser.log_in().await;
    let large = done.set_cookies.last().unwrap();
    assert_eq!(small.len(), large.len());
    assert_ne!(&small, large, "a new login is a new session");
    assert!(
        large.starts_with("login-demoapp=") && large.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=28800"),
        "{large}"
    );
}

#[tokio::test]
async fn over_https_cookies_are_bound_to_the_host() {
    let stub = Stub::start().await;
    let login = builder(&stub).base_url("https://app.example/").build().unwrap();
    assert_eq!(login.redirect_uri(), "https://app.example/auth/callback");
    let begun = Browser::at(&login).get("/auth/login").await;
    let cookie = begun.set_cookies.first().unwrap();
    assert!(cookie.starts_with("__Host-login-demoapp."), "{cookie}");
    assert!(
        cookie.contains("; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=3600"),
        "{cookie}"
    );
    assert_eq!(begun.cache_control.as_deref(), Some("no-store"));
}

#[tokio::test]
async fn logging_in_again_ends_the_session_before() {
    let (_stub, mut browser) = setup().await;
    browser.log_in().await;
    let mut before = browser.clone();
    browser.log_in().await;
    assert_eq!(browser.get("/").await.body, "Alice Liddell");
    assert_eq!(before.get("/").await.body, "stranger");
}

#[tokio::test]
async fn cookies_of_neighbours_neither_hide_ours_nor_pass_for_them() {
    let (_stub, mut browser) = setup().await;
    browser.log_in().await;
    let (name, value) = browser.jar.first_key_value().unwrap();
    let (name, value) = (name.clone(), value.clone());
    let app = browser.app.clone();
    let home = |cookies: Vec<u8>| {
        let request = http::Request::builder()
            .uri("/")
            .header(http::header::COOKIE, http::HeaderValue::from_bytes(&cookies).unwrap());
        let answer = tower::ServiceExt::oneshot(app.clone(), request.body(axum::body::Body::empty()).unwrap());
        async {
            let body = axum::body::to_bytes(answer.await.unwrap().into_body(), 1000)
                .await
                .unwrap();
            String::from_utf8(body.to_vec()).unwrap()
        }
    };
    let strange = [b"x=\xff\xfe; ".as_slice(), format!("{name}={value}").as_bytes()].concat();
    assert_eq!(home(strange).await, "Alice Liddell");
    let two = format!("{name}=planted; {name}={value}");
    assert_eq!(home(two.into_bytes()).await, "stranger");
}

#[tokio::test]
async fn abandoned_logins_leave_a_bounded_number_of_cookies() {
    let (_stub, mut browser) = setup().await;
    for _ in 0..40 {
        browser.get("/auth/login").await;
    }
    assert_eq!(browser.jar.len(), 10);
    assert_eq!(browser.log_in().await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_secret_goes_the_way_that_the_provider_takes() {
    for methods in [
        json!(["client_secret_post"]),
        json!(["client_secret_post", "client_secret_basic"]),
        json!([]),
    ] {
        let (stub, mut browser) = setup().await;
        stub.is_told(|told| {
            told.metadata = Change::new(move |metadata| {
                metadata.insert("token_endpoint_auth_methods_supported".to_owned(), methods.clone());
            });
        });
        let done = browser.log_in().await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    }
}

#[tokio::test]
async fn userinfo_is_left_alone_when_it_is_not_wanted_or_not_there() {
    let stub = Stub::start().await;
    let refuses = || StatusCode::INTERNAL_SERVER_ERROR.into_response();
    stub.is_told(|told| told.userinfo_response = Some(Box::new(refuses)));
    let login = builder(&stub).without_userinfo().build().unwrap();
    let mut browser = Browser::at(&login);
    browser.log_in().await;
    assert_eq!(browser.get("/").await.body, "from the ID token");
    stub.is_told(|told| {
        told.metadata = Change::new(|metadata| {
            metadata.remove("userinfo_endpoint");
        });
    });
    let mut browser = Browser::at(&builder(&stub).build().unwrap());
    browser.log_in().await;
    assert_eq!(browser.get("/").await.body, "from the ID token");
}
