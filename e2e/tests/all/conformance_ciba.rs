//! The conformance plan FAPI-CIBA (poll), each module by its name (docs/conformance.md): how clients prove themselves, and what
//! comes of the person's answer. The request itself: `ciba_tests.rs` of the provider.

use doorward_e2e::{Answering, Client, Clock, Receiver, Server, Tokens, bounded, claims, run_node};
use reqwest::StatusCode;
use serde_json::json;

use crate::{
    conformance_basic::rsa_pair,
    openid_client::{add, key_pair},
    other_grants::House,
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

#[tokio::test]
async fn the_modules_of_the_plan_of_ciba_about_the_answer() {
    bounded(180, async {
        let clock = Clock::new();
        let house = House::of(Server::start_under(&clock).await).await;
        the_application_is_told_when_the_session_ends(&house).await;
        fapi_ciba_id1_user_rejects_authentication(&house).await;
        fapi_ciba_id1_multiple_call_to_token_endpoint(&house).await;
        fapi_ciba_id1_ensure_wrong_client_id_in_token_endpoint_request(&house).await;
        fapi_ciba_id1_ensure_wrong_auth_req_id_in_token_endpoint_request(&house).await;
        fapi_ciba_id1_auth_req_id_expired(&house, &clock).await;
    })
    .await;
}

/// An application that may have Alice asked, and its question, which is the only one that is open.
async fn asked(house: &House, app: &str, settings: &[&str]) -> (Client, String) {
    let bank = house.app(app, &[&["--ciba", "on"], settings].concat()).await;
    let form = [("scope", "openid offline_access"), ("login_hint", "alice")];
    let given = bank.try_post("bc-authorize", &form).await.expect("an answer").granted();
    let id = given.text("auth_req_id").to_owned();
    (bank, id)
}

async fn fetched(client: &Client, id: &str) -> Tokens {
    let grant = "urn:openid:params:grant-type:ciba";
    client.token(&[("grant_type", grant), ("auth_req_id", id)]).await
}

async fn answer(house: &House, client: &Client, decision: &str) {
    let mut browser = client.browser();
    let start = house.at(&mut browser, "/").await;
    let question = browser.press(&start, "Look").await;
    browser
        .submit(&question, "/asked/answer", &[("decision", decision)])
        .await;
}

async fn the_application_is_told_when_the_session_ends(house: &House) {
    let told = Receiver::start(Answering::Done).await;
    let (bank, id) = asked(house, "happy", &["--backchannel-logout-uri", &told.uri()]).await;
    answer(house, &bank, "allow").await;
    let tokens = fetched(&bank, &id).await.granted();
    let id_token = claims(tokens.text("id_token"));
    assert_eq!(bank.userinfo(tokens.text("access_token")).await, StatusCode::OK);
    // The application is told when the session ends in which the person said yes.
    house.server.json(&["user", "end-sessions", "alice"]).await;
    assert_eq!(claims(&told.takes(1).await[0])["sid"], id_token["sid"]);
}

async fn fapi_ciba_id1_user_rejects_authentication(house: &House) {
    let (bank, id) = asked(house, "rejected", &[]).await;
    answer(house, &bank, "deny").await;
    fetched(&bank, &id).await.refused("access_denied");
}

async fn fapi_ciba_id1_multiple_call_to_token_endpoint(house: &House) {
    let (bank, id) = asked(house, "impatient", &[]).await;
    fetched(&bank, &id).await.refused("authorization_pending");
    fetched(&bank, &id).await.refused("slow_down");
    answer(house, &bank, "allow").await;
    fetched(&bank, &id).await.granted();
    fetched(&bank, &id).await.refused("invalid_grant");
}

async fn fapi_ciba_id1_ensure_wrong_client_id_in_token_endpoint_request(house: &House) {
    let (bank, id) = asked(house, "robbed", &[]).await;
    let other = house.app("thief", &["--ciba", "on"]).await;
    answer(house, &bank, "allow").await;
    fetched(&other, &id).await.refused("invalid_grant");
    fetched(&bank, &id).await.granted();
}

async fn fapi_ciba_id1_ensure_wrong_auth_req_id_in_token_endpoint_request(house: &House) {
    let (bank, id) = asked(house, "guessing", &[]).await;
    let reversed: String = id.chars().rev().collect();
    for wrong in ["x", reversed.as_str()] {
        fetched(&bank, wrong).await.refused("invalid_grant");
    }
    answer(house, &bank, "deny").await;
}

async fn fapi_ciba_id1_auth_req_id_expired(house: &House, clock: &Clock) {
    let (bank, id) = asked(house, "forgotten", &[]).await;
    clock.set("+6m");
    fetched(&bank, &id).await.refused("expired_token");
}
