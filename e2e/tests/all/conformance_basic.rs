//! The conformance plans Basic, Form Post, Config and a part of Dynamic, each module by its name (docs/conformance.md).

use doorward_e2e::{Engine, Server, Tools, bounded, run_node};
use serde_json::{Map, Value, json};

use crate::openid_client::{add, key_pair};

#[tokio::test]
async fn the_modules_of_the_plans_basic_form_post_and_config() {
    bounded(300, modules()).await;
}

async fn modules() {
    let server = Server::start_on(Engine::Sqlite).await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let more = [
        "user",
        "edit",
        "alice",
        "--attribute",
        "given_name=Alice",
        "--attribute",
        "phone_number=+44 20 7946 0000",
        "--attribute",
        r#"address={"locality":"London","country":"GB"}"#,
    ];
    server.json(&more).await;
    let keys = key_pair().await;
    let rsa = rsa_pair().await;
    let file = |name: &str, key: &Value| {
        let path = server.data().join(name);
        std::fs::write(&path, json!({ "keys": [key] }).to_string()).expect("the keys can be written");
        path.to_str().expect("a path of text").to_owned()
    };
    let (ec_file, rsa_file) = (file("ec.jwks", &keys["public"]), file("rsa.jwks", &rsa["public"]));
    let scopes = "openid,profile,email,address,phone,offline_access";
    let query = "http://127.0.0.1:9/callback?foo=bar";
    let second = "http://127.0.0.1:9/callback/second";
    let with_secret: &[(&str, &[&str])] = &[
        ("basic", &[]),
        ("second", &["--add-redirect-uri", second]),
        ("query", &["--add-redirect-uri", query]),
        ("signed", &["--userinfo-alg", "RS256"]),
        (
            "initiates",
            &[
                "--start-url",
                "http://127.0.0.1:9/home",
                "--initiate-login-uri",
                "http://127.0.0.1:9/start",
            ],
        ),
    ];
    let mut apps = Map::new();
    let usual = ["--consent", "skip", "--request-scopes", scopes];
    for (id, settings) in with_secret {
        add(&server, id, &[&usual, *settings].concat()).await;
        let secret = server.json(&["app", "secret", "show", id]).await["secret"].clone();
        apps.insert((*id).to_owned(), json!({ "secret": secret }));
    }
    for (id, jwks) in [("objects", &ec_file), ("rotates", &ec_file), ("rsa", &rsa_file)] {
        add(&server, id, &["--consent", "skip", "--jwks", jwks]).await;
        apps.insert(id.to_owned(), json!({}));
    }
    apps.insert(
        "keys".to_owned(),
        json!({ "private": keys["private"], "rsa": rsa["private"] }),
    );
    let config = json!({
        "issuer": server.url,
        "doorward": Tools::doorward(),
        "data": server.data(),
        "apps": apps,
        "person": { "name": alice.name, "password": alice.password },
    });
    run_node("node/conformance_basic.mjs", &config, 280).await;
}

/// A fresh RSA key pair as JWKs.
pub(crate) async fn rsa_pair() -> Value {
    let program = "const {privateKey, publicKey} = require('node:crypto').generateKeyPairSync('rsa', {modulusLength: 2048}); \
                   const more = {kid: 'rsa', alg: 'RS256', use: 'sig'}; \
                   console.log(JSON.stringify({private: {...privateKey.export({format: 'jwk'}), ...more, key_ops: undefined}, \
                   public: {...publicKey.export({format: 'jwk'}), ...more}}))";
    let output = tokio::process::Command::new("node")
        .args(["-e", program])
        .output()
        .await;
    serde_json::from_slice(&output.expect("node can be started").stdout).expect("a key pair")
}
