//! The conformance plan FAPI-CIBA (poll), about how clients prove themselves, each module by its name (docs/conformance.md).

use doorward_e2e::{Server, bounded, run_node};
use serde_json::json;

use crate::{
    conformance_basic::rsa_pair,
    openid_client::{add, key_pair},
};

#[tokio::test]
async fn the_modules_of_the_plan_of_ciba_about_clients() {
    bounded(180, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
        let (keys, rsa) = (key_pair().await, rsa_pair().await);
        let jwks = server.data().join("ciba.jwks");
        let both = json!({ "keys": [keys["public"], rsa["public"]] });
        std::fs::write(&jwks, both.to_string()).expect("the keys can be written");
        let jwks = jwks.to_str().expect("a path of text");
        let settings = [
            "--jwks",
            jwks,
            "--consent",
            "skip",
            "--profile",
            "fapi2",
            "--ciba",
            "signed",
        ];
        for id in ["bank", "other"] {
            add(&server, id, &settings).await;
        }
        let config = json!({
            "issuer": server.url,
            "apps": { "keys": { "private": keys["private"], "rsa": rsa["private"] } },
            "person": { "name": alice.name, "password": alice.password },
        });
        run_node("node/conformance_ciba.mjs", &config, 120).await;
    })
    .await;
}
