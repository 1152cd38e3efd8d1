//! Programs for Node: real npm packages, and Chromium through them.

use std::{fs, time::Duration};

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::tools::Tools;

/// Folders of this crate with programs for Node.
const SOURCES: [&str; 3] = ["node", "browser", "providers"];

/// A folder with our programs beside the installed packages: modules are found beside the files that import them.
pub(crate) struct Workplace {
    folder: TempDir,
}

impl Workplace {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doorward-e2e-node-")
            .tempdir()
            .expect("a temporary folder");
        let modules = Tools::node_home().join("node_modules");
        std::os::unix::fs::symlink(modules, folder.path().join("node_modules")).expect("a link can be made");
        for source in SOURCES {
            let target = folder.path().join(source);
            fs::create_dir(&target).expect("a folder can be made");
            for entry in fs::read_dir(Tools::sources(source))
                .expect("the sources can be read")
                .flatten()
            {
                if entry.path().extension().is_some_and(|extension| extension == "mjs") {
                    fs::copy(entry.path(), target.join(entry.file_name())).expect("a file can be copied");
                }
            }
        }
        Self { folder }
    }

    /// Node with these arguments, and `config` as the environment variable `E2E`.
    pub(crate) fn node(&self, arguments: &str, config: &Value) -> Command {
        let mut command = Command::new("node");
        command
            .args(arguments.split(' '))
            .current_dir(self.folder.path())
            .env("E2E", config.to_string())
            .env("NODE_NO_WARNINGS", "1")
            .env_remove("HTTP_PROXY")
            .env_remove("http_proxy")
            .env_remove("HTTPS_PROXY")
            .env_remove("https_proxy")
            .stdin(std::process::Stdio::null())
            .kill_on_drop(true);
        command
    }
}

/// Runs the tests of `file`, a path in this crate, with `config` as the environment variable `E2E`. Panics with their report unless all pass.
pub async fn run_node(file: &str, config: &Value, seconds: u64) {
    let workplace = Workplace::new();
    let arguments = format!("--test --test-reporter=spec --test-concurrency=1 {file}");
    let mut command = workplace.node(&arguments, config);
    let ended = tokio::time::timeout(Duration::from_secs(seconds), command.output()).await;
    let output = ended
        .unwrap_or_else(|_| panic!("{file} was still running after {seconds} s"))
        .expect("node can be started");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{file}: {}\n{report}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    // A file without tests would pass too.
    assert!(
        report.contains("pass ") && !report.contains("pass 0"),
        "{file} tested nothing:\n{report}"
    );
    eprintln!("{report}");
}
