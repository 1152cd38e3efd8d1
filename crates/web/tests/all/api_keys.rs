//! Signing keys, through the API and the command line.
#![allow(
    clippy::indexing_slicing,
    reason = "a document without what is looked for fails the test"
)]

use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
use data_encoding::BASE64;
use doorward_jose::{Algorithm, SigningKey, SystemRandom};
use doorward_store::MasterKey;
use http::StatusCode;
use serde_json::{Value, json};

use crate::api_server::Api;

/// Worth nothing by its size: 1024 bits. No other private key is kept here.
const WEAK: &str = include_str!("../keys/rsa-1024.pem");

/// PKCS#8 as a file has it.
fn pem(label: &str, der: &[u8]) -> String {
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        BASE64.encode(der)
    )
}

fn key(algorithm: Algorithm) -> String {
    pem("PRIVATE KEY", SigningKey::generate(algorithm).unwrap().pkcs8.expose())
}

/// A curve that no algorithm here is for.
fn p384() -> String {
    let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
    pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref())
}

async fn with_keys() -> Api {
    let api = Api::start().await;
    api.state.keys.rotate(crate::api_server::now()).await.unwrap();
    api
}

async fn keys(api: &Api) -> Vec<Value> {
    let list = api.call("get", "/api/v1/keys", Value::Null).await.body;
    list["items"].as_array().unwrap().clone()
}

/// The ids of one algorithm's keys in a state.
async fn of(api: &Api, alg: &str, state: &str) -> Vec<String> {
    let all = keys(api).await;
    let wanted = all.iter().filter(|key| key["alg"] == alg && key["state"] == state);
    wanted.map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn events(api: &Api) -> Vec<String> {
    let list = api.call("get", "/api/v1/events?action=key", Value::Null).await.body;
    let items = list["items"].as_array().unwrap();
    items
        .iter()
        .map(|event| event["action"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_turned_by_hand_is_published_before_it_signs_or_signs_at_once() {
    let api = with_keys().await;
    let before = of(&api, "ES256", "active").await;
    let ran = api.run("key rotate --algorithm ES256").await;
    assert_eq!(ran.code, "0", "{ran:?}");
    let next = of(&api, "ES256", "next").await;
    assert_eq!((next.len(), of(&api, "ES256", "active").await), (1, before.clone()));
    assert_eq!(of(&api, "RS256", "next").await.len(), 0, "only what was asked for");
    api.run("key rotate --algorithm ES256").await;
    assert_eq!(of(&api, "ES256", "next").await, next, "once is enough");

    let turned = api
        .call("post", "/api/v1/keys/rotate", json!({"alg": "ES256", "at_once": true}))
        .await;
    assert_eq!(turned.status, StatusCode::OK);
    assert_eq!(of(&api, "ES256", "active").await, next);
    assert_eq!(
        of(&api, "ES256", "retiring").await,
        before,
        "what it signed can still be verified"
    );
    assert_eq!(events(&api).await[..3], ["key.retire", "key.activate", "key.make"]);
    let wrong = api.call("post", "/api/v1/keys/rotate", json!({"alg": "HS256"})).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(
        wrong.body["detail"].as_str().unwrap().contains("RS256"),
        "{:?}",
        wrong.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_somebody_else_may_have_is_gone_at_once_and_another_one_signs() {
    let api = with_keys().await;
    let lost = of(&api, "EdDSA", "active").await.remove(0);
    let asked = api.run(&format!("key retire {lost}")).await;
    assert_eq!(asked.code, "2", "a script says that it means it: {asked:?}");
    for unknown in ["key retire -Yonder --yes", "key retire --yes -Yonder"] {
        let none = api.run(unknown).await;
        assert!(
            none.code == "1" && none.err.contains("-Yonder"),
            "an id may begin with a hyphen: {none:?}"
        );
    }
    let ran = api.run(&format!("key retire {lost} --yes")).await;
    assert_eq!(ran.code, "0", "{ran:?}");
    let active = of(&api, "EdDSA", "active").await;
    assert!(active.len() == 1 && active[0] != lost);
    assert_eq!(of(&api, "EdDSA", "retired").await, std::slice::from_ref(&lost));
    let again = api
        .call("post", &format!("/api/v1/keys/{lost}/retire"), Value::Null)
        .await;
    assert_eq!(
        (again.status, &again.body["code"]),
        (StatusCode::NOT_FOUND, &json!("no_such_key"))
    );
    assert!(events(&api).await.contains(&"key.withdraw".to_owned()));
    let row = {
        let rows = api.state.store.read(doorward_store::signing_keys::all).await.unwrap();
        rows.into_iter().find(|row| row.kid == lost).unwrap()
    };
    assert!(row.sealed.is_empty(), "its private half is forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_provider_is_brought_along_with_its_name() {
    let api = with_keys().await;
    let file = api.data.path().join("key.pem");
    std::fs::write(&file, key(Algorithm::RS256)).unwrap();
    let before = of(&api, "RS256", "active").await;
    let line = format!(
        "key import {} --algorithm RS256 --id keycloak-1 --at-once",
        file.display()
    );
    let ran = api.run(&line).await;
    assert_eq!(ran.code, "0", "{ran:?}");
    assert_eq!(of(&api, "RS256", "active").await, ["keycloak-1"]);
    assert_eq!(of(&api, "RS256", "retiring").await, before);
    let again = api.run(&line).await;
    assert!(
        again.err.contains("key_exists") || again.err.contains("already"),
        "{again:?}"
    );

    for (alg, pem) in [("ES256", key(Algorithm::ES256)), ("EdDSA", key(Algorithm::EdDSA))] {
        let answer = api
            .call("post", "/api/v1/keys/import", json!({"alg": alg, "pem": pem}))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        assert_eq!(of(&api, alg, "next").await.len(), 1, "published first");
        assert!(
            !answer.body.to_string().contains("PRIVATE"),
            "nothing of it is shown again"
        );
    }
    api.call("post", "/api/v1/keys/keycloak-1/retire", Value::Null).await;
    let back = api.run(&line).await;
    assert_ne!(back.code, "0", "a key that was retired does not come back: {back:?}");
    let retired = std::fs::read_to_string(&file).unwrap();
    for (alg, kid) in [
        ("RS256", Some("keycloak-2")),
        ("RS256", None),
        ("PS256", Some("keycloak-3")),
    ] {
        let back = api
            .call(
                "post",
                "/api/v1/keys/import",
                json!({"alg": alg, "pem": retired, "kid": kid}),
            )
            .await;
        assert_eq!(
            (back.status, &back.body["code"]),
            (StatusCode::CONFLICT, &json!("key_exists")),
            "nor under another name: {:?}",
            back.body
        );
        assert!(back.body["detail"].as_str().unwrap().contains("keycloak-1"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_must_not_sign_is_refused_and_says_why() {
    let api = with_keys().await;
    let before = keys(&api).await;
    let (rsa, p256, p384) = (key(Algorithm::RS256), key(Algorithm::ES256), p384());
    let (old_form, locked) = (pem("RSA PRIVATE KEY", b"1"), pem("ENCRYPTED PRIVATE KEY", b"1"));
    for (alg, pem, kid, said) in [
        ("RS256", WEAK, None, "2048"),
        ("PS256", WEAK, None, "2048"),
        ("ES256", p384.as_str(), None, "P-256"),
        ("ES256", &rsa, None, "P-256"),
        ("RS256", &p256, None, "RSA"),
        ("EdDSA", &p256, None, "Ed25519"),
        ("RS256", &old_form, None, "PKCS#8"),
        ("ES256", &locked, None, "PKCS#8"),
        ("ES256", "", None, "PEM"),
        (
            "ES256",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            None,
            "P-256",
        ),
        (
            "ES256",
            "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----",
            None,
            "PEM",
        ),
        ("ES256", &p256, Some("two words"), "visible ASCII"),
        ("ES256", &p256, Some(""), "visible ASCII"),
    ] {
        let answer = api
            .call(
                "post",
                "/api/v1/keys/import",
                json!({"alg": alg, "pem": pem, "kid": kid}),
            )
            .await;
        let told = format!("{alg} {said}: {:?}", answer.body);
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (StatusCode::BAD_REQUEST, &json!("signing_key_unusable")),
            "{told}"
        );
        assert!(answer.body["detail"].as_str().unwrap().contains(said), "{told}");
        assert!(answer.body["remedy"].is_string(), "{told}");
    }
    let long = format!("{p256}{}", "x".repeat(20_000));
    let answer = api
        .call("post", "/api/v1/keys/import", json!({"alg": "ES256", "pem": long}))
        .await;
    assert_eq!(answer.body["code"], "signing_key_unusable");
    assert_eq!(keys(&api).await, before, "nothing was kept of any");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_turn_by_themselves_as_often_as_was_set_or_never() {
    let api = with_keys().await;
    let began = crate::api_server::now();
    let shown = api.run("setting show").await;
    assert!(shown.out.contains("90 days"), "{shown:?}");
    let days = |days: i64| began + jiff::SignedDuration::from_hours(24 * days);
    let ran = api.run("setting edit --key-rotation never").await;
    assert!(ran.out.contains("as long as nobody turns it"), "{ran:?}");
    api.state.keys.rotate(days(400)).await.unwrap();
    assert_eq!(of(&api, "ES256", "next").await.len(), 0);
    let ran = api.run("setting edit --key-rotation 7").await;
    assert!(ran.out.contains("7 days"), "{ran:?}");
    for (refused, said) in [("6", "7 to 3650"), ("3651", "7 to 3650"), ("often", "`never`")] {
        let ran = api.run(&format!("setting edit --key-rotation {refused}")).await;
        assert!(ran.code != "0" && ran.err.contains(said), "{ran:?}");
    }
    api.state.keys.rotate(days(400)).await.unwrap();
    let next = of(&api, "ES256", "next").await;
    assert_eq!(next.len(), 1, "published ahead");
    api.state.keys.rotate(days(403)).await.unwrap();
    assert_eq!(of(&api, "ES256", "active").await, next);
    assert_eq!(of(&api, "ES256", "retiring").await.len(), 1);
    api.state.keys.rotate(days(406)).await.unwrap();
    assert_eq!(of(&api, "ES256", "retired").await.len(), 1);
    let events = api
        .call("get", "/api/v1/events?action=key&limit=100", Value::Null)
        .await
        .body;
    let withdrawn = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|event| event["action"] == "key.withdraw");
    assert_eq!(withdrawn.unwrap()["data"]["before_its_time"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_key_from_elsewhere_is_changed_elsewhere() {
    let api = with_keys().await;
    let shown = api.run("master-key show").await;
    assert!(shown.out.contains("from a test"), "{shown:?}");
    let refused = api.run("master-key rotate").await;
    assert!(refused.err.contains("openssl rand -base64 32"), "{refused:?}");
    let refused = api.call("post", "/api/v1/master-key/forget", Value::Null).await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (StatusCode::CONFLICT, &json!("master_key_elsewhere"))
    );
}

/// Whether a server that started now, with the file as it is, would open what the database has sealed.
async fn would_start(api: &Api) -> bool {
    let master = MasterKey::read(&api.data.path().join("master.key")).unwrap();
    let now = crate::api_server::now();
    let read = move |tx: &mut doorward_store::Tx<'_>| doorward_store::data_keys::refresh(tx, &master, now);
    api.state
        .store
        .read::<_, doorward_store::data_keys::DataKeyError>(read)
        .await
        .is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_only_the_file_knows_yet_is_in_charge_before_older_ones_are_forgotten() {
    let api = Api::start_with_key_file().await;
    let file = api.data.path().join("master.key");
    let (ran, leftover) = (api.run("master-key rotate").await, "master.key.0123456789abcdef");
    assert_eq!(ran.code, "0", "{ran:?}");
    // What a change leaves that fails between file and database, and somebody who puts a line in front.
    let ahead = MasterKey::renew_file(&file, &SystemRandom).unwrap();
    std::fs::copy(&file, api.data.path().join(leftover)).unwrap();
    assert!(would_start(&api).await);
    let forgotten = api.call("post", "/api/v1/master-key/forget", Value::Null).await;
    assert_eq!(forgotten.status, StatusCode::OK, "{:?}", forgotten.body);
    assert_eq!(
        forgotten.body["keys"].as_array().map(Vec::len),
        Some(1),
        "{:?}",
        forgotten.body
    );
    assert!(would_start(&api).await, "the file opens the database");
    assert_eq!(MasterKey::read(&file).unwrap().id(), ahead.id());
    assert!(!api.data.path().join(leftover).exists(), "no forgotten key lies about");

    // A file without the key that the database needs is not made shorter.
    let other = tempfile::tempdir().unwrap();
    MasterKey::read_or_create(&other.path().join("master.key"), &SystemRandom).unwrap();
    MasterKey::renew_file(&other.path().join("master.key"), &SystemRandom).unwrap();
    std::fs::copy(other.path().join("master.key"), &file).unwrap();
    let before = std::fs::read(&file).unwrap();
    let refused = api.call("post", "/api/v1/master-key/forget", Value::Null).await;
    assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR, "{:?}", refused.body);
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_master_key_takes_over_though_whoever_asked_for_it_hung_up() {
    let api = Api::start_with_key_file().await;
    let rotate = api.call("post", "/api/v1/master-key/rotate", Value::Null);
    let hung_up = tokio::time::timeout(std::time::Duration::ZERO, rotate).await;
    assert!(hung_up.is_err(), "{hung_up:?}");
    let shown = || api.call("get", "/api/v1/master-key", Value::Null);
    for _ in 0..200 {
        if shown().await.body["keys"].as_array().map(Vec::len) == Some(2) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let keys = shown().await.body["keys"].clone();
    assert_eq!(keys.as_array().map(Vec::len), Some(2), "{keys:?}");
    assert_eq!((&keys[0]["needed"], &keys[1]["needed"]), (&json!(true), &json!(false)));
    assert!(would_start(&api).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_master_keys_that_is_full_is_said_to_be() {
    let api = Api::start_with_key_file().await;
    let file = api.data.path().join("master.key");
    while MasterKey::renew_file(&file, &SystemRandom).is_ok() {}
    let before = std::fs::read(&file).unwrap();
    let refused = api.call("post", "/api/v1/master-key/rotate", Value::Null).await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (StatusCode::CONFLICT, &json!("master_keys_full")),
        "{:?}",
        refused.body
    );
    assert!(refused.body["remedy"].as_str().unwrap().contains("master-key forget"));
    assert_eq!(std::fs::read(&file).unwrap(), before);
    let forgotten = api.run("master-key forget --yes").await;
    assert_eq!(forgotten.code, "0", "{forgotten:?}");
    let ran = api.run("master-key rotate").await;
    assert_eq!(ran.code, "0", "{ran:?}");
}
