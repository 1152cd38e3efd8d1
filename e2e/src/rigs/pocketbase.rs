//! PocketBase from its Python package, which is what logs people in at Beszel: its form is filled in with what was printed for that.
//!
//! Source: its documentation, "Authentication" and "Web APIs reference, Records and Collections".

use serde_json::{Value, json};
use tokio::process::Command;

use super::{Ground, Printed, printed::type_in};
use crate::{
    browser::{Browser, Page},
    process::Running,
    tools::{Tools, output_folder},
};

/// Its administrator.
const ADMINISTRATOR: (&str, &str) = ("root@example.com", "correct horse root");

/// A running PocketBase with an empty collection of users.
pub struct PocketBase {
    running: Running,
    ground: Ground,
    asking: reqwest::Client,
}

impl PocketBase {
    /// Starts it, and fills the form of its provider in with the printed values.
    pub async fn start(ground: Ground, printed: &Printed) -> Self {
        let program = Tools::application("pocketbase").join("bin/pocketbase");
        let data = format!("--dir={}", ground.path("data").display());
        let (name, password) = ADMINISTRATOR;
        let add = format!(
            "'{}' '{data}' superuser upsert '{name}' '{password}'",
            program.display()
        );
        let added = type_in(&add, &ground.path(""), &[]).await;
        added.unwrap_or_else(|said| panic!("{said}"));
        let mut command = Command::new(program);
        command.args([&data, "serve", &format!("--http=127.0.0.1:{}", ground.port)]);
        let mut running = Running::start(&format!("pocketbase-{}", ground.port), command, &output_folder("logs"));
        running.answers(&format!("{}/api/health", ground.url)).await;
        let base = Self {
            running,
            ground,
            asking: reqwest::Client::builder().no_proxy().build().expect("an HTTP client"),
        };
        let came = base
            .send(
                reqwest::Method::POST,
                "_superusers/auth-with-password",
                None,
                &json!({ "identity": name, "password": password }),
            )
            .await;
        let provider = json!({
            "name": "oidc",
            "clientId": printed.field("Client ID"),
            "clientSecret": printed.field("Client secret"),
            "displayName": printed.field("Display name"),
            "authURL": printed.field("Auth URL"),
            "tokenURL": printed.field("Token URL"),
            "userInfoURL": printed.field("User info URL"),
            "pkce": printed.field("Support PKCE") == "yes",
        });
        let settings = json!({ "oauth2": { "enabled": true, "providers": [provider] } });
        base.send(reqwest::Method::PATCH, "users", came["token"].as_str(), &settings)
            .await;
        base
    }

    /// The whole login, as its own library does it in a window: the attempt, the code at its address, the account.
    pub async fn log_in(&self, browser: &mut Browser, through: impl AsyncFn(&mut Browser, Page) -> Page) -> Value {
        let methods = self
            .send(reqwest::Method::GET, "users/auth-methods", None, &Value::Null)
            .await;
        let provider = &methods["oauth2"]["providers"][0];
        let back = format!("{}/api/oauth2-redirect", self.ground.url);
        let url = format!("{}{back}", provider["authURL"].as_str().expect("an address"));
        browser.stop_at(&back);
        let page = browser.get(&url).await;
        let page = through(browser, page).await;
        assert!(page.url.as_str().starts_with(&back), "{} {}", page.url, page.text());
        assert_eq!(page.parameter("state").as_deref(), provider["state"].as_str());
        let body = json!({
            "provider": "oidc",
            "code": page.parameter("code"),
            "codeVerifier": provider["codeVerifier"],
            "redirectURL": back,
        });
        self.send(reqwest::Method::POST, "users/auth-with-oauth2", None, &body)
            .await
    }

    async fn send(&self, method: reqwest::Method, path: &str, token: Option<&str>, body: &Value) -> Value {
        let mut asked = self
            .asking
            .request(method, format!("{}/api/collections/{path}", self.ground.url));
        if let Some(token) = token {
            asked = asked.header("authorization", token);
        }
        if !body.is_null() {
            asked = asked.header("content-type", "application/json").body(body.to_string());
        }
        let answer = asked.send().await.expect("PocketBase answers");
        let text = answer.text().await.expect("text");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}\n{}", self.running.log()))
    }
}
