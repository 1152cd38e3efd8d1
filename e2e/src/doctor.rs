//! `doorward doctor app` at an application of a test.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::server::Server;

/// The applications of these tests are at home on the server's own machine, which has to be said once.
pub async fn may_be_here(server: &Server, app: &str) {
    server
        .json(&["app", "edit", app, "--weaken-logout-private-address", "true"])
        .await;
}

/// What the command says, and whether its exit status says the same.
pub async fn looked(server: &Server, app: &str) -> Value {
    let ran = server.cli(&["--json", "doctor", "app", app, "--user", "alice"]).await;
    let body: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    assert_eq!(body["usable"] == json!(true), ran.code == 0, "{ran:?}");
    body
}

/// Once an application has been silent for so long, a trace concludes that it will stay so.
pub async fn silence(since: Instant) {
    let left = Duration::from_millis(5_300).saturating_sub(since.elapsed());
    tokio::time::sleep(left).await;
}
