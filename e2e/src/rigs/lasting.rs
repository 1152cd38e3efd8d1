//! A process for all tests of this program: too slow to start for each of them.

use std::{
    fs::File,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::tools::output_folder;

/// Starts a program and, with the end of our own, whichever way it comes, asks it to stop: its shell reads an input that
/// ends with us.
const UNTIL_WE_END: &str = r#""$@" </dev/null & program=$!; cat >/dev/null; kill $program 2>/dev/null; wait"#;

/// A process that ends with this program.
pub(super) struct Lasting {
    /// Holds the input open.
    child: Child,
    log: PathBuf,
    name: &'static str,
}

impl Lasting {
    /// Runs `program` with its outputs in a log file.
    pub(super) fn start(name: &'static str, program: &[&str], environment: &[(&str, &str)]) -> Self {
        let log = output_folder("logs").join(format!("{name}-{}.log", std::process::id()));
        let file = File::create(&log).expect("the log can be written");
        let child = Command::new("sh")
            .args(["-c", UNTIL_WE_END, name])
            .args(program)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(file.try_clone().expect("a second handle"))
            .stderr(file)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        Self { child, log, name }
    }

    /// Asks it to stop and waits until it is gone; panics after `patience`.
    pub(super) async fn stop(&mut self, patience: Duration) {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + patience;
        while self.child.try_wait().is_ok_and(|status| status.is_none()) {
            assert!(
                Instant::now() < deadline,
                "{} did not stop within {patience:?}",
                self.name
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until `url` answers with success; panics after `patience`, or when the process is gone.
    pub(super) async fn ready(&mut self, url: &str, patience: Duration) {
        let client = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let deadline = Instant::now() + patience;
        loop {
            let answer = client.get(url).timeout(Duration::from_secs(5)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            let log = || std::fs::read_to_string(&self.log).unwrap_or_default();
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("{} ended with {status} before it answered:\n{}", self.name, log());
            }
            assert!(
                Instant::now() < deadline,
                "{} does not answer at {url} after {patience:?}:\n{}",
                self.name,
                log()
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}
