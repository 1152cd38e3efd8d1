//! Programs for Node: real npm packages, and Chromium through them.

use std::{fs, time::Duration};

use serde_json::Value;
use tokio::process::Command;

use crate::tools::Tools;

/// Runs the tests of `file`, a path in this crate, with `config` as the environment variable `E2E`. Panics with their report unless all pass.
pub async fn run_node(file: &str, config: &Value, seconds: u64) {
    // Modules are found beside the files that import them, so the files come to the modules.
    let folder = tempfile::Builder::new()
        .prefix("doorward-e2e-node-")
        .tempdir()
        .expect("a temporary folder");
    std::os::unix::fs::symlink(
        Tools::node_home().join("node_modules"),
        folder.path().join("node_modules"),
    )
    .expect("a link can be made");
    for source in ["node", "browser"] {
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
    let mut command = Command::new("node");
    command
        .args(["--test", "--test-reporter=spec", "--test-concurrency=1", file])
        .current_dir(folder.path())
        .env("E2E", config.to_string())
        .env("NODE_NO_WARNINGS", "1")
        .env_remove("HTTP_PROXY")
        .env_remove("http_proxy")
        .env_remove("HTTPS_PROXY")
        .env_remove("https_proxy")
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
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
