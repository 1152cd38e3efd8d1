//! Processes: started on a free port, watched, ended by their id, their logs shown when the test fails.

use std::{
    fs::File,
    future::Future,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

use tokio::process::{Child, Command};

/// A cold start on a busy machine takes this long at most.
const READY: Duration = Duration::from_mins(2);
/// What of a log is shown: the end tells why.
const LOG_TAIL: usize = 6_000;

/// A process of ours. Dropping it ends it.
pub struct Running {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts `command` with both its outputs in a log file.
    pub fn start(name: &str, mut command: Command, folder: &Path) -> Self {
        let log = folder.join(format!("{name}.log"));
        let file = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .expect("the log can be written");
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a second handle"))
            .stderr(file)
            .kill_on_drop(true);
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        Self {
            name: name.to_owned(),
            child,
            log,
        }
    }

    /// Waits until `url` answers at all.
    pub async fn answers(&mut self, url: &str) {
        self.answers_to(url, None).await;
    }

    /// The same over TLS, verified with that certificate.
    pub async fn answers_to(&mut self, url: &str, ca: Option<&reqwest::Certificate>) {
        let mut client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5));
        if let Some(ca) = ca {
            client = client.tls_certs_only([ca.clone()]);
        }
        let client = client.build().expect("an HTTP client");
        let deadline = Instant::now() + READY;
        while client.get(url).send().await.is_err() {
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("{} ended with {status} before it answered:\n{}", self.name, self.log());
            }
            assert!(
                Instant::now() < deadline,
                "{} does not answer at {url} after {READY:?}:\n{}",
                self.name,
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Waits until it has printed `words` and the rest of their line, and returns what it has said until then.
    pub async fn says(&mut self, words: &str) -> String {
        let deadline = Instant::now() + READY;
        loop {
            let log = self.log();
            if log.split_once(words).is_some_and(|(_, rest)| rest.contains('\n')) {
                return log;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("{} ended with {status} before it said {words:?}:\n{log}", self.name);
            }
            assert!(
                Instant::now() < deadline,
                "{} did not say {words:?} within {READY:?}:\n{log}",
                self.name
            );
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Ends it like a power cut (SIGKILL), and waits until it is gone.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("the process can be killed");
    }

    /// Asks it to stop (SIGTERM) and returns how it ended.
    pub async fn stop(&mut self, within: Duration) -> std::process::ExitStatus {
        let id = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(sent.is_ok_and(|status| status.success()), "SIGTERM could not be sent");
        tokio::time::timeout(within, self.child.wait())
            .await
            .unwrap_or_else(|_| panic!("{} did not stop within {within:?}:\n{}", self.name, self.log()))
            .expect("its end can be waited for")
    }

    /// Its id, while it runs.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let skip = text.len().saturating_sub(LOG_TAIL);
        let from = (skip..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text[from..].to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("── log of {}\n{}", self.name, self.log());
        }
    }
}

/// A loopback port that nobody listens on, below the range from which outgoing connections take theirs.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test programs that run at the same time begin at different places.
    let base = 20_000 + u16::try_from(std::process::id() % 120).unwrap_or_default() * 100;
    for _ in 0..10_000 {
        let port = base + NEXT.fetch_add(1, Ordering::Relaxed) % 12_000;
        if port < 32_000 && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port");
}

/// No test takes longer than `seconds`: one that hangs fails, and says so.
pub async fn bounded<T>(seconds: u64, test: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(seconds), test)
        .await
        .unwrap_or_else(|_| panic!("this test was still running after {seconds} s"))
}
