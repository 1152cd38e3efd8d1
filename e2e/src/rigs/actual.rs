//! Actual's sync server from its npm package: set up with the environment that was printed for it, and asked as its page asks it.
//!
//! Source: its documentation, "Running Actual", "CLI tool" and "OpenID Connect".

use serde_json::{Value, json};
use tokio::process::Command;

use super::{Ground, Printed};
use crate::{
    browser::Page,
    process::Running,
    tools::{Tools, output_folder},
};

/// A running server with what it has stored.
pub struct Actual {
    running: Running,
    ground: Ground,
    asking: reqwest::Client,
}

impl Actual {
    /// Starts it with the printed environment; `broken` takes the place of what was printed.
    pub async fn start(ground: Ground, printed: &Printed, broken: &[(&str, &str)]) -> Self {
        let running = Self::run(&ground, printed, broken).await;
        Self {
            running,
            ground,
            asking: reqwest::Client::builder().no_proxy().build().expect("an HTTP client"),
        }
    }

    /// Starts it again, with the same data.
    pub async fn restart(&mut self, printed: &Printed, broken: &[(&str, &str)]) {
        self.running.kill().await;
        self.running = Self::run(&self.ground, printed, broken).await;
    }

    async fn run(ground: &Ground, printed: &Printed, broken: &[(&str, &str)]) -> Running {
        let program =
            Tools::application("actual").join("node_modules/@actual-app/sync-server/build/bin/actual-server.js");
        let mut command = Command::new(Tools::node());
        command
            .arg(program)
            .current_dir(ground.path(""))
            .env("ACTUAL_DATA_DIR", ground.path(""))
            .env("ACTUAL_HOSTNAME", "127.0.0.1")
            .env("ACTUAL_PORT", ground.port.to_string())
            .envs(printed.environment())
            .envs(broken.iter().copied());
        let mut running = Running::start(&format!("actual-{}", ground.port), command, &output_folder("logs"));
        running
            .answers(&format!("{}/account/needs-bootstrap", ground.url))
            .await;
        running
    }

    /// Where its page sends the browser for a login, or why it does not.
    pub async fn login(&self) -> Result<String, String> {
        let body = json!({ "loginMethod": "openid", "returnUrl": self.ground.url });
        let asked = self.asking.post(format!("{}/account/login", self.ground.url));
        let asked = asked.header("content-type", "application/json").body(body.to_string());
        let said = json_of(asked).await;
        match said["data"]["returnUrl"].as_str() {
            Some(url) => Ok(url.to_owned()),
            None => Err(said["reason"].as_str().unwrap_or_default().to_owned()),
        }
    }

    /// Who somebody is there whom a login led to `page`.
    pub async fn who(&self, page: &Page) -> Value {
        let token = page.parameter("token");
        let token = token.unwrap_or_else(|| panic!("no login: {} {}\n{}", page.url, page.text(), self.log()));
        let asked = self.asking.get(format!("{}/account/validate", self.ground.url));
        json_of(asked.header("x-actual-token", token)).await["data"].clone()
    }

    /// Its log.
    pub fn log(&self) -> String {
        self.running.log()
    }
}

async fn json_of(asked: reqwest::RequestBuilder) -> Value {
    let answer = asked.send().await.expect("Actual answers");
    let text = answer.text().await.expect("text");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
