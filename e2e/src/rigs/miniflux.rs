//! Miniflux from its Go module, on a database of its own: set up with the environment that was printed for it.
//!
//! Source: its documentation, "Configuration Parameters" and "How-To".

use std::collections::BTreeMap;

use tokio::process::Command;

use super::{Ground, Printed};
use crate::{
    browser::{Browser, Page},
    process::Running,
    server::{Person, fresh_database},
    tools::{Tools, output_folder},
};

/// A running reader without feeds.
pub struct Miniflux {
    running: Running,
    ground: Ground,
    database: String,
}

impl Miniflux {
    /// Starts it with the printed environment, and `admin` as its first administrator.
    pub async fn start(ground: Ground, printed: &Printed, admin: &Person) -> Self {
        // Its driver wants TLS unless it is told.
        let database = format!("{}?sslmode=disable", fresh_database(ground.port).await);
        let admin = [
            ("CREATE_ADMIN", "1"),
            ("ADMIN_USERNAME", &admin.name),
            ("ADMIN_PASSWORD", &admin.password),
        ];
        let running = Self::run(&ground, &database, &environment(printed, &admin)).await;
        Self {
            running,
            ground,
            database,
        }
    }

    /// Starts it again, with what it has stored: each of `broken` is set to what stands beside it.
    pub async fn restart(&mut self, printed: &Printed, broken: &[(&str, &str)]) {
        for (name, _) in broken {
            printed.setting(name);
        }
        self.running.kill().await;
        self.running = Self::run(&self.ground, &self.database, &environment(printed, broken)).await;
    }

    async fn run(ground: &Ground, database: &str, environment: &BTreeMap<String, String>) -> Running {
        let mut command = Command::new(Tools::miniflux());
        command
            .env_clear()
            .envs(environment)
            .env("DATABASE_URL", database)
            .env("RUN_MIGRATIONS", "1")
            .env("LISTEN_ADDR", format!("127.0.0.1:{}", ground.port))
            .env("DISABLE_SCHEDULER_SERVICE", "1")
            .current_dir(ground.path(""));
        let mut running = Running::start(&format!("miniflux-{}", ground.port), command, &output_folder("logs"));
        running.answers(&format!("{}/healthcheck", ground.url)).await;
        running
    }

    /// An address of it.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.ground.url)
    }

    /// Logs somebody in as its button does; where that ends.
    pub async fn enter(&self, browser: &mut Browser, person: &Person) -> Page {
        let page = browser.get(&self.page("/oauth2/oidc/redirect")).await;
        // Its own is at the root.
        if page.is_login() {
            return browser.log_in(&page, person).await;
        }
        page
    }

    /// What it has logged since it was started last.
    pub fn log(&self) -> String {
        let log = self.running.log();
        log.rsplit("Starting HTTP server").next().unwrap_or_default().to_owned()
    }
}

fn environment(printed: &Printed, other: &[(&str, &str)]) -> BTreeMap<String, String> {
    let other = other
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    printed.environment().into_iter().chain(other).collect()
}
