//! npm openid-client v6 with pushed, signed and fetched requests, signed answers, resources and authorization details.

use doorward_e2e::{Engine, Server, Tools, bounded, run_node};
use serde_json::{Map, json};

use crate::openid_client::{add, key_pair};

const API: &str = "https://one.example.com/api";

#[tokio::test]
async fn every_form_of_a_request_works_with_openid_client_on_sqlite() {
    bounded(240, requests(Engine::Sqlite)).await;
}

#[tokio::test]
async fn every_form_of_a_request_works_with_openid_client_on_postgresql() {
    bounded(240, requests(Engine::Postgres)).await;
}

async fn requests(engine: Engine) {
    let server = Server::start_on(engine).await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let keys = key_pair().await;
    let jwks = server.data().join("key.jwks");
    std::fs::write(&jwks, json!({ "keys": [keys["public"]] }).to_string()).expect("the keys can be written");
    let jwks = jwks.to_str().expect("a path of text");
    let mut apps = Map::new();
    let with_secret: &[(&str, &[&str])] = &[
        ("plain", &["--consent", "skip"]),
        ("pushes", &["--consent", "skip", "--require-pushed", "true"]),
        (
            "answered",
            &[
                "--consent",
                "skip",
                "--require-signed-response",
                "true",
                "--id-token-alg",
                "ES256",
            ],
        ),
        (
            "calls",
            &[
                "--add-resource",
                API,
                "--add-resource",
                "https://other.example.com/",
                "--add-resource",
                "http://127.0.0.1:9",
            ],
        ),
        ("robot", &["--client-credentials", "true", "--add-resource", API]),
        (
            "pays",
            &["--consent", "skip", "--add-detail-type", "payment_initiation"],
        ),
    ];
    for (id, settings) in with_secret {
        add(&server, id, settings).await;
        let secret = server.json(&["app", "secret", "show", id]).await["secret"].clone();
        apps.insert((*id).to_owned(), json!({ "secret": secret }));
    }
    let signs = ["--consent", "skip", "--jwks", jwks, "--require-signed-requests", "true"];
    add(&server, "signs", &signs).await;
    add(
        &server,
        "strict",
        &["--consent", "skip", "--jwks", jwks, "--profile", "fapi2-signing"],
    )
    .await;
    add(
        &server,
        "publishes",
        &["--consent", "skip", "--jwks", jwks, "--client-credentials", "true"],
    )
    .await;
    for id in ["signs", "strict", "publishes"] {
        apps.insert(id.to_owned(), json!({}));
    }
    apps.insert("keys".to_owned(), json!({ "private": keys["private"] }));
    let config = json!({
        "issuer": server.url,
        "doorward": Tools::doorward(),
        "data": server.data(),
        "apps": apps,
        "person": { "name": alice.name, "password": alice.password },
    });
    run_node("node/requests.mjs", &config, 200).await;
}
