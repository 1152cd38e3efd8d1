//! The conformance plan Dynamic OP, as far as it is about registering, each module by its name (docs/conformance.md).

use doorward_e2e::{Server, bounded, run_node};
use serde_json::json;

use crate::openid_client::key_pair;

#[tokio::test]
async fn the_modules_of_the_plan_dynamic_about_registering() {
    bounded(180, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let policy = ["app", "registration", "set", "--mode", "token", "--groups", "staff"];
        server.json(&policy).await;
        let words = ["app", "registration", "token", "add", "--label", "tests"];
        let token = server.json(&words).await;
        let keys = key_pair().await;
        let config = json!({
            "issuer": server.url,
            "apps": { "keys": { "private": keys["private"] }, "initialAccessToken": token["token"] },
            "person": { "name": alice.name, "password": alice.password },
        });
        run_node("node/conformance_dynamic.mjs", &config, 120).await;
    })
    .await;
}
