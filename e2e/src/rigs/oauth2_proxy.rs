//! oauth2-proxy from its Go module: the gateway that most people have, in front of a page of its own.
//!
//! Source: its documentation, "Configuration / Overview" and "Endpoints".

use tokio::process::Command;

use super::Registration;
use crate::{
    process::{Running, free_port},
    tools::{Tools, output_folder},
};

/// Where it will listen; its provider is told before it starts.
#[derive(Debug, Clone, Copy)]
pub struct Oauth2ProxyAt {
    port: u16,
}

/// The running gateway.
pub struct Oauth2Proxy {
    _running: Running,
    at: Oauth2ProxyAt,
}

impl Oauth2ProxyAt {
    /// A free port of the loopback.
    pub fn free() -> Self {
        Self { port: free_port() }
    }

    /// Where the provider sends people back to.
    pub fn redirect_uri(self) -> String {
        format!("{}/oauth2/callback", self.url())
    }

    fn url(self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Oauth2Proxy {
    /// Starts it for whoever has one of these groups, with these further options.
    pub async fn start(at: Oauth2ProxyAt, registration: &Registration, options: &[&str]) -> Self {
        let mut command = Command::new(Tools::oauth2_proxy());
        let url = at.url();
        command.args([
            "--provider=oidc",
            "--upstream=static://200",
            "--email-domain=*",
            "--skip-provider-button=true",
            "--code-challenge-method=S256",
            "--cookie-secure=false",
            "--cookie-secret=0123456789abcdef0123456789abcdef",
        ]);
        command.args([
            format!("--http-address=127.0.0.1:{}", at.port),
            format!("--redirect-url={}", at.redirect_uri()),
            format!("--oidc-issuer-url={}", registration.issuer),
            format!("--client-id={}", registration.client_id),
            format!("--client-secret={}", registration.secret),
        ]);
        command.args(options);
        let mut running = Running::start(&format!("oauth2-proxy-{}", at.port), command, &output_folder("logs"));
        running.answers(&format!("{url}/ping")).await;
        Self { _running: running, at }
    }

    /// An address of it.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.at.url())
    }
}
