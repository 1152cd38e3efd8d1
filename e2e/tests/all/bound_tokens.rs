//! Tokens that are bound to keys, by npm openid-client v6.

use doorward_e2e::{Engine, Server, bounded, run_node};
use serde_json::{Map, Value, json};

/// Each application with the settings that make it different.
const APPS: &[(&str, &[&str])] = &[
    ("dpop", &["--dpop", "required"]),
    (
        "nonce",
        &["--dpop", "required-with-nonce", "--client-credentials", "true"],
    ),
    ("free", &[]),
    (
        "spa",
        &["--kind", "public", "--add-cors-origin", "https://spa.example.com"],
    ),
    (
        "keeps",
        &["--kind", "public", "--dpop", "required", "--refresh-tokens", "stay"],
    ),
    ("robot", &["--client-credentials", "true"]),
];

#[tokio::test]
async fn tokens_are_bound_to_keys_by_dpop_on_sqlite() {
    bounded(180, by_dpop(Engine::Sqlite)).await;
}

#[tokio::test]
async fn tokens_are_bound_to_keys_by_dpop_on_postgresql() {
    bounded(180, by_dpop(Engine::Postgres)).await;
}

async fn by_dpop(engine: Engine) {
    let server = Server::start_on(engine).await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let mut apps = Map::new();
    for (id, settings) in APPS {
        apps.insert((*id).to_owned(), add(&server, id, settings).await);
    }
    let config = json!({
        "issuer": server.url,
        "apps": apps,
        "person": { "name": alice.name, "password": alice.password },
    });
    run_node("node/bound_tokens.mjs", &config, 150).await;
}

/// An application, and its secret.
async fn add(server: &Server, id: &str, settings: &[&str]) -> Value {
    let mut command = vec!["app", "add", "generic", "http://127.0.0.1:9/", "--name", id];
    command.extend(["--group", "staff", "--consent", "skip", "--expects-refresh", "true"]);
    command.extend(["--add-redirect-uri", "http://127.0.0.1:9/callback"]);
    command.extend(["--request-scopes", "openid,profile,offline_access"]);
    command.extend(settings);
    server.json(&command).await;
    let secret = if settings.contains(&"public") {
        Value::Null
    } else {
        server.json(&["app", "secret", "show", id]).await["secret"].clone()
    };
    json!({ "secret": secret })
}
