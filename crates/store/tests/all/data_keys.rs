//! Another master key, while values sealed under the one before are in use.

use doorward_jose::{Secret, SystemRandom};
use doorward_store::data_keys::{self, DataKeyError, Standing};
use doorward_store::testing::{START, engines};
use doorward_store::{MasterKey, SealError, Store, StoreError};
use jiff::{Timestamp, ToSpan};

const AAD: &[u8] = b"apps/1/secret";

fn key(byte: u8) -> MasterKey {
    MasterKey::from_bytes(&Secret::new([byte; 32]))
}

/// Several, the current one first.
fn keys(bytes: &[u8]) -> MasterKey {
    let text: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}").repeat(32)).collect();
    MasterKey::parse(&text.join("\n")).unwrap()
}

async fn settle(store: &Store, master: MasterKey, at: Timestamp) -> Result<(MasterKey, bool, Standing), DataKeyError> {
    store
        .write(at, move |tx| {
            let anew = data_keys::settle(tx, &master, &SystemRandom)?;
            let standing = data_keys::refresh(tx, &master, at)?;
            Ok((master, anew, standing))
        })
        .await
}

#[tokio::test]
async fn the_first_start_keeps_what_was_sealed_before_there_were_data_keys() {
    for store in engines().await {
        let before = key(1).seal(&SystemRandom, AAD, b"hunter2");
        let hash = key(1).keyed_hash("client secret", b"x");
        let (master, anew, standing) = settle(&store, key(1), START).await.unwrap();
        assert!(!anew);
        assert_eq!((standing.masters, standing.data_keys), (vec![(key(1).id(), 1)], 1));
        assert_eq!(master.open(AAD, &before).unwrap().expose(), b"hunter2");
        assert_eq!(master.keyed_hash("client secret", b"x"), hash);
    }
}

#[tokio::test]
async fn another_master_key_takes_over_in_one_unit_and_the_old_one_opens_nothing_new() {
    for store in engines().await {
        let (old, ..) = settle(&store, key(1), START).await.unwrap();
        let before = old.seal(&SystemRandom, AAD, b"before");
        let hash = old.keyed_hash("client secret", b"x");
        let said = old.mac("form", b"session");

        let (both, anew, standing) = settle(&store, keys(&[2, 1]), START + 1.minute()).await.unwrap();
        assert!(anew);
        assert_eq!(
            standing.masters,
            [(key(2).id(), 2), (key(1).id(), 0)],
            "the old one is needed for nothing here"
        );
        assert_eq!(both.open(AAD, &before).unwrap().expose(), b"before");

        // Once every node can have read it, the new data key seals.
        let later = START + 5.minutes();
        let (new, anew, _) = settle(&store, key(2), later).await.unwrap();
        assert!(!anew, "the old key may be left out at once, and nothing is done twice");
        let after = new.seal(&SystemRandom, AAD, b"after");
        assert_eq!(new.open(AAD, &after).unwrap().expose(), b"after");
        assert_eq!(new.open(AAD, &before).unwrap().expose(), b"before");
        assert_eq!(
            new.keyed_hash("client secret", b"x"),
            hash,
            "hashes that are kept still match"
        );
        assert!(
            old.open(AAD, &after).is_err(),
            "whoever has the old master key reads nothing that is sealed now"
        );

        // What a browser brought along is believed for a day.
        assert!(new.is_mac("form", b"session", &said));
        assert_eq!(new.open_recent(AAD, &before).unwrap().expose(), b"before");
        assert!(!new.is_mac("form", b"another", &said) && !new.is_mac("other", b"session", &said));
        assert_ne!(new.mac("form", b"session"), said);
        let (new, ..) = settle(&store, key(2), START + 25.hours()).await.unwrap();
        assert!(!new.is_mac("form", b"session", &said));
        // Nor does what somebody with the old keys seals in a browser's name, now or then.
        for forged in [&before, &old.seal(&SystemRandom, AAD, b"forged")] {
            let refused = new.open_recent(AAD, forged).unwrap_err();
            assert!(matches!(refused, SealError::OtherKey { .. }), "{refused:?}");
        }
        assert_eq!(new.open_recent(AAD, &after).unwrap().expose(), b"after");
        assert_eq!(
            new.open(AAD, &before).unwrap().expose(),
            b"before",
            "what the database holds opens for ever"
        );
    }
}

#[tokio::test]
async fn a_start_with_another_master_key_goes_well_when_no_data_key_fits_any_more() {
    let store = doorward_store::testing::sqlite().await;
    let (first, ..) = settle(&store, key(1), START).await.unwrap();
    let sealed = first.seal(&SystemRandom, AAD, b"x");
    let mut data_keys = 1;
    let at = |turn: usize| START + i64::try_from(turn).unwrap().minutes();
    for turn in 1..data_keys::MOST + 3 {
        let both = if turn % 2 == 0 { keys(&[1, 2]) } else { keys(&[2, 1]) };
        let (_, anew, standing) = settle(&store, both, at(turn)).await.unwrap();
        data_keys = (data_keys + 1).min(data_keys::MOST);
        assert!(anew && standing.data_keys == data_keys, "{turn}: {standing:?}");
        assert_eq!(standing.masters[1].1, 0, "all of them are sealed under the first");
    }
    let (last, ..) = settle(&store, key(1), at(300)).await.unwrap();
    assert_eq!(last.open(AAD, &sealed).unwrap().expose(), b"x");
}

#[tokio::test]
async fn a_node_that_has_not_heard_of_it_yet_seals_what_the_others_open_and_opens_what_they_seal() {
    for store in engines().await {
        settle(&store, key(1), START).await.unwrap();
        // Every node knows both before one of them seals under the new one.
        let (slow, ..) = settle(&store, keys(&[1, 2]), START).await.unwrap();
        let (quick, anew, _) = settle(&store, keys(&[2, 1]), START + 1.second()).await.unwrap();
        assert!(anew);
        let (here, there) = (
            quick.seal(&SystemRandom, AAD, b"x"),
            slow.seal(&SystemRandom, AAD, b"y"),
        );
        assert_eq!(slow.open(AAD, &here).unwrap().expose(), b"x");
        assert_eq!(quick.open(AAD, &there).unwrap().expose(), b"y");
    }
}

#[tokio::test]
async fn a_wrong_master_key_is_named_and_changes_nothing() {
    for store in engines().await {
        let (right, ..) = settle(&store, key(1), START).await.unwrap();
        let sealed = right.seal(&SystemRandom, AAD, b"x");
        for wrong in [key(2), keys(&[2, 3])] {
            let refused = settle(&store, wrong, START).await.unwrap_err();
            let DataKeyError::Seal(SealError::OtherKey { sealed, own }) = refused else {
                panic!("{refused:?}")
            };
            assert_eq!((sealed, own), (key(1).id(), key(2).id()));
        }
        let (right, anew, _) = settle(&store, key(1), START).await.unwrap();
        assert!(!anew);
        assert_eq!(right.open(AAD, &sealed).unwrap().expose(), b"x");
    }
}

#[tokio::test]
async fn a_unit_that_fails_leaves_the_old_master_key_in_charge() {
    for store in engines().await {
        settle(&store, key(1), START).await.unwrap();
        let failed: Result<(), DataKeyError> = store
            .write(START, |tx| {
                assert!(data_keys::settle(tx, &keys(&[2, 1]), &SystemRandom)?);
                Err(StoreError::Busy("the power went".to_owned()).into())
            })
            .await;
        assert!(failed.is_err());
        let (_, anew, standing) = settle(&store, key(1), START).await.unwrap();
        assert!(!anew);
        assert_eq!(standing.data_keys, 1);
    }
}
