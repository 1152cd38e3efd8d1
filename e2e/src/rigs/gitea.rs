//! Gitea from its Go module, on a database of its own: set up with the command and the lines that were printed for it.
//!
//! Source: its documentation, "Configuration Cheat Sheet" and "Gitea Command Line".

use std::{fs, os::unix::fs::symlink};

use serde_json::Value;
use tokio::process::Command;

use super::{Ground, Printed, printed::type_in};
use crate::{
    browser::{Browser, Page},
    process::Running,
    server::{Person, fresh_database},
    tools::{Tools, output_folder},
};

/// A running forge without repositories.
pub struct Gitea {
    running: Running,
    ground: Ground,
}

impl Gitea {
    /// Starts it with the printed lines after its own, and `admin` as its first administrator.
    pub async fn start(ground: Ground, printed: &Printed, admin: &Person) -> Self {
        let database = url::Url::parse(&fresh_database(ground.port).await).expect("a database has a URL");
        let home = ground.path("").display().to_string();
        let own = format!(
            "WORK_PATH = {home}\nI_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true\n\
             [server]\nHTTP_ADDR = 127.0.0.1\nHTTP_PORT = {}\nSTATIC_ROOT_PATH = {}\nDISABLE_SSH = true\nOFFLINE_MODE = true\n\
             [database]\nDB_TYPE = postgres\nHOST = {}:{}\nUSER = {}\nNAME = {}\nSSL_MODE = disable\n\
             [security]\nINSTALL_LOCK = true\nSECRET_KEY = of-one-test\nPASSWORD_HASH_ALGO = pbkdf2_v2\n\
             [lfs]\nSTART_SERVER = false\n[actions]\nENABLED = false\n[log]\nLEVEL = Info\n",
            ground.port,
            Tools::gitea().display(),
            database.host_str().unwrap_or_default(),
            database.port().unwrap_or(5432),
            database.username(),
            database.path().trim_start_matches('/'),
        );
        fs::create_dir_all(ground.path("custom/conf")).expect("a folder can be made");
        ground.write("custom/conf/app.ini", &format!("{own}\n{}", printed.part("file", "")));
        fs::create_dir(ground.path("bin")).expect("a folder can be made");
        symlink(Tools::gitea().join("gitea"), ground.path("bin/gitea")).expect("a link can be made");
        Self::administer_at(&ground, "gitea migrate")
            .await
            .expect("its tables can be made");
        let first = format!(
            "gitea admin user create --admin --must-change-password=false --username {} --email {}@example.com --password '{}'",
            admin.name, admin.name, admin.password
        );
        Self::administer_at(&ground, &first)
            .await
            .expect("an administrator can be made");
        let running = Self::run(&ground).await;
        Self { running, ground }
    }

    /// Starts it again, with what it has stored.
    pub async fn restart(&mut self) {
        self.running.kill().await;
        self.running = Self::run(&self.ground).await;
    }

    async fn run(ground: &Ground) -> Running {
        let mut command = Command::new(Tools::gitea().join("gitea"));
        command
            .arg("web")
            .env("GITEA_WORK_DIR", ground.path(""))
            .env("HOME", ground.path(""))
            .current_dir(ground.path(""));
        let mut running = Running::start(&format!("gitea-{}", ground.port), command, &output_folder("logs"));
        running.answers(&format!("{}/api/healthz", ground.url)).await;
        running
    }

    /// Types what its administrator types.
    pub async fn administer(&self, text: &str) -> String {
        let done = self.try_administer(text).await;
        done.unwrap_or_else(|said| panic!("{text}\n{said}"))
    }

    /// The same where it may fail: then what it said.
    pub async fn try_administer(&self, text: &str) -> Result<String, String> {
        Self::administer_at(&self.ground, text).await
    }

    async fn administer_at(ground: &Ground, text: &str) -> Result<String, String> {
        let programs = ground.path("bin").display().to_string();
        let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
        let home = ground.path("").display().to_string();
        let environment = [("PATH", path.as_str()), ("GITEA_WORK_DIR", &home), ("HOME", &home)];
        type_in(text, &ground.path(""), &environment).await
    }

    /// An address of it.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.ground.url)
    }

    /// Logs somebody in as its button does; where that ends.
    pub async fn enter(&self, browser: &mut Browser, person: &Person) -> Page {
        let page = browser.get(&self.page("/user/oauth2/doorward")).await;
        if page.is_login() {
            return browser.log_in(&page, person).await;
        }
        page
    }

    /// What its interface answers to that administrator.
    pub async fn ask(&self, admin: &Person, path: &str) -> Value {
        self.answer(admin, reqwest::Method::GET, path, String::new()).await
    }

    /// Has that administrator make something through its interface.
    pub async fn found(&self, admin: &Person, path: &str, what: &Value) -> Value {
        self.answer(admin, reqwest::Method::POST, path, what.to_string()).await
    }

    async fn answer(&self, admin: &Person, method: reqwest::Method, path: &str, body: String) -> Value {
        let asking = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let asked = asking.request(method, self.page(&format!("/api/v1/{path}")));
        let asked = asked.basic_auth(&admin.name, Some(&admin.password));
        let answer = asked.header("content-type", "application/json").body(body).send().await;
        let answer = answer.expect("Gitea answers");
        let status = answer.status();
        let text = answer.text().await.expect("text");
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// What it has logged since it was started last.
    pub fn log(&self) -> String {
        let log = self.running.log();
        log.rsplit("Starting new Web server")
            .next()
            .unwrap_or_default()
            .to_owned()
    }
}
