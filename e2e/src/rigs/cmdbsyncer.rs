//! CMDBsyncer's open-source build from its Python package, on a database that speaks MongoDB's protocol and keeps what it is told in
//! memory; and the libraries that its licensed login is made of.
//!
//! Source: its documentation, "Installation" and "OIDC Login".

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use serde_json::{Value, json};
use tokio::{net::TcpStream, process::Command};

use super::{Ground, Printed};
use crate::{
    process::{Running, free_port},
    tools::{Tools, output_folder},
};

/// Who administers it, by its own login.
const ADMINISTRATOR: &str = "root@example.com";

/// A running CMDBsyncer with an administrator.
pub struct CmdbSyncer {
    running: Running,
    _database: Running,
    ground: Ground,
    account: Value,
    /// The password of its administrator.
    pub password: String,
}

impl CmdbSyncer {
    /// Starts it with the printed settings in its configuration.
    pub async fn start(ground: Ground, printed: &Printed) -> Self {
        let port = free_port();
        let mut command = program("nx-27017");
        command
            .args(["--data-dir", "memory", "--port", &port.to_string()])
            .arg("--log-file")
            .arg(ground.path("database.log"))
            .arg("--pid-file")
            .arg(ground.path("database.pid"));
        let database = Running::start(&format!("cmdbsyncer-database-{port}"), command, &output_folder("logs"));
        listens(port).await;

        // Both start slowly; the second needs nothing of the first but its database.
        let (home, elsewhere) = (ground.path(""), ground.path("elsewhere"));
        fs::create_dir(&elsewhere).expect("a folder can be made");
        let (_, made) = tokio::join!(
            typed(&home, port, &["sys", "self_configure"]),
            typed(&elsewhere, port, &["sys", "create_user", ADMINISTRATOR]),
        );
        let password = made.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        // "Only update from here inside the config = {} object", its file says.
        let written = fs::read_to_string(ground.path("local_config.py")).expect("it has written its configuration");
        let (before, after) = written.rsplit_once('}').expect("its configuration is a dictionary");
        let inside = format!(
            "{before},\n    'REQUIRE_HTTPS': False,\n{}}}{after}",
            printed.only("file")
        );
        ground.write("local_config.py", &inside);

        let mut command = program("flask");
        command
            .args(["--app", "application:app", "run", "--port", &ground.port.to_string()])
            .current_dir(ground.path(""))
            .env("CMDBSYNCER_MONGODB_PORT", port.to_string());
        let mut running = Running::start(&format!("cmdbsyncer-{}", ground.port), command, &output_folder("logs"));
        running.answers(&format!("{}/login", ground.url)).await;
        let account = ["Name", "Type", "Address", "Username", "Password"];
        let account = account.map(|label| (label, printed.field(label)));
        Self {
            running,
            _database: database,
            account: json!(account.into_iter().collect::<std::collections::BTreeMap<_, _>>()),
            ground,
            password,
        }
    }

    /// An address of it.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.ground.url)
    }

    /// The name that its administrator types.
    pub const fn administrator(&self) -> &'static str {
        ADMINISTRATOR
    }

    /// Where its licensed login sends the browser.
    pub async fn begin(&self) -> String {
        let said = self.module(&["begin"]).await.expect("it begins");
        said["url"].as_str().expect("an address").to_owned()
    }

    /// What its licensed login makes of the address that the browser came back to, or why it refuses.
    pub async fn finish(&self, url: &url::Url) -> Result<Value, String> {
        self.module(&["finish", url.as_str()]).await
    }

    async fn module(&self, arguments: &[&str]) -> Result<Value, String> {
        let mut command = program("python");
        command
            .arg(Tools::sources("python").join("cmdbsyncer.py"))
            .args(arguments)
            .current_dir(self.ground.path(""))
            .env("ACCOUNT", self.account.to_string())
            .env("APP_URL", &self.ground.url);
        let said = command.output().await.expect("Python can be started");
        if !said.status.success() {
            return Err(String::from_utf8_lossy(&said.stderr).into_owned());
        }
        Ok(serde_json::from_slice(&said.stdout).expect("it speaks JSON"))
    }

    /// Its log.
    pub fn log(&self) -> String {
        self.running.log()
    }
}

/// A program of its environment.
fn program(name: &str) -> Command {
    Command::new(Tools::application("cmdbsyncer").join("bin").join(name))
}

/// Types a command of its administrator; gives what it says.
async fn typed(folder: &Path, database: u16, arguments: &[&str]) -> String {
    let mut command = program("cmdbsyncer");
    command
        .args(arguments)
        .current_dir(folder)
        .env("CMDBSYNCER_MONGODB_PORT", database.to_string());
    let said = command.output().await.expect("CMDBsyncer can be started");
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(
        said.status.success(),
        "{arguments:?}: {text}{}",
        String::from_utf8_lossy(&said.stderr)
    );
    text
}

/// Waits until the database takes connections.
async fn listens(port: u16) {
    for _ in 0..400 {
        if TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port)))
            .await
            .is_ok()
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the database does not listen on {port}");
}
