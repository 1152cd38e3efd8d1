//! Signing keys, settings, turns, and what may be seen once.

use doorward_store::signing_keys::{SigningKeyRow, State};
use doorward_store::testing::{START, engines};
use doorward_store::{StoreError, replay, settings, signing_keys, turns};
use uuid::Uuid;

use super::{after, id};

#[tokio::test]
async fn a_key_is_claimed_once_per_kind() {
    for store in engines().await {
        let claim = async |kind: &'static str, key: &str| {
            let key = key.to_owned();
            unit!(store, START, move |tx| replay::claim(tx, kind, &key, after(60)))
        };
        let long = "x".repeat(100_000);
        assert!(claim("assertion", &long).await);
        assert!(!claim("assertion", &long).await);
        assert!(claim("logout", &long).await);
        assert!(claim("assertion", "").await);
    }
}

#[tokio::test]
async fn a_signing_key_advances_once() {
    for store in engines().await {
        let row = SigningKeyRow {
            kid: "k1".to_owned(),
            alg: "ES256".to_owned(),
            sealed: vec![1, 2, 3],
            jwk: "{}".to_owned(),
            state: State::Next,
            created: START,
            activates_at: after(86_400),
            retires_at: None,
        };
        let stored = row.clone();
        unit!(store, START, move |tx| signing_keys::insert(tx, &stored));
        assert_eq!(read!(store, signing_keys::all), [row]);
        let later = after(9);
        let activate = async || unit!(store, START, |tx| signing_keys::activate(tx, "k1"));
        assert!(
            !unit!(store, START, move |tx| signing_keys::retire(tx, "k1", later)),
            "it does not sign"
        );
        assert!(activate().await);
        assert!(!activate().await, "another node did it");
        assert!(unit!(store, START, move |tx| signing_keys::retire(tx, "k1", later)));
        assert_eq!(read!(store, signing_keys::all)[0].retires_at, Some(later));
        assert!(unit!(store, later, |tx| signing_keys::withdraw(tx, "k1")));
        assert!(!unit!(store, later, |tx| signing_keys::withdraw(tx, "k1")));
        let keys = read!(store, signing_keys::all);
        assert_eq!((keys[0].state, keys[0].retires_at), (State::Retired, Some(later)));
        assert!(keys[0].sealed.is_empty(), "the private half is gone");
    }
}

#[tokio::test]
async fn a_setting_set_once_keeps_its_first_value() {
    for store in engines().await {
        let once = async |value: &'static str| unit!(store, START, move |tx| settings::set_once(tx, "issuer", value));
        assert_eq!(once("https://a.example").await, "https://a.example");
        assert_eq!(once("https://b.example").await, "https://a.example");
        unit!(store, START, |tx| settings::set(tx, "issuer", "https://c.example"));
        assert_eq!(
            read!(store, settings::all),
            [("issuer".to_owned(), "https://c.example".to_owned())]
        );
        assert!(unit!(store, START, |tx| settings::remove(tx, "issuer")));
        assert!(!unit!(store, START, |tx| settings::remove(tx, "issuer")));
        assert_eq!(read!(store, |tx| settings::get(tx, "issuer")), None);
    }
}

#[tokio::test]
async fn a_turn_belongs_to_one_holder_until_it_ends() {
    for store in engines().await {
        let (one, other) = (id(), id());
        let take = async |holder: Uuid, at: i64| {
            unit!(store, after(at), move |tx| turns::take(
                tx,
                "sweep",
                holder,
                after(at + 60)
            ))
        };
        assert!(take(one, 0).await);
        assert!(!take(other, 59).await);
        assert!(take(one, 59).await, "the holder may go on");
        assert!(!take(other, 118).await);
        assert!(take(other, 119).await, "a holder that died holds nobody up");
        unit!(store, after(120), move |tx| turns::give_back(tx, "sweep", one));
        assert!(!take(one, 121).await, "only the holder gives a turn back");
        unit!(store, after(121), move |tx| turns::give_back(tx, "sweep", other));
        assert!(take(one, 122).await);
    }
}
