//! Units that are tried out, and such as say themselves whether they are kept.

use std::sync::mpsc;
use std::time::Duration;

use doorward_store::testing::{START, engines, sqlite};
use doorward_store::{Change, Ending, StoreError, Topic, settings};
use uuid::Uuid;

#[tokio::test]
async fn a_unit_that_is_tried_sees_what_it_did_and_leaves_nothing() {
    for store in engines().await {
        let there = store.write(START, |tx| settings::set(tx, "a", "before")).await;
        there.unwrap();
        let tried: Result<_, StoreError> = store
            .try_out(START, |tx| {
                let before = settings::get(tx, "a")?;
                settings::set(tx, "a", "after")?;
                Ok((before, settings::get(tx, "a")?, tx.now()))
            })
            .await;
        let said = (Some("before".to_owned()), Some("after".to_owned()), START);
        assert_eq!(tried.unwrap(), said, "{}", store.engine);
        let failed: Result<(), StoreError> = store
            .try_out(START, |tx| {
                settings::set(tx, "a", "after")?;
                tx.execute("INSERT INTO settings (name) VALUES ($1)", &["b".into()])
                    .map(drop)
            })
            .await;
        assert!(failed.is_err(), "{}", store.engine);
        let is: Result<_, StoreError> = store.read(|tx| settings::get(tx, "a")).await;
        assert_eq!(is.unwrap().as_deref(), Some("before"), "{}", store.engine);
    }
}

#[tokio::test]
async fn rows_that_point_at_others_are_judged_in_a_try_as_they_would_be() {
    let secret = "INSERT INTO passwords (user_id, phc, prepared, set_at) VALUES ($1, 'x', 0, $2)";
    for store in engines().await {
        let tried: Result<(), StoreError> = store
            .try_out(START, move |tx| {
                tx.execute(secret, &[Uuid::from_u128(7).into(), START.into()]).map(drop)
            })
            .await;
        assert!(
            matches!(tried, Err(StoreError::Constraint(_))),
            "{}: {tried:?}",
            store.engine
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_try_keeps_no_writer_waiting() {
    let store = sqlite().await;
    let (go_on, waits) = mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let other = (*store).clone();
    let tried = tokio::spawn(async move {
        other
            .try_out::<_, StoreError>(START, move |tx| {
                settings::set(tx, "a", "tried")?;
                let _ = begun.send(());
                Ok(waits.recv_timeout(Duration::from_secs(20)).is_ok())
            })
            .await
    });
    has_begun.await.unwrap();
    store.write(START, |tx| settings::set(tx, "a", "kept")).await.unwrap();
    go_on.send(()).unwrap();
    assert!(
        tried.await.unwrap().unwrap(),
        "the writer came while the unit was tried"
    );
    let is: Result<_, StoreError> = store.read(|tx| settings::get(tx, "a")).await;
    assert_eq!(is.unwrap().as_deref(), Some("kept"));
}

#[tokio::test]
async fn a_unit_that_takes_itself_back_tells_what_came_of_it() {
    for store in engines().await {
        for keeps in [false, true] {
            let done: Result<_, StoreError> = store
                .write_or_undo(START, move |tx| {
                    settings::set(tx, "a", "b")?;
                    Ok(if keeps { Ending::Keep(1) } else { Ending::Undo(2) })
                })
                .await;
            assert_eq!(done.unwrap(), if keeps { 1 } else { 2 });
            let is: Result<_, StoreError> = store.read(|tx| settings::get(tx, "a")).await;
            assert_eq!(is.unwrap().is_some(), keeps, "{}", store.engine);
        }
    }
}

#[tokio::test]
async fn very_many_changes_are_told_as_one() {
    for store in engines().await {
        let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let hook = std::sync::Arc::clone(&heard);
        store.on_change(std::sync::Arc::new(move |change| hook.lock().unwrap().push(*change)));
        store
            .write::<_, StoreError>(START, |tx| {
                tx.announce(Change::of(Topic::Groups, Uuid::from_u128(1)));
                for id in 0..10_000 {
                    tx.announce(Change::of(Topic::People, Uuid::from_u128(id)));
                }
                Ok(())
            })
            .await
            .unwrap();
        let told = [
            Change::of(Topic::Groups, Uuid::from_u128(1)),
            Change::any(Topic::People),
        ];
        assert_eq!(*heard.lock().unwrap(), told, "{}", store.engine);
    }
}
