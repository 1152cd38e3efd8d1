//! npm openid-client v6 and its whole code-flow surface, on both engines.

use doorward_e2e::{Engine, Server, Tools, bounded, run_node};
use serde_json::{Map, Value, json};

/// Each application with the settings that make it different.
const APPS: &[(&str, &[&str])] = &[
    ("basic", &["--consent", "skip"]),
    ("asks", &["--consent", "ask"]),
    ("unasked", &["--consent", "ask"]),
    (
        "public",
        &["--consent", "skip", "--kind", "public", "--authentication", "none"],
    ),
    ("rs256", &["--consent", "skip", "--id-token-alg", "RS256"]),
    ("ps256", &["--consent", "skip", "--id-token-alg", "PS256"]),
    (
        "es256",
        &[
            "--consent",
            "skip",
            "--id-token-alg",
            "ES256",
            "--access-token-alg",
            "ES256",
        ],
    ),
    (
        "eddsa",
        &[
            "--consent",
            "skip",
            "--id-token-alg",
            "EdDSA",
            "--access-token-alg",
            "EdDSA",
        ],
    ),
    ("own", &["--consent", "skip", "--issuer", "own"]),
    ("lenient", &["--consent", "skip", "--weaken-pkce-if-sent"]),
    ("signed", &["--consent", "skip", "--userinfo-alg", "ES256"]),
    ("robot", &["--client-credentials", "true"]),
    ("late", &["--consent", "skip", "--lifetime", "code=10"]),
];

#[tokio::test]
async fn every_way_of_openid_client_works_on_sqlite() {
    bounded(300, surface(Engine::Sqlite)).await;
}

#[tokio::test]
async fn every_way_of_openid_client_works_on_postgresql() {
    bounded(300, surface(Engine::Postgres)).await;
}

async fn surface(engine: Engine) {
    let server = Server::start_on(engine).await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let mut apps = Map::new();
    for (id, settings) in APPS {
        add(&server, id, settings).await;
        let secret = if *id == "public" {
            Value::Null
        } else {
            server.json(&["app", "secret", "show", id]).await["secret"].clone()
        };
        apps.insert((*id).to_owned(), json!({ "secret": secret }));
    }
    server.json(&["group", "add", "board"]).await;
    add(&server, "closed", &["--consent", "skip"]).await;
    server.json(&["app", "allow", "closed", "board"]).await;
    server.json(&["app", "deny", "closed", "staff"]).await;
    let closed = server.json(&["app", "secret", "show", "closed"]).await;
    apps.insert("closed".to_owned(), json!({ "secret": closed["secret"] }));
    let keys = key_pair().await;
    let jwks = server.data().join("key.jwks");
    std::fs::write(&jwks, json!({ "keys": [keys["public"]] }).to_string()).expect("the keys can be written");
    let jwks = jwks.to_str().expect("a path of text");
    let settings = [
        "--consent",
        "skip",
        "--authentication",
        "private_key_jwt",
        "--jwks",
        jwks,
    ];
    add(&server, "key", &settings).await;
    apps.insert("key".to_owned(), json!({ "privateJwk": keys["private"] }));

    let config = json!({
        "issuer": server.url,
        "doorward": Tools::doorward(),
        "data": server.data(),
        "own": format!("{}/apps/own", server.url),
        "apps": apps,
        "person": { "name": alice.name, "password": alice.password },
    });
    run_node("node/openid_client.mjs", &config, 240).await;
}

pub(crate) async fn add(server: &Server, id: &str, settings: &[&str]) {
    let mut command = vec![
        "app",
        "add",
        "generic",
        "http://127.0.0.1:9/",
        "--name",
        id,
        "--group",
        "staff",
    ];
    command.extend(["--add-redirect-uri", "http://127.0.0.1:9/callback"]);
    command.extend(["--request-scopes", "openid,profile,email,groups,offline_access"]);
    command.extend(settings);
    server.json(&command).await;
}

/// A fresh key pair as JWKs: no private key is kept in a repository, not even one for tests.
pub(crate) async fn key_pair() -> Value {
    let program = "const {privateKey, publicKey} = require('node:crypto').generateKeyPairSync('ec', {namedCurve: 'P-256'}); \
                   const more = {kid: 'e2e', alg: 'ES256', use: 'sig'}; \
                   console.log(JSON.stringify({private: privateKey.export({format: 'jwk'}), \
                   public: {...publicKey.export({format: 'jwk'}), ...more}}))";
    let output = tokio::process::Command::new("node")
        .args(["-e", program])
        .output()
        .await;
    serde_json::from_slice(&output.expect("node can be started").stdout).expect("a key pair")
}
