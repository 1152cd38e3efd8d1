//! oauth2-proxy from its Go module: the gateway that most people have, set up with the file that was printed for it.
//!
//! Source: its documentation, "Configuration / Overview" and "Endpoints".

use std::fs;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    process::{Running, free_port},
    tools::{Tools, output_folder},
};

/// Where it will listen; its provider is told before it starts.
#[derive(Debug, Clone)]
pub struct Oauth2ProxyAt {
    port: u16,
    /// Another host than the server's: no cookie of one reaches the other.
    pub url: String,
}

/// The running gateway.
pub struct Oauth2Proxy {
    _running: Running,
    _folder: TempDir,
    at: Oauth2ProxyAt,
}

impl Oauth2ProxyAt {
    /// A free port of the loopback.
    pub fn free() -> Self {
        let port = free_port();
        Self {
            port,
            url: format!("http://localhost:{port}"),
        }
    }
}

impl Oauth2Proxy {
    /// Starts it with the file that `app add` printed, and these options over it.
    pub async fn start(at: Oauth2ProxyAt, added: &Value, options: &[&str]) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doorward-e2e-oauth2-proxy-")
            .tempdir()
            .expect("a temporary folder");
        let parts = added["snippet"]["parts"].as_array().expect("parts of a snippet");
        let printed = parts.iter().find(|part| part["way"] == "file").expect("a file");
        let file = folder.path().join("oauth2-proxy.cfg");
        // The one line that says what the administrator has to put there.
        let text = printed["text"].as_str().expect("text");
        let lines = text.lines().map(|line| match line.split_once(" = ") {
            Some(("cookie_secret", _)) => "cookie_secret = \"0123456789abcdef0123456789abcdef\"",
            _ => line,
        });
        let lines: Vec<&str> = lines.collect();
        fs::write(&file, lines.join("\n")).expect("the file can be written");
        let mut command = Command::new(Tools::oauth2_proxy());
        command.arg(format!("--config={}", file.display()));
        command.arg(format!("--http-address=127.0.0.1:{}", at.port));
        // What only a gateway without TLS in front needs, and a page to guard.
        command.args([
            "--cookie-secure=false",
            "--cookie-name=gateway",
            "--upstream=static://200",
            "--skip-provider-button=true",
        ]);
        command.args(options);
        let mut running = Running::start(&format!("oauth2-proxy-{}", at.port), command, &output_folder("logs"));
        running.answers(&format!("{}/ping", at.url)).await;
        Self {
            _running: running,
            _folder: folder,
            at,
        }
    }

    /// An address of it.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.at.url)
    }
}
