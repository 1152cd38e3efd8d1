use doorward_login::Login;
use serde_json::json;

use super::{pages, router};

fn login() -> Login {
    Login::builder("http://127.0.0.1:9", "demo")
        .base_url("http://localhost:8000")
        .build()
        .unwrap()
}

async fn get(path: &str) -> (u16, String, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}{path}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, router(login())).await });
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let answer = client.get(url).header("accept", "text/html").send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let seen = (answer.status().as_u16(), policy, answer.text().await.unwrap());
    server.abort();
    seen
}

#[tokio::test]
async fn a_stranger_is_offered_the_login() {
    let (status, policy, body) = get("/").await;
    assert_eq!(status, 200);
    assert!(
        body.contains(r#"<a class="button" href="/auth/login">Log in</a>"#),
        "{body}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("form-action 'self' http://127.0.0.1:9;"), "{policy}");
}

#[tokio::test]
async fn a_stranger_who_wants_the_profile_is_sent_to_the_login() {
    assert_eq!(get("/profile").await.0, 303);
}

#[tokio::test]
async fn a_failed_login_shows_its_code() {
    let (status, _, body) = get("/auth/callback?error=x&state=y").await;
    assert_eq!(status, 400);
    assert!(
        body.contains("<code>attempt_unknown</code>") && body.contains("/app.css"),
        "{body}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    assert_eq!(get("/nothing").await.0, 404);
    assert_eq!(get("/app.css").await.0, 200);
}

#[test]
fn the_profile_escapes_whatever_the_provider_says() {
    let claims = json!({"<script>": ["<b>", "\""], "name": "<i>"});
    let person = pages::Person {
        name: "<i>Alice</i>",
        email: Some("a@example.org\"<"),
        is_verified: true,
        groups: &["<admins>"],
        claims: claims.as_object().unwrap(),
    };
    let body = pages::profile(&login(), &person);
    for raw in ["<i>", "<b>", "<script>", "<admins>", "org\"<"] {
        assert!(!body.contains(raw), "{raw} in {body}");
    }
    assert!(
        body.contains("<li>&lt;admins&gt;</li>") && body.contains("(verified)"),
        "{body}"
    );
}
