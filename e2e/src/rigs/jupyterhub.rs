//! JupyterHub from its Python packages, behind the proxy that it comes with: set up with the file that was printed for it.
//!
//! Source: its documentation, "Configuration Basics" and "Running proxy separately from the hub".

use serde_json::Value;
use tokio::process::Command;

use super::{Ground, Printed};
use crate::{
    process::{Running, free_port},
    tools::{Tools, output_folder},
};

/// What the hub and its proxy know each other by, and the program that asks the hub about people.
const TOKEN: &str = "a-token-between-processes-of-one-test";

/// A running hub.
pub struct JupyterHub {
    hub: Running,
    _proxy: Running,
    ground: Ground,
}

impl JupyterHub {
    /// Starts it with the printed file, and these lines of its administrator's own after it.
    pub async fn start(ground: Ground, printed: &Printed, lines: &str) -> Self {
        let (inside, hub) = (free_port(), free_port());
        let own = format!(
            "c.JupyterHub.bind_url = '{url}'\n\
             c.JupyterHub.hub_bind_url = 'http://127.0.0.1:{hub}'\n\
             c.JupyterHub.db_url = 'sqlite:///{db}'\n\
             c.JupyterHub.cookie_secret_file = '{cookies}'\n\
             c.JupyterHub.spawner_class = 'simple'\n\
             c.ConfigurableHTTPProxy.should_start = False\n\
             c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:{inside}'\n\
             c.ConfigurableHTTPProxy.auth_token = '{TOKEN}'\n\
             c.JupyterHub.services = [{{'name': 'asking', 'api_token': '{TOKEN}'}}]\n\
             c.JupyterHub.load_roles = [{{'name': 'asking', 'scopes': ['admin:users'], 'services': ['asking']}}]\n",
            url = ground.url,
            db = ground.path("hub.sqlite").display(),
            cookies = ground.path("cookies").display(),
        );
        let file = ground.write(
            "jupyterhub_config.py",
            &format!("{own}\n{}\n{lines}\n", printed.only("file")),
        );

        let mut command = Command::new("node");
        command
            .arg(Tools::node_home().join("node_modules/configurable-http-proxy/bin/configurable-http-proxy"))
            .args(["--ip", "127.0.0.1", "--port", &ground.port.to_string()])
            .args(["--api-ip", "127.0.0.1", "--api-port", &inside.to_string()])
            .arg(format!("--default-target=http://127.0.0.1:{hub}"))
            .env("CONFIGPROXY_AUTH_TOKEN", TOKEN);
        let mut proxy = Running::start(
            &format!("jupyterhub-proxy-{}", ground.port),
            command,
            &output_folder("logs"),
        );
        proxy.answers(&format!("http://127.0.0.1:{inside}/")).await;

        let mut command = Command::new(Tools::application("jupyterhub").join("bin/jupyterhub"));
        command.arg("--config").arg(file).current_dir(ground.path(""));
        let mut running = Running::start(&format!("jupyterhub-{}", ground.port), command, &output_folder("logs"));
        running.answers(&format!("http://127.0.0.1:{hub}/hub/health")).await;
        running.says("JupyterHub is now running").await;
        Self {
            hub: running,
            _proxy: proxy,
            ground,
        }
    }

    /// An address of it.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.ground.url)
    }

    /// What the hub knows of somebody.
    pub async fn person(&self, name: &str) -> Value {
        let asked = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let answer = asked
            .get(self.page(&format!("/hub/api/users/{name}")))
            .header("authorization", format!("token {TOKEN}"))
            .send()
            .await
            .expect("the hub answers");
        let text = answer.text().await.expect("text");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Its log.
    pub fn log(&self) -> String {
        self.hub.log()
    }
}
