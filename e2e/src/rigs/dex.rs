//! Dex from its Go module: its own password list, and its mock connector, which knows one person with one group.
//!
//! Source: Dex's documentation, "Local users" and `examples/config-dev.yaml`.

use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;

use super::Registration;
use crate::{
    browser::{Browser, Page},
    html::unescape,
    process::{Running, free_port},
    server::Person,
    tools::{Tools, output_folder},
};

/// bcrypt of `password`.
const HASH: &str = "$2a$10$2b2cU8CPhOTaGrs1HRQuAueS7JTT5ZHsHSzYiFPm1leZck7Mc8T4W";

/// The running provider.
pub struct Dex {
    _running: Running,
    _folder: TempDir,
    registration: Registration,
}

impl Dex {
    /// Starts it with one client.
    pub async fn start(redirect_uri: &str) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doorward-e2e-dex-")
            .tempdir()
            .expect("a temporary folder");
        let port = free_port();
        let registration = Registration {
            // A path in the issuer, as Dex is usually run.
            issuer: format!("http://127.0.0.1:{port}/dex"),
            client_id: "doorward".to_owned(),
            secret: "the secret of doorward at dex".to_owned(),
        };
        // JSON is YAML.
        let config = json!({
            "issuer": registration.issuer,
            "storage": { "type": "memory" },
            "web": { "http": format!("127.0.0.1:{port}") },
            "oauth2": { "skipApprovalScreen": true, "alwaysShowLoginScreen": true },
            "staticClients": [{
                "id": registration.client_id,
                "name": "Doorward",
                "secret": registration.secret,
                "redirectURIs": [redirect_uri],
            }],
            "enablePasswordDB": true,
            "staticPasswords": [{
                "email": "alice@example.com",
                "hash": HASH,
                "username": "alice",
                "userID": "08a8684b-db88-4b73-90a9-3cd1661f5466",
            }],
            "connectors": [{ "type": "mockCallback", "id": "mock", "name": "Mock" }],
        });
        let file = folder.path().join("dex.yaml");
        std::fs::write(&file, config.to_string()).expect("the file can be written");
        let mut command = Command::new(Tools::dex());
        command.arg("serve").arg(&file);
        let mut running = Running::start(&format!("dex-{port}"), command, &output_folder("logs"));
        let metadata = format!("{}/.well-known/openid-configuration", registration.issuer);
        running.answers(&metadata).await;
        Self {
            _running: running,
            _folder: folder,
            registration,
        }
    }

    /// What the administrator of its client is told.
    pub fn registration(&self) -> Registration {
        self.registration.clone()
    }

    /// The person of its password list.
    pub fn alice(&self) -> Person {
        Person {
            name: "alice@example.com".to_owned(),
            password: "password".to_owned(),
        }
    }

    /// Chooses the password list on its page of connectors and fills in its login page.
    pub async fn log_in(&self, browser: &mut Browser, page: &Page, person: &Person) -> Page {
        let page = self.choose(browser, page, "local").await;
        let fields = [("login", person.name.as_str()), ("password", person.password.as_str())];
        browser.submit(&page, "/auth/local/login", &fields).await
    }

    /// Chooses the mock connector, which asks nothing: Kilgore Trout, in `authors`.
    pub async fn log_in_by_mock(&self, browser: &mut Browser, page: &Page) -> Page {
        self.choose(browser, page, "mock").await
    }

    async fn choose(&self, browser: &mut Browser, page: &Page, connector: &str) -> Page {
        let way = format!("/dex/auth/{connector}?");
        let from = page
            .html
            .find(&way)
            .unwrap_or_else(|| panic!("no {way} on {}: {}", page.url, page.html));
        let link = unescape(page.html[from..].split('"').next().unwrap_or_default());
        let url = page.url.join(&link).expect("a link is an address");
        browser.get(url.as_str()).await
    }
}
