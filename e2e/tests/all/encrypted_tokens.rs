//! Encrypted tokens, signed introspection and subjects of a sector, by npm openid-client v6.

use doorward_e2e::{Engine, Server, bounded, run_node};
use serde_json::{Map, Value, json};

#[tokio::test]
async fn what_is_encrypted_for_an_application_is_read_by_it_on_sqlite() {
    bounded(180, read(Engine::Sqlite)).await;
}

#[tokio::test]
async fn what_is_encrypted_for_an_application_is_read_by_it_on_postgresql() {
    bounded(180, read(Engine::Postgres)).await;
}

async fn read(engine: Engine) {
    let mut server = Server::start_on(engine).await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let mut apps = Map::new();
    let all = [
        "--encrypt",
        "id_token,userinfo,introspection",
        "--introspection-alg",
        "ES256",
    ];
    for (id, alg, more) in [
        ("rsa", "RSA-OAEP-256", ["--userinfo-alg", "ES256"]),
        ("ec", "", ["--content-encryption", "A128GCM"]),
        ("wrapped", "ECDH-ES+A256KW", ["--userinfo-alg", "ES256"]),
    ] {
        let keys = key_pair(alg).await;
        let file = server.data().join(format!("{id}.jwks"));
        std::fs::write(&file, json!({ "keys": [keys["public"]] }).to_string()).expect("the key can be written");
        let file = file.to_string_lossy().into_owned();
        let settings = [&["--encryption-key", file.as_str()][..], &all, &more].concat();
        let mut app = add(&server, id, &settings).await;
        app["privateJwk"] = keys["private"].clone();
        apps.insert(id.to_owned(), app);
    }
    for (id, sector) in [
        ("plain", ""),
        ("sector-a", "a.example.com"),
        ("sector-a-too", "A.example.com"),
        ("sector-b", "b.example.com"),
    ] {
        let app = add(&server, id, &["--pairwise-sector", sector]).await;
        apps.insert(id.to_owned(), app);
    }
    let refused = server.cli(&["app", "edit", "plain", "--encrypt", "id_token"]).await;
    assert!(
        refused.code != 0 && refused.err.contains("--encryption-key"),
        "{}",
        refused.err
    );
    let config = json!({
        "issuer": server.url,
        "apps": apps,
        "person": { "name": alice.name, "password": alice.password },
    });
    run_node("node/encrypted.mjs", &config, 120).await;
    // Subjects are what applications have stored with their users: they outlive the process.
    let preview = ["app", "preview", "sector-a", "--user", "alice"];
    let before = server.json(&preview).await["id_token"]["sub"].clone();
    server.stop().await;
    server.restart().await;
    let after = server.json(&preview).await["id_token"]["sub"].clone();
    assert!(before.is_string() && before == after, "{before} {after}");
}

/// An application, and its secret.
async fn add(server: &Server, id: &str, settings: &[&str]) -> Value {
    let mut command = vec!["app", "add", "generic", "http://127.0.0.1:9/", "--name", id];
    command.extend(["--group", "staff", "--consent", "skip"]);
    command.extend(["--add-redirect-uri", "http://127.0.0.1:9/callback"]);
    command.extend(["--request-scopes", "openid,profile"]);
    command.extend(settings);
    server.json(&command).await;
    json!({ "secret": server.json(&["app", "secret", "show", id]).await["secret"] })
}

/// A fresh key pair as JWKs.
async fn key_pair(alg: &str) -> Value {
    let kind = if alg.starts_with("RSA") {
        "'rsa', {modulusLength: 2048}"
    } else {
        "'ec', {namedCurve: 'P-256'}"
    };
    let alg = if alg.is_empty() {
        String::new()
    } else {
        format!(", alg: '{alg}'")
    };
    let program = format!(
        "const {{privateKey, publicKey}} = require('node:crypto').generateKeyPairSync({kind}); \
         const more = {{kid: 'e2e', use: 'enc'{alg}}}; \
         console.log(JSON.stringify({{private: {{...privateKey.export({{format: 'jwk'}}), kid: 'e2e'}}, \
         public: {{...publicKey.export({{format: 'jwk'}}), ...more}}}}))"
    );
    let output = tokio::process::Command::new("node")
        .args(["-e", &program])
        .output()
        .await;
    serde_json::from_slice(&output.expect("node can be started").stdout).expect("a key pair")
}
