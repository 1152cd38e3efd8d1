//! Grafana from its Go module, without its interface, which no module has: set up with what was printed for it.
//!
//! Source: its documentation, "Configure Grafana" and "Configure generic OAuth authentication".

use serde_json::Value;
use tokio::process::Command;

use super::{Ground, Printed};
use crate::{
    browser::{Browser, Page},
    process::Running,
    server::Person,
    tools::{Tools, output_folder},
};

/// Its new login service and its renewal of tokens: versions after this one have them without being asked.
const AS_LATER_VERSIONS: &str = "authnService,accessTokenExpirationCheck";

/// A running server without dashboards.
pub struct Grafana {
    running: Running,
    ground: Ground,
}

/// Which of the two things that are printed configures it.
#[derive(Debug, Clone, Copy)]
pub enum Configured<'a> {
    /// The file, with each of these replaced by what stands beside it.
    File(&'a [(&'a str, &'a str)]),
    /// The environment.
    Environment,
}

impl Grafana {
    /// Starts it with nothing stored.
    pub async fn start(ground: Ground, printed: &Printed, configured: Configured<'_>) -> Self {
        let running = Self::run(&ground, printed, configured).await;
        Self { running, ground }
    }

    /// Starts it again, with what it has stored.
    pub async fn restart(&mut self, printed: &Printed, configured: Configured<'_>) {
        self.running.kill().await;
        self.running = Self::run(&self.ground, printed, configured).await;
    }

    async fn run(ground: &Ground, printed: &Printed, configured: Configured<'_>) -> Running {
        let mut command = Command::new(Tools::grafana().join("grafana"));
        let mut lines = String::new();
        match configured {
            Configured::File(broken) => {
                printed.part("file", "Grafana's configuration").clone_into(&mut lines);
                for (right, wrong) in broken {
                    assert!(lines.contains(right), "{right} is printed: {lines}");
                    lines = lines.replace(right, wrong);
                }
            }
            Configured::Environment => {
                command.envs(printed.environment());
            }
        }
        command
            .args(["server", "--homepath"])
            .arg(Tools::grafana().join("source"))
            .arg("--config")
            .arg(ground.write("grafana.ini", &lines))
            .env("GF_SERVER_HTTP_ADDR", "127.0.0.1")
            .env("GF_SERVER_HTTP_PORT", ground.port.to_string())
            .env("GF_FEATURE_TOGGLES_ENABLE", AS_LATER_VERSIONS)
            .env("GF_LOG_MODE", "console")
            .env("GF_ANALYTICS_REPORTING_ENABLED", "false")
            .env("GF_ANALYTICS_CHECK_FOR_UPDATES", "false")
            .env("GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", "false");
        for folder in ["DATA", "LOGS", "PLUGINS", "PROVISIONING"] {
            command.env(format!("GF_PATHS_{folder}"), ground.path(&folder.to_ascii_lowercase()));
        }
        let mut running = Running::start(&format!("grafana-{}", ground.port), command, &output_folder("logs"));
        running.answers(&format!("{}/api/health", ground.url)).await;
        running
    }

    /// An address of it.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.ground.url)
    }

    /// Logs somebody in as its button does; where that ends.
    pub async fn enter(&self, browser: &mut Browser, person: &Person) -> Page {
        let page = browser.get(&self.page("/login/generic_oauth")).await;
        if page.is_login() && !page.url.as_str().starts_with(&self.ground.url) {
            return browser.log_in(&page, person).await;
        }
        page
    }

    /// Who it takes the browser for, and the role of that.
    pub async fn who(&self, browser: &mut Browser) -> (Value, Value) {
        let who = browser.get(&self.page("/api/user")).await.json();
        let mut houses = browser.get(&self.page("/api/user/orgs")).await.json();
        (who, houses[0]["role"].take())
    }

    /// The end of its log, of this start and those before.
    pub fn log(&self) -> String {
        self.running.log()
    }
}
