//! Who is let through, and what the others are told.

use axum::Router;
use axum::routing::get;
use doorward_claims::ClaimPath;
use doorward_login::{Claims, Login, LoginLayer, User};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::browser::{Browser, builder};
use crate::stub::{Change, Stub};

#[derive(serde::Deserialize)]
struct Employee {
    sub: String,
    #[serde(default)]
    department: String,
}

#[derive(serde::Deserialize)]
struct Numbered {
    #[expect(dead_code, reason = "that it is there is what the handler asks for")]
    employee_number: u32,
}

fn guarded(login: &Login) -> Router {
    let path = |name: &str| ClaimPath::name(name).unwrap();
    let behind = |layer: LoginLayer| get(|| async { "inside" }).layer(layer);
    let layer = || LoginLayer::new(login);
    Router::new()
        .route(
            "/anybody",
            get(|user: Option<User>| async move { user.is_some().to_string() }).layer(layer()),
        )
        .route("/group", behind(layer().require_group("admins")))
        .route("/any", behind(layer().require_any_group(["board", "users"])))
        .route("/none", behind(layer().require_any_group(["board", "<staff>"])))
        .route("/both", behind(layer().require_group("admins").require_group("board")))
        .route("/claim", behind(layer().require_claim(path("department"), "it")))
        .route("/list", behind(layer().require_claim(path("groups"), "admins")))
        .route("/verified", behind(layer().require_claim(path("email_verified"), true)))
        .route(
            "/typed",
            get(
                |Claims(employee): Claims<Employee>| async move { format!("{} {}", employee.sub, employee.department) },
            ),
        )
        .route("/numbered", get(|_: Claims<Numbered>| async { "inside" }))
        .with_state(login.clone())
}

async fn browser(tell: Change) -> Browser {
    let stub = Stub::start().await;
    stub.is_told(|told| told.userinfo = tell);
    let login = builder(&stub).build().unwrap();
    let mut browser = Browser::at(&login);
    browser.app = browser.app.merge(guarded(&login));
    browser
}

#[tokio::test]
async fn strangers_are_sent_to_the_login_by_every_guard() {
    let mut browser = browser(Change::default()).await;
    for path in ["/group", "/any", "/both", "/claim", "/typed"] {
        let location = browser.get(path).await.location.unwrap();
        assert_eq!(location, format!("/auth/login?return_to=%2F{}", &path[1..]));
        let answer = browser.send(Method::GET, path, "application/json").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body, json!({"error": "login_required", "login_url": "/auth/login"}));
    }
    assert_eq!(browser.get("/anybody").await.body, "false");
    assert!(browser.jar.is_empty(), "no login has begun by itself");
}

#[tokio::test]
async fn whoever_has_what_is_required_is_let_through() {
    let mut browser = browser(Change::set("department", json!("it"))).await;
    browser.log_in().await;
    for path in ["/group", "/any", "/claim", "/list", "/verified"] {
        assert_eq!(browser.get(path).await.body, "inside", "{path}");
    }
    assert_eq!(browser.get("/anybody").await.body, "true");
    assert_eq!(browser.get("/typed").await.body, "u-1 it");
}

#[tokio::test]
async fn whoever_has_not_is_told_what_is_missing() {
    let mut browser = browser(Change::set("department", json!("sales"))).await;
    browser.log_in().await;
    for (path, words) in [
        (
            "/none",
            "expected a member of `board` or `&lt;staff&gt;`, got somebody who is not",
        ),
        ("/both", "expected a member of `board`"),
        ("/claim", "expected `it` as the claim `department`, got `sales`"),
        ("/numbered", "missing field `employee_number`"),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.body.contains(words), "{}", page.body);
        assert!(page.body.contains("<code>requirement_missing</code>"), "{}", page.body);
        let answer = browser.send(Method::GET, path, "*/*").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["error"], "requirement_missing");
        assert!(
            body["error_description"].as_str().unwrap().starts_with("expected "),
            "{body}"
        );
    }
    assert_eq!(
        browser.get("/").await.body,
        "Alice Liddell",
        "nobody is logged out by that"
    );
}

#[tokio::test]
async fn two_relying_parties_in_one_application_do_not_mix_their_people_up() {
    let stub = Stub::start().await;
    let one = builder(&stub).build().unwrap();
    let two = builder(&stub).prefix("/two").build().unwrap();
    let mut browser = Browser::at(&one);
    let mixed = Router::new()
        .route(
            "/mixed",
            get(|user: Option<User>| async move { user.is_some().to_string() }),
        )
        .layer(LoginLayer::new(&one).require_login())
        .with_state(two);
    browser.app = browser.app.merge(mixed);
    browser.log_in().await;
    assert_eq!(browser.get("/mixed").await.body, "false");
}
