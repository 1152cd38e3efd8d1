//! Synapse, the Matrix server, from its Python package: set up with the file that was printed for it.
//!
//! Source: its documentation, "Configuration Manual", and the Matrix specification, "Client-Server API", login by SSO.

use serde_json::{Value, json};
use tokio::process::Command;

use super::{Ground, Printed};
use crate::{
    browser::Page,
    process::Running,
    tools::{Tools, output_folder},
};

/// A running Matrix server with a database of its own, which talks to no other.
pub struct Synapse {
    running: Running,
    ground: Ground,
    asking: reqwest::Client,
}

impl Synapse {
    /// Starts it with the printed settings after its own.
    pub async fn start(ground: Ground, printed: &Printed) -> Self {
        let folder = ground.path("");
        let own = json!({
            "server_name": "localhost",
            "listeners": [{
                "port": ground.port,
                "bind_addresses": ["127.0.0.1"],
                "type": "http",
                "tls": false,
                "resources": [{ "names": ["client"], "compress": false }],
            }],
            "database": { "name": "sqlite3", "args": { "database": folder.join("homeserver.db") } },
            "media_store_path": folder.join("media"),
            "pid_file": folder.join("pid"),
            "signing_key_path": folder.join("signing.key"),
            "macaroon_secret_key": "a-secret-of-one-test",
            "form_secret": "another-secret-of-one-test",
            "report_stats": false,
            "trusted_key_servers": [],
        });
        // JSON is YAML. Several files are one configuration, whose last word counts.
        let own = ground.write("own.yaml", &own.to_string());
        let file = ground.write("homeserver.yaml", printed.only("file"));
        let mut command = Command::new(Tools::application("synapse").join("bin/python"));
        command
            .args([
                "-m",
                "synapse.app.homeserver",
                "--generate-missing-configs",
                "--config-path",
            ])
            .arg(&own)
            .arg("--config-path")
            .arg(&file)
            .current_dir(&folder);
        let made = command.output().await.expect("Synapse can be started");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut command = Command::new(Tools::application("synapse").join("bin/python"));
        command
            .args(["-m", "synapse.app.homeserver", "--config-path"])
            .arg(own)
            .arg("--config-path")
            .arg(file)
            .current_dir(&folder);
        let mut running = Running::start(&format!("synapse-{}", ground.port), command, &output_folder("logs"));
        running
            .answers(&format!("{}/_matrix/client/versions", ground.url))
            .await;
        Self {
            running,
            ground,
            asking: reqwest::Client::builder().no_proxy().build().expect("an HTTP client"),
        }
    }

    /// Where a Matrix client sends the browser for a login.
    pub fn login(&self) -> String {
        let back = url::form_urlencoded::byte_serialize(self.ground.url.as_bytes()).collect::<String>();
        format!(
            "{}/_matrix/client/v3/login/sso/redirect/oidc-doorward?redirectUrl={back}",
            self.ground.url
        )
    }

    /// What the client gets for the token on the page that leads back to it: a device with a token of its own.
    pub async fn device(&self, page: &Page) -> Value {
        let (_, rest) = page.html.split_once("loginToken=").unwrap_or_else(|| {
            panic!(
                "no way back to the client on {}: {}\n{}",
                page.url,
                page.text(),
                self.log()
            )
        });
        let token: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
            .collect();
        let body = json!({ "type": "m.login.token", "token": token }).to_string();
        let asked = self.asking.post(format!("{}/_matrix/client/v3/login", self.ground.url));
        let answer = asked.body(body).send().await.expect("Synapse answers");
        json_of(answer).await
    }

    /// What it answers to a device, and with which status.
    pub async fn ask(&self, device: &Value, path: &str) -> (u16, Value) {
        let token = device["access_token"].as_str().expect("a device has a token");
        let asked = self.asking.get(format!("{}/_matrix/client/v3/{path}", self.ground.url));
        let answer = asked.bearer_auth(token).send().await.expect("Synapse answers");
        (answer.status().as_u16(), json_of(answer).await)
    }

    /// Its log.
    pub fn log(&self) -> String {
        self.running.log()
    }
}

async fn json_of(answer: reqwest::Response) -> Value {
    let text = answer.text().await.expect("text");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
