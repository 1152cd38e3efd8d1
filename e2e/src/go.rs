//! The client on Go's own libraries, `e2e/goclient`: a program that says one line of JSON for each thing a test has to know.

use std::process::Stdio;

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::tools::Tools;

/// The program while it runs.
pub struct Go {
    _process: Child,
    out: Lines<BufReader<ChildStdout>>,
    input: ChildStdin,
}

impl Go {
    /// Starts it to log in that way, with this environment.
    pub fn start(way: &str, environment: &[(&str, &str)]) -> Self {
        let mut process = Command::new(Tools::go_client())
            .arg(way)
            .envs(environment.iter().copied())
            .env_remove("HTTP_PROXY")
            .env_remove("http_proxy")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the client can be started");
        let out = BufReader::new(process.stdout.take().expect("its output")).lines();
        let input = process.stdin.take().expect("its input");
        Self {
            _process: process,
            out,
            input,
        }
    }

    /// Starts it to log in at that issuer with client id, secret and redirect URI.
    pub fn start_at(issuer: &str, (id, secret, redirect_uri): (&str, &str, &str), way: &str) -> Self {
        let environment = [
            ("ISSUER", issuer),
            ("CLIENT_ID", id),
            ("CLIENT_SECRET", secret),
            ("REDIRECT_URI", redirect_uri),
        ];
        Self::start(way, &environment)
    }

    /// The next thing that it says, which is no error.
    pub async fn said(&mut self) -> Value {
        let line = self.out.next_line().await.expect("its output can be read");
        let said: Value = serde_json::from_str(&line.expect("it says something")).expect("it speaks JSON");
        assert!(said["error"].is_null(), "{said}");
        said
    }

    /// Tells it where the browser came back to.
    pub async fn hear(&mut self, url: &url::Url) {
        let line = format!("{url}\n");
        self.input.write_all(line.as_bytes()).await.expect("it listens");
    }
}
