//! Node-RED from its npm package: set up with the lines that were printed for its settings.
//!
//! Source: its documentation, "Securing Node-RED" and "Configuration".

use std::os::unix::fs::symlink;

use serde_json::Value;
use tokio::process::Command;

use super::{Ground, Printed};
use crate::{
    browser::Page,
    process::Running,
    tools::{Tools, output_folder},
};

/// A running editor without flows.
pub struct NodeRed {
    running: Running,
    ground: Ground,
    asking: reqwest::Client,
}

impl NodeRed {
    /// Starts it with the printed lines at the end of its settings; each of `broken` is replaced by what stands beside it.
    pub async fn start(ground: Ground, printed: &Printed, broken: &[(&str, &str)]) -> Self {
        // Where its administrator would install the strategy.
        symlink(
            Tools::application("node-red").join("node_modules"),
            ground.path("node_modules"),
        )
        .expect("a link can be made");
        let running = Self::run(&ground, printed, broken).await;
        Self {
            running,
            ground,
            asking: reqwest::Client::builder().no_proxy().build().expect("an HTTP client"),
        }
    }

    /// Starts it again, with what it has stored.
    pub async fn restart(&mut self, printed: &Printed, broken: &[(&str, &str)]) {
        self.running.kill().await;
        self.running = Self::run(&self.ground, printed, broken).await;
    }

    async fn run(ground: &Ground, printed: &Printed, broken: &[(&str, &str)]) -> Running {
        let mut lines = printed.only("file").to_owned();
        for (right, wrong) in broken {
            assert!(lines.contains(right), "{right} is printed: {lines}");
            lines = lines.replace(right, wrong);
        }
        let own =
            "module.exports = { uiHost: '127.0.0.1', flowFile: 'flows.json', credentialSecret: 'of one test' };\n";
        let settings = ground.write("settings.js", &format!("{own}\n{lines}"));
        let mut command = Command::new("node");
        command
            .arg(ground.path("node_modules/node-red/red.js"))
            .args(["--port", &ground.port.to_string()])
            .arg("--userDir")
            .arg(ground.path(""))
            .arg("--settings")
            .arg(settings);
        let mut running = Running::start(&format!("node-red-{}", ground.port), command, &output_folder("logs"));
        running.answers(&format!("{}/auth/login", ground.url)).await;
        running
    }

    /// An address of it.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.ground.url)
    }

    /// The token that its editor gets on `page`, to which a login leads.
    #[track_caller]
    pub fn token(&self, page: &Page) -> String {
        // As it stands there: its editor does not decode it either.
        let query = page.url.query().unwrap_or_default();
        let token = query.strip_prefix("access_token=").map(str::to_owned);
        token.unwrap_or_else(|| panic!("no login: {} {}\n{}", page.url, page.text(), self.log()))
    }

    /// What it answers to an editor with that token, and with which status.
    pub async fn ask(&self, token: &str, path: &str) -> (u16, Value) {
        answer(self.asking.get(self.page(path)).bearer_auth(token)).await
    }

    /// Deploys no flows with that token: with which status it answers.
    pub async fn deploy(&self, token: &str) -> u16 {
        let asked = self.asking.post(self.page("/flows")).bearer_auth(token);
        let asked = asked.header("content-type", "application/json").body("[]");
        answer(asked).await.0
    }

    /// What its editor is told of how to log in.
    pub async fn offered(&self) -> Value {
        answer(self.asking.get(self.page("/auth/login"))).await.1
    }

    /// Logs out as its editor does: where that leads.
    pub async fn log_out(&self, token: &str) -> String {
        let asked = self.asking.post(self.page("/auth/revoke")).bearer_auth(token);
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token)
            .finish();
        let asked = asked
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let (_, said) = answer(asked).await;
        said["redirect"].as_str().unwrap_or_default().to_owned()
    }

    /// Its log.
    pub fn log(&self) -> String {
        self.running.log()
    }
}

async fn answer(asked: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = asked.send().await.expect("Node-RED answers");
    let status = answer.status().as_u16();
    let text = answer.text().await.expect("text");
    (status, serde_json::from_str(&text).unwrap_or_default())
}
