//! A Keycloak that people leave: a process of its own with its state in files, given a realm at its start, stopped and exported.

use std::{fs, os::unix::fs::symlink, path::Path, time::Duration};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use super::{
    Realm,
    keycloak::{ADMIN, JAVA, Keycloak, PATIENCE},
    lasting::Lasting,
};
use crate::{process::free_port, tools::Tools};

/// The running server, and afterwards what it left.
pub struct Leaving {
    process: Lasting,
    home: TempDir,
    /// The realm.
    pub realm: Realm,
    /// Where it listens, and nobody when it is gone.
    pub port: u16,
}

impl Leaving {
    /// Starts one on that port with that realm.
    pub async fn start(port: u16, realm: &Value) -> Self {
        let home = tempfile::Builder::new()
            .prefix("doorward-e2e-keycloak-")
            .tempdir()
            .expect("a temporary folder");
        lay_out(home.path());
        let name = realm["realm"].as_str().expect("a realm has a name");
        let file = home.path().join(format!("data/import/{name}-realm.json"));
        fs::write(file, realm.to_string()).expect("the realm can be written");
        let url = format!("http://127.0.0.1:{port}");
        let mut process = Lasting::start(
            "keycloak-that-is-left",
            &[
                "bash",
                &script(home.path()),
                "start",
                "--optimized",
                "--import-realm",
                "--cache=local",
                "--http-enabled=true",
                "--hostname-strict=false",
                "--http-host=127.0.0.1",
                &format!("--http-port={port}"),
                &format!("--http-management-port={}", free_port()),
                &database(home.path()),
            ],
            &[
                ("JAVA_OPTS", JAVA),
                ("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN),
                ("KC_BOOTSTRAP_ADMIN_PASSWORD", ADMIN),
            ],
        );
        process.ready(&format!("{url}/realms/{name}"), PATIENCE).await;
        Self {
            process,
            home,
            realm: Keycloak::at(&url).existing(name),
            port,
        }
    }

    /// Stops it for good and exports the realm of that name with its people, in files of so many: to write more than some hundred
    /// people into one file takes Keycloak minutes. Gives the folder.
    pub async fn export(&mut self, name: &str, people_per_file: usize) -> std::path::PathBuf {
        self.process.stop(Duration::from_mins(1)).await;
        let folder = self.home.path().join("export");
        let mut command = Command::new("bash");
        command
            .arg(script(self.home.path()))
            .args(["export", "--optimized", "--realm", name, "--users", "different_files"])
            .args(["--users-per-file", &people_per_file.to_string()])
            .arg("--dir")
            .arg(&folder)
            .arg(database(self.home.path()))
            .env("JAVA_OPTS", JAVA);
        let done = tokio::time::timeout(PATIENCE, command.output()).await;
        let done = done.expect("the export ends").expect("the export can be started");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
        folder
    }
}

/// Its programs are the distribution's, which nobody writes into; its data is its own.
fn lay_out(home: &Path) {
    let distribution = Tools::keycloak();
    for folder in ["bin", "data/import"] {
        fs::create_dir_all(home.join(folder)).expect("a folder can be made");
    }
    fs::copy(distribution.join("bin/kc.sh"), home.join("bin/kc.sh")).expect("its script can be copied");
    for folder in ["lib", "conf", "providers", "themes"] {
        symlink(distribution.join(folder), home.join(folder)).expect("a link can be made");
    }
}

fn script(home: &Path) -> String {
    home.join("bin/kc.sh").display().to_string()
}

/// The engine that the distribution is prepared for, with a file in the place of its memory.
fn database(home: &Path) -> String {
    let file = home.join("data/realm");
    format!("--db-url=jdbc:h2:file:{};NON_KEYWORDS=VALUE", file.display())
}
