//! kubectl and kubelogin on somebody's machine, and the authenticator of Kubernetes' API server behind as much of a server as
//! `kubectl auth whoami` asks for (`e2e/kubernetes`): set up by the printed file and the printed commands.
//!
//! Source: its documentation, "Authenticating" (structured authentication), and kubelogin's "Usage".

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::process::Command;

use super::{Ground, printed::type_in};
use crate::{
    process::Running,
    tools::{Tools, output_folder},
};

static STARTS: AtomicU32 = AtomicU32::new(0);
/// How long kubelogin may take until it wants a browser, on a busy machine.
const OPENING: Duration = Duration::from_mins(1);

/// An API server of which one can only ask who one is.
pub struct ApiServer {
    running: Running,
    port: u16,
    asking: reqwest::Client,
}

/// A person's machine.
pub struct Machine {
    folder: PathBuf,
    ca: PathBuf,
}

impl ApiServer {
    /// Starts it with that file as its `--authentication-config`.
    pub async fn start(ground: &Ground, file: &str) -> Self {
        let file = ground.write("authentication.yaml", file);
        let command = Self::with(ground, &file);
        // A log of its own each time: what an earlier one said is not to be explained again.
        let time = STARTS.fetch_add(1, Ordering::Relaxed);
        let name = format!("kubernetes-{}-{time}", ground.port);
        let mut running = Running::start(&name, command, &output_folder("logs"));
        // Its certificate is nobody's business here.
        let asking = reqwest::Client::builder()
            .no_proxy()
            .tls_danger_accept_invalid_certs(true)
            .build()
            .expect("an HTTP client");
        running.says("listening").await;
        Self {
            running,
            port: ground.port,
            asking,
        }
    }

    /// Why it does not start with that file.
    pub async fn refuses(ground: &Ground, file: &str) -> String {
        let file = ground.write("authentication.yaml", file);
        let mut command = Self::with(ground, &file);
        let output = command.output().await.expect("it can be started");
        assert!(!output.status.success(), "it ends");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn with(ground: &Ground, file: &Path) -> Command {
        let mut command = Command::new(Tools::kubernetes().join("doorward-e2e-kubernetes"));
        command
            .arg("api")
            .arg(format!("127.0.0.1:{}", ground.port))
            .arg(file)
            .kill_on_drop(true);
        command
    }

    /// Waits until it has read what its issuer publishes; why it cannot, when it has not within so many seconds.
    pub async fn is_ready(&self, seconds: u64) -> Result<(), String> {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        loop {
            let asked = self.asking.get(format!("https://127.0.0.1:{}/readyz", self.port));
            let answer = asked.send().await.expect("it answers");
            if answer.status().is_success() {
                return Ok(());
            }
            let said = answer.text().await.expect("text");
            if Instant::now() > deadline {
                return Err(said);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Ends it; the next one may listen where it did.
    pub async fn stop(mut self) {
        self.running.kill().await;
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        self.running.log()
    }
}

impl Machine {
    /// A machine whose system store has that authority, with nothing configured but the cluster of `ground`.
    pub async fn of(ground: &Ground, name: &str, ca: &Path) -> Self {
        let folder = ground.path(name);
        let programs = folder.join("bin");
        fs::create_dir_all(&programs).expect("a folder can be made");
        let tools = Tools::kubernetes();
        for (program, link) in [
            ("doorward-e2e-kubernetes", "kubectl"),
            // As krew installs it.
            ("kubelogin", "kubectl-oidc_login"),
        ] {
            symlink(tools.join(program), programs.join(link)).expect("a link can be made");
        }
        for (script, text) in [
            ("kubectl-krew", ""),
            ("xdg-open", "printf %s \"$1\" > \"$HOME/opened\"\n"),
        ] {
            let script = programs.join(script);
            fs::write(&script, format!("#!/bin/sh\n{text}")).expect("a script can be written");
            fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it may be run");
        }
        let machine = Self {
            folder,
            ca: ca.to_owned(),
        };
        let cluster = format!(
            "kubectl config set-cluster house --server=https://127.0.0.1:{} --insecure-skip-tls-verify\n\
             kubectl config set-context house --cluster=house\nkubectl config use-context house",
            ground.port
        );
        machine.types(&cluster).await.expect("a cluster can be named");
        machine
    }

    /// Types that; what it said, or what it said when it failed.
    pub async fn types(&self, text: &str) -> Result<String, String> {
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", self.folder.join("bin").display());
        let (home, ca) = (self.folder.to_string_lossy(), self.ca.to_string_lossy());
        let environment = [
            ("PATH", path.as_str()),
            ("HOME", &home),
            ("SSL_CERT_FILE", &ca),
            ("DISPLAY", ":0"),
        ];
        type_in(text, &self.folder, &environment).await
    }

    /// The address that a browser was to open, once one was.
    pub async fn opened(&self) -> String {
        let deadline = Instant::now() + OPENING;
        loop {
            match fs::read_to_string(self.folder.join("opened")) {
                Ok(url) if !url.is_empty() => return url,
                _ => assert!(Instant::now() < deadline, "no browser was opened"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Who it takes the person for, with the tokens that it has.
    pub async fn who(&self) -> Result<Value, String> {
        let said = self.types("kubectl auth whoami -o json").await?;
        let mut review: Value = serde_json::from_str(&said).map_err(|error| format!("{error}: {said}"))?;
        Ok(review["status"]["userInfo"].take())
    }
}
