//! npm `oidc-provider`, the certified one, in a process of a test's own.

use serde_json::{Value, json};

use super::Registration;
use crate::{
    browser::{Browser, Page},
    node::Workplace,
    process::{Running, free_port},
    server::Person,
};

/// The running provider.
pub struct OidcProvider {
    running: Running,
    // The files that it runs from.
    workplace: Workplace,
    config: Value,
    /// Its issuer.
    pub issuer: String,
}

impl OidcProvider {
    /// Starts it with these clients (metadata of dynamic registration, without secrets) and alice, in `staff` and `net/ops`.
    pub async fn start(clients: &[Value]) -> Self {
        let port = free_port();
        let clients: Vec<Value> = clients
            .iter()
            .map(|client| {
                let mut client = client.clone();
                client["client_secret"] = json!(secret(&client));
                client
            })
            .collect();
        let config = json!({
            "port": port,
            "host": "127.0.0.1",
            "clients": clients,
            "people": { "alice": alice(&["staff", "net/ops"]) },
        });
        let workplace = Workplace::new();
        let running = start(&workplace, &config);
        let mut provider = Self {
            running,
            workplace,
            config,
            issuer: format!("http://127.0.0.1:{port}"),
        };
        provider.ready().await;
        provider
    }

    async fn ready(&mut self) {
        let metadata = format!("{}/.well-known/openid-configuration", self.issuer);
        self.running.answers(&metadata).await;
    }

    /// Ends it: an upstream that is down.
    pub async fn stop(&mut self) {
        self.running.kill().await;
    }

    /// Starts it again, with new keys of the same names and no sessions: what an emergency rotation looks like.
    pub async fn restart(&mut self) {
        self.running.kill().await;
        self.running = start(&self.workplace, &self.config);
        self.ready().await;
    }

    /// What the administrator of the client with this id is told.
    pub fn registration(&self, id: &str) -> Registration {
        let clients = self.config["clients"].as_array().expect("a list");
        let client = clients.iter().find(|client| client["client_id"] == id);
        Registration {
            issuer: self.issuer.clone(),
            client_id: id.to_owned(),
            secret: secret(client.expect("a client of that id")),
        }
    }

    /// The one person it starts with.
    pub fn alice(&self) -> Person {
        Person {
            name: "alice".to_owned(),
            password: "correct horse alice".to_owned(),
        }
    }

    /// From now on alice is in these groups.
    pub async fn move_alice(&self, groups: &[&str]) {
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let people = json!({ "alice": alice(groups) });
        let sent = http.post(format!("{}/people", self.issuer)).json(&people).send().await;
        assert!(
            sent.is_ok_and(|answer| answer.status().is_success()),
            "the provider takes it"
        );
    }

    /// Fills in its login page.
    pub async fn log_in(&self, browser: &mut Browser, page: &Page, person: &Person) -> Page {
        assert!(
            page.url.path().starts_with("/interaction/"),
            "{}: {}",
            page.url,
            page.text()
        );
        let fields = [("name", person.name.as_str()), ("password", person.password.as_str())];
        browser.submit(page, "/interaction/", &fields).await
    }

    /// Says no on its login page.
    pub async fn refuse(&self, browser: &mut Browser, page: &Page) -> Page {
        browser.submit(page, "/interaction/", &[("refuse", "yes")]).await
    }

    /// Confirms on its logout page.
    pub async fn log_out(&self, browser: &mut Browser, page: &Page) -> Page {
        assert!(
            page.url.as_str().starts_with(&self.issuer),
            "{}: {}",
            page.url,
            page.text()
        );
        browser.submit(page, "/session/end/confirm", &[("logout", "yes")]).await
    }
}

fn start(workplace: &Workplace, config: &Value) -> Running {
    let command = workplace.node("providers/oidc_provider.mjs", config);
    let name = format!("oidc-provider-{}", config["port"]);
    Running::start(&name, command, &crate::tools::output_folder("logs"))
}

fn secret(client: &Value) -> String {
    format!(
        "the secret of {} at this provider",
        client["client_id"].as_str().expect("an id")
    )
}

fn alice(groups: &[&str]) -> Value {
    json!({
        "password": "correct horse alice",
        "claims": {
            "name": "Alice Archer",
            "preferred_username": "alice",
            "email": "alice@example.com",
            "email_verified": true,
            "groups": groups,
        },
    })
}
