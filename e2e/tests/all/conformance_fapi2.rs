//! The conformance plans FAPI 2.0 Security Profile and Message Signing, each module by its name (docs/conformance.md).

use doorward_e2e::{Browser, Client, Engine, Server, Tools, bounded, run_node};
use serde_json::{Map, json};

use crate::{
    conformance_basic::rsa_pair,
    openid_client::{add, key_pair},
};

#[tokio::test]
async fn the_modules_of_the_plans_of_fapi_2() {
    bounded(300, modules()).await;
}

async fn modules() {
    let server = Server::start_on(Engine::Sqlite).await;
    server.json(&["group", "add", "staff"]).await;
    let alice = server.add_person("alice", "Alice Archer", &["staff"]).await;
    let (keys, rsa) = (key_pair().await, rsa_pair().await);
    let jwks = server.data().join("fapi.jwks");
    let both = json!({ "keys": [keys["public"], rsa["public"]] });
    std::fs::write(&jwks, both.to_string()).expect("the keys can be written");
    let jwks = jwks.to_str().expect("a path of text");
    for (id, settings) in [
        ("fapi", &["--consent", "skip", "--profile", "fapi2"][..]),
        ("strict", &["--consent", "skip", "--profile", "fapi2-signing"]),
        ("asks", &["--consent", "ask", "--profile", "fapi2"]),
        (
            "late",
            &["--consent", "skip", "--profile", "fapi2", "--lifetime", "code=10"],
        ),
    ] {
        add(&server, id, &[&["--jwks", jwks], settings].concat()).await;
    }
    let shown = server.json(&["app", "show", "strict"]).await;
    let requirements = shown["requests"]["profile_requirements"].as_array().expect("a list");
    assert!(requirements.len() >= 9, "{shown}");
    assert!(requirements.iter().all(|one| one["holds"] == true), "{shown}");
    let mut apps = Map::new();
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
    run_node("node/conformance_fapi2.mjs", &config, 280).await;
}

#[tokio::test]
async fn fapi2_security_profile_final_par_attempt_to_use_expired_request_uri() {
    bounded(120, async {
        let server = Server::start().await;
        server.json(&["group", "add", "staff"]).await;
        let client = Client::add(&server, "wiki", "staff", &["--require-pushed", "true"]).await;
        let url = url::Url::parse(&client.authorize_url(&[])).expect("a URL");
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let form: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
        let pushed = client.try_post("par", &form).await.expect("the endpoint answers");
        assert_eq!(pushed.status, 201, "{}", pushed.body);
        let uri = pushed.text("request_uri");
        // At rest nobody reads what was asked.
        let challenge = pairs
            .iter()
            .find(|(name, _)| name == "code_challenge")
            .expect("PKCE")
            .1
            .clone();
        let at_rest =
            ["doorward.db", "doorward.db-wal"].map(|name| std::fs::read(server.data().join(name)).unwrap_or_default());
        let holds = |text: &str| {
            at_rest
                .iter()
                .any(|file| file.windows(text.len()).any(|part| part == text.as_bytes()))
        };
        assert!(
            holds("http://127.0.0.1:9/") && !holds(&challenge),
            "what was pushed is readable at rest"
        );
        let mut at = url.clone();
        at.set_query(None);
        at.query_pairs_mut()
            .append_pair("client_id", "wiki")
            .append_pair("request_uri", uri);
        let mut browser = Browser::new();
        assert!(browser.get(at.as_str()).await.is_login());
        server.sql("UPDATE pushed_requests SET expires_at = created_at").await;
        let page = browser.get(at.as_str()).await;
        page.says("expired or was used");
    })
    .await;
}
