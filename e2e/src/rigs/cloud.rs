//! Stand-ins for providers that cannot be had here: Entra, Okta, Google and GitHub, as far as their documents tell of
//! behaviour that others do not have. `e2e/providers/cloud.mjs` names the document of each.

use serde_json::{Value, json};

use super::Registration;
use crate::{
    node::Workplace,
    process::{Running, free_port},
    tools::output_folder,
};

/// All four in one process; each can be told to behave differently while it runs.
pub struct Cloud {
    _running: Running,
    _workplace: Workplace,
    url: String,
}

impl Cloud {
    /// The tenant of Entra in which people are.
    pub const TENANT: &str = "11111111-2222-4333-8444-555555555555";

    /// Starts them.
    pub async fn start() -> Self {
        let workplace = Workplace::new();
        let port = free_port();
        let command = workplace.node("providers/cloud.mjs", &json!({ "port": port, "tenant": Self::TENANT }));
        let mut running = Running::start(&format!("cloud-{port}"), command, &output_folder("logs"));
        let url = format!("http://127.0.0.1:{port}");
        running.answers(&url).await;
        Self {
            _running: running,
            _workplace: workplace,
            url,
        }
    }

    /// Sets how `provider` (`entra`, `okta`, `google`, `github`) behaves from now on; `null` takes a setting back.
    pub async fn set(&self, provider: &str, behaviour: Value) {
        let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let address = format!("{}/behaviour/{provider}", self.url);
        let sent = http.post(address).json(&behaviour).send().await;
        assert!(
            sent.is_ok_and(|answer| answer.status().is_success()),
            "the stand-in takes it"
        );
    }

    fn registration(&self, path: &str) -> Registration {
        Registration {
            issuer: format!("{}{path}", self.url),
            client_id: "doorward".to_owned(),
            secret: "the secret of doorward in the cloud".to_owned(),
        }
    }

    /// Entra for this tenant: an id, or `common`, whose metadata hold a template instead of an issuer.
    pub fn entra(&self, tenant: &str) -> Registration {
        self.registration(&format!("/entra/{tenant}/v2.0"))
    }

    /// Where Entra's directory answers.
    pub fn graph(&self) -> String {
        format!("{}/graph", self.url)
    }

    /// Okta's org server, whose ID tokens are thin.
    pub fn okta_org(&self) -> Registration {
        self.registration("/okta")
    }

    /// Okta's custom server `default`.
    pub fn okta_custom(&self) -> Registration {
        self.registration("/okta/oauth2/default")
    }

    /// Google.
    pub fn google(&self) -> Registration {
        self.registration("/google")
    }

    /// GitHub: no issuer, but the place below which its addresses are.
    pub fn github(&self) -> Registration {
        self.registration("/github")
    }
}
