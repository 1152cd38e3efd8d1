//! Telling applications.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use doorward_apps::{Edit, LogoutEdit};
use doorward_audit::Actor;
use doorward_provider::logout_token;
use doorward_store::logouts::{self, State};
use doorward_store::testing::{START, engines};
use doorward_store::{StoreError, app_sessions};
use serde_json::json;
use uuid::Uuid;

use crate::house::{House, ISSUER, RelyingParty};

#[tokio::test]
async fn an_application_is_told_once_by_a_signed_token_that_names_person_and_session() {
    for store in engines().await {
        let house = House::new(store);
        let party = RelyingParty::start().await;
        let app = house.app("netbox", &party.uri()).await;
        let session = house.session(Uuid::from_u128(7), &[&app]).await;
        let _courier = house.courier();
        house.end(session).await;
        let told = house.until(session, |delivery| delivery.state == State::Told).await;
        assert_eq!(told.tries, 1);
        let taken = party.taken();
        assert_eq!(taken.len(), 1, "{}", house.store.engine);
        let claims = house.read(&taken[0]);
        assert_eq!(claims["iss"], ISSUER);
        assert_eq!((&claims["aud"], &claims["sub"]), (&json!("netbox"), &json!("anna")));
        assert_eq!(claims["sid"], session.to_string());
        assert_eq!(claims["events"], json!({ logout_token::EVENT: {} }));
        assert!(!claims.contains_key("nonce"));
        assert!(claims["exp"].as_i64().unwrap() > START.as_second());
    }
}

#[tokio::test]
async fn one_that_fails_is_told_again_with_another_token_and_the_trace_says_so() {
    for store in engines().await {
        let house = House::new(store);
        let party = RelyingParty::start().await;
        party.status.store(503, Ordering::SeqCst);
        let app = house.app("netbox", &party.uri()).await;
        let session = house.session(Uuid::from_u128(7), &[&app]).await;
        let reference = house.tracer.begin(house.now());
        house.end(session).await;
        let name = reference.to_string();
        house
            .store
            .write::<_, StoreError>(house.now(), move |tx| app_sessions::in_trace(tx, session, &name))
            .await
            .unwrap();
        let courier = house.courier();
        let failed = house.until(session, |delivery| delivery.problem.is_some()).await;
        assert_eq!(failed.problem.unwrap(), "answered with status 503, expected 200");
        assert_eq!((failed.state, failed.tries), (State::Waiting, 1));
        assert_eq!(failed.due.duration_since(house.now()).as_secs(), 10);
        drop(courier);
        house.later(10);
        party.status.store(204, Ordering::SeqCst);
        let _courier = house.courier();
        let told = house.until(session, |delivery| delivery.state == State::Told).await;
        assert_eq!(told.tries, 2, "{}", house.store.engine);
        let ids: HashSet<_> = party
            .taken()
            .iter()
            .map(|token| house.read(token)["jti"].to_string())
            .collect();
        assert_eq!(ids.len(), 2, "an application that has seen a jti refuses it");
        let trace = house.tracer.find(reference, house.now()).await.unwrap().unwrap();
        let steps: Vec<&str> = trace.steps.iter().map(|step| &*step.detail).collect();
        assert_eq!(
            steps,
            [
                "netbox: answered with status 503, expected 200, attempt 2 in 10 s",
                "netbox was told, attempt 2"
            ]
        );
    }
}

#[tokio::test]
async fn two_nodes_tell_each_application_of_each_session_once() {
    for store in engines().await {
        let house = House::new(store);
        let party = RelyingParty::start().await;
        let app = house.app("netbox", &party.uri()).await;
        let mut sessions = Vec::new();
        for number in 0..60 {
            sessions.push(house.session(Uuid::from_u128(number), &[&app]).await);
        }
        let _nodes = (house.courier(), house.courier());
        for session in &sessions {
            house.end(*session).await;
        }
        for session in &sessions {
            house.until(*session, |delivery| delivery.state == State::Told).await;
        }
        let mut taken: Vec<String> = party
            .taken()
            .iter()
            .map(|token| house.read(token)["sid"].as_str().unwrap().to_owned())
            .collect();
        let mut expected: Vec<String> = sessions.iter().map(Uuid::to_string).collect();
        taken.sort();
        expected.sort();
        assert_eq!(taken, expected, "{}", house.store.engine);
    }
}

#[tokio::test]
async fn why_an_application_is_not_told_is_said_in_words_for_whoever_can_mend_it() {
    let house = House::new(doorward_store::testing::sqlite().await);
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let expected = [
        (
            "unresolvable",
            "https://vault.invalid/logout".to_owned(),
            "could not resolve vault.invalid from this host".to_owned(),
        ),
        (
            "closed",
            format!("http://{closed}/logout"),
            format!("nothing listens at {closed} (connection refused)"),
        ),
        (
            "metadata",
            "http://169.254.169.254/latest".to_owned(),
            "169.254.169.254 is at 169.254.169.254, which is never asked: link-local, multicast and reserved addresses are no \
             application's"
                .to_owned(),
        ),
    ];
    let _courier = house.courier();
    for (name, uri, problem) in expected {
        let app = house.app(name, &uri).await;
        let session = house.session(Uuid::from_u128(7), &[&app]).await;
        house.end(session).await;
        let failed = house.until(session, |delivery| delivery.problem.is_some()).await;
        assert_eq!(failed.problem.unwrap(), problem);
    }
}

#[tokio::test]
async fn without_an_address_any_more_or_after_three_days_it_is_given_up_and_can_be_tried_again() {
    let house = House::new(doorward_store::testing::sqlite().await);
    let party = RelyingParty::start().await;
    let app = house.app("netbox", &party.uri()).await;
    let by = Actor::system();
    let session = house.session(Uuid::from_u128(7), &[&app]).await;
    house.end(session).await;
    let nowhere = vec![Edit::Logout(LogoutEdit::BackchannelUri(None))];
    house.apps.edit(&by, "netbox", nowhere, house.now()).await.unwrap();
    let courier = house.courier();
    let given_up = house.until(session, |delivery| delivery.state == State::GivenUp).await;
    assert!(given_up.problem.unwrap().contains("no address any more"));
    drop(courier);
    let again = vec![Edit::Logout(LogoutEdit::BackchannelUri(Some(party.uri())))];
    house.apps.edit(&by, "netbox", again, house.now()).await.unwrap();
    party.status.store(500, Ordering::SeqCst);
    let app_id = app.id;
    let retry = house
        .store
        .write::<_, StoreError>(house.now(), move |tx| logouts::retry(tx, app_id));
    assert_eq!(retry.await.unwrap(), 1);
    house.later(72 * 3600);
    let courier = house.courier();
    let given_up = house.until(session, |delivery| delivery.state == State::GivenUp).await;
    assert_eq!(given_up.problem.unwrap(), "answered with status 500, expected 200");
    drop(courier);
    party.status.store(200, Ordering::SeqCst);
    let retry = house
        .store
        .write::<_, StoreError>(house.now(), move |tx| logouts::retry(tx, app_id));
    assert_eq!(retry.await.unwrap(), 1);
    let _courier = house.courier();
    house.until(session, |delivery| delivery.state == State::Told).await;
}

#[tokio::test]
async fn a_private_address_that_means_this_machine_is_not_told_and_the_problem_says_what_opens_it() {
    let house = House::new(doorward_store::testing::sqlite().await);
    let _courier = house.courier();
    // 127.0.0.1 inside of an address of NAT64: of a private network as it is written.
    let embedded = house.app("embedded", "http://[64:ff9b::7f00:1]:9/logout").await;
    let session = house.session(Uuid::from_u128(7), &[&embedded]).await;
    house.end(session).await;
    let found = house.until(session, |found| found.problem.is_some()).await;
    assert_eq!(
        found.problem.unwrap(),
        "[64:ff9b::7f00:1] is at 64:ff9b::7f00:1, which is not public; if it is meant to be there: doorward app edit embedded \
         --weaken-logout-private-address true"
    );
}
