//! pgAdmin 4 from its Python package, in server mode: set up with the file that was printed for it.
//!
//! Source: its documentation, "Server Deployment" and "The config.py File".

use std::fs;

use tokio::process::Command;

use super::{Ground, Printed};
use crate::{
    process::Running,
    tools::{Tools, output_folder},
};

/// A running pgAdmin with a database of its own.
pub struct PgAdmin {
    running: Running,
    ground: Ground,
}

impl PgAdmin {
    /// Starts it with the printed settings after its own.
    pub async fn start(ground: Ground, printed: &Printed) -> Self {
        let data = ground.path("data");
        let paths = [
            ("DATA_DIR", ""),
            ("LOG_FILE", "log"),
            ("SQLITE_PATH", "database"),
            ("SESSION_DB_PATH", "sessions"),
            ("STORAGE_DIR", "storage"),
        ];
        let paths = paths.map(|(setting, name)| format!("{setting} = '{}'\n", data.join(name).display()));
        let own = format!(
            "SERVER_MODE = True\nDEFAULT_SERVER_PORT = {}\nUPGRADE_CHECK_ENABLED = False\nMASTER_PASSWORD_REQUIRED = False\n{}",
            ground.port,
            paths.concat()
        );
        ground.write("config_local.py", &format!("{own}\n{}\n", printed.only("file")));
        let python = Tools::application("pgadmin");
        let versions = fs::read_dir(python.join("lib"))
            .expect("a virtual environment")
            .flatten();
        let mut programs = versions.map(|version| version.path().join("site-packages/pgadmin4/pgAdmin4.py"));
        let program = programs.find(|program| program.exists()).expect("pgAdmin is installed");
        let mut command = Command::new(python.join("bin/python"));
        command
            .arg(program)
            .current_dir(ground.path(""))
            // Where it looks for its local settings, among others.
            .env("PYTHONPATH", ground.path(""))
            .env("PGADMIN_SETUP_EMAIL", "root@example.com")
            .env("PGADMIN_SETUP_PASSWORD", "correct horse root");
        let mut running = Running::start(&format!("pgadmin-{}", ground.port), command, &output_folder("logs"));
        running.answers(&format!("{}/misc/ping", ground.url)).await;
        Self { running, ground }
    }

    /// Where people open it.
    pub fn url(&self) -> &str {
        &self.ground.url
    }

    /// Its log.
    pub fn log(&self) -> String {
        self.running.log()
    }
}
