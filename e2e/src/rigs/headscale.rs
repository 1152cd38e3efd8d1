//! Headscale from its Go module: set up with the lines that were printed for its configuration.
//!
//! Source: its documentation, "Configuration" and "OpenID Connect".

use serde_json::Value;
use tokio::process::Command;

use super::{Ground, Printed, printed::type_in};
use crate::{
    browser::{Browser, Page},
    process::{Running, free_port},
    server::Person,
    tools::{Tools, output_folder},
};

/// A running control server without devices.
pub struct Headscale {
    running: Running,
    ground: Ground,
}

impl Headscale {
    /// Starts it with the printed lines after its own; each of `broken` is replaced by what stands beside it.
    pub async fn start(ground: Ground, printed: &Printed) -> Self {
        let mut running = Self::run(&ground, printed, &[]);
        running.answers(&format!("{}/health", ground.url)).await;
        Self { running, ground }
    }

    /// Starts it again, with what it has stored.
    pub async fn restart(&mut self, printed: &Printed, broken: &[(&str, &str)]) {
        self.running.kill().await;
        self.running = Self::run(&self.ground, printed, broken);
        self.running.answers(&format!("{}/health", self.ground.url)).await;
    }

    /// Starts it where it ends at once; what it says then.
    pub async fn fails(&mut self, printed: &Printed, broken: &[(&str, &str)]) -> String {
        self.running.kill().await;
        self.running = Self::run(&self.ground, printed, broken);
        self.running.says("Error initializing").await
    }

    fn run(ground: &Ground, printed: &Printed, broken: &[(&str, &str)]) -> Running {
        let mut lines = printed.only("file").to_owned();
        for (right, wrong) in broken {
            assert!(lines.contains(right), "{right} is printed: {lines}");
            lines = lines.replace(right, wrong);
        }
        let home = ground.path("").display().to_string();
        let metrics = free_port();
        let own = format!(
            "listen_addr: 127.0.0.1:{}\nmetrics_listen_addr: 127.0.0.1:{}\ngrpc_listen_addr: 127.0.0.1:{}\n\
             noise:\n  private_key_path: {home}/noise.key\n\
             prefixes:\n  v4: 100.64.0.0/10\n  v6: fd7a:115c:a1e0::/48\n\
             derp:\n  urls: []\n  auto_update_enabled: false\n  server:\n    enabled: true\n    region_id: 999\n\
             \x20   region_code: test\n    region_name: test\n    stun_listen_addr: 127.0.0.1:{}\n\
             \x20   private_key_path: {home}/derp.key\n\
             disable_check_updates: true\ndatabase:\n  type: sqlite\n  sqlite:\n    path: {home}/db.sqlite\n\
             dns:\n  magic_dns: false\n  override_local_dns: false\n  base_domain: tail.example.com\n\
             unix_socket: {home}/socket\n",
            ground.port,
            metrics,
            free_port(),
            free_port(),
        );
        let settings = ground.write("config.yaml", &format!("{own}{lines}"));
        let mut command = Command::new(Tools::headscale());
        command
            .arg("serve")
            .arg("--config")
            .arg(settings)
            .env("HOME", ground.path(""))
            .current_dir(ground.path(""));
        // A log of its own for each start.
        let name = format!("headscale-{}-{metrics}", ground.port);
        Running::start(&name, command, &output_folder("logs"))
    }

    /// Opens the address that a device shows, and logs somebody in there; where that ends.
    pub async fn enter(&self, browser: &mut Browser, person: &Person) -> Page {
        // What a device makes up has 24 characters. No device is waiting for this one.
        let page = browser
            .get(&format!("{}/register/no-device-of-these-tests", self.ground.url))
            .await;
        if page.is_login() {
            return browser.log_in(&page, person).await;
        }
        page
    }

    /// Its people, as its administrator is told.
    pub async fn people(&self) -> Value {
        let program = Tools::headscale().display().to_string();
        let text = format!("{program} --config config.yaml users list --output json");
        let said = type_in(&text, &self.ground.path(""), &[]).await;
        let said = said.unwrap_or_else(|said| panic!("{said}\n{}", self.log()));
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }

    /// What it has logged since it was started last.
    pub fn log(&self) -> String {
        self.running.log()
    }
}
