//! Public keys of service accounts.

use doorward_jose::{Algorithm, SigningKey, SystemRandom};
use doorward_store::{StoreError, grants, new_id};
use uuid::Uuid;

use crate::house::{House, at, code, houses};

/// A grant of this account, as one that proved itself by `methods` gets it.
async fn grant(house: &House, user: Uuid, methods: &[&str]) -> Uuid {
    let grant = grants::Grant {
        id: new_id(at(1), &SystemRandom),
        user_id: Some(user),
        app_id: Uuid::nil(),
        session_id: None,
        scope: "openid".to_owned(),
        claims: None,
        extent: None,
        auth_time: Some(at(1)),
        amr: methods.iter().map(|&method| method.to_owned()).collect(),
        acr: None,
        nonce: None,
        offline: false,
        trace: None,
        created: at(1),
        expires: at(1000),
        revoked_at: None,
    };
    let id = grant.id;
    let written: Result<(), StoreError> = house.store.write(at(1), move |tx| grants::create(tx, &grant)).await;
    written.unwrap();
    id
}

#[tokio::test]
async fn what_came_of_a_key_ends_when_it_is_removed() {
    for house in houses().await {
        let directory = &house.directory;
        let account = house.service("robot").await.id;
        let pair = SigningKey::generate(Algorithm::ES256).unwrap().key;
        let jwk = serde_json::to_string(pair.public_jwk()).unwrap();
        let key = directory
            .add_service_key(&house.root, account, ("tests", &jwk), None, at(0))
            .await
            .unwrap();
        let (by_key, otherwise) = (
            grant(&house, account, &["swk"]).await,
            grant(&house, account, &["pwd"]).await,
        );
        directory
            .remove_service_key(&house.root, account, key.id, at(2))
            .await
            .unwrap();
        for (id, lives) in [(by_key, false), (otherwise, true)] {
            let is_live: Result<bool, StoreError> = house.store.read(move |tx| grants::is_live(tx, id, at(3))).await;
            assert_eq!(is_live.unwrap(), lives);
        }
        let again = directory.remove_service_key(&house.root, account, key.id, at(2)).await;
        assert_eq!(code(again), "no_such_service_key");
    }
}
