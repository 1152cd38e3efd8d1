//! Units that are tried out, and such as say themselves whether they are kept.

use std::pin::Pin;
use std::sync::mpsc;
use std::time::Duration;

use doorward_store::testing::{START, engines, sqlite, sqlite_without_copies, tables_left_out};
use doorward_store::{Change, Ending, Store, StoreError, Topic, Tx, settings};
use uuid::Uuid;

fn count(tx: &mut Tx<'_>) -> Result<Option<i64>, StoreError> {
    tx.one("SELECT COUNT(*) FROM revoked_tokens", &[], |row| row.get(0))
}

/// Rows of a table that copies are made without, and what a try sees of them.
async fn left_behind(store: &Store) -> (Option<i64>, Option<i64>) {
    let add = "INSERT INTO revoked_tokens (jti, expires_at) VALUES ('a', $1)";
    let there: Result<_, StoreError> = store
        .write(START, move |tx| {
            tx.execute(add, &[START.into()])?;
            count(tx)
        })
        .await;
    let seen: Result<_, StoreError> = store.try_out(START, count).await;
    (there.unwrap(), seen.unwrap())
}

#[tokio::test]
async fn a_small_database_is_copied_without_what_logins_left_and_a_large_one_is_not_copied() {
    let small = sqlite().await;
    assert_eq!(left_behind(&small).await, (Some(1), Some(0)));
    let folder = tempfile::tempdir().unwrap();
    let large = sqlite_without_copies(&folder.path().join("doorward.db")).await.unwrap();
    assert_eq!(left_behind(&large).await, (Some(1), Some(1)));
    let tried: Result<(), StoreError> = large.try_out(START, |tx| settings::set(tx, "a", "b")).await;
    tried.unwrap();
    let is: Result<_, StoreError> = large.read(|tx| settings::get(tx, "a")).await;
    assert_eq!(is.unwrap(), None, "nothing of a try is kept");
}

#[tokio::test]
async fn what_copies_leave_out_are_tables_of_this_schema() {
    let store = sqlite().await;
    let tables: Result<Vec<String>, StoreError> = store
        .read(|tx| {
            tx.all("SELECT name FROM sqlite_schema WHERE type = 'table'", &[], |row| {
                row.get(0)
            })
        })
        .await;
    let tables = tables.unwrap();
    for name in tables_left_out() {
        assert!(tables.iter().any(|table| table == name), "{name} is none of {tables:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_copied_is_named() {
    let store = sqlite().await;
    let made: Result<_, StoreError> = store
        .write(START, |tx| {
            tx.execute("CREATE VIEW names AS SELECT name FROM settings", &[])
        })
        .await;
    made.unwrap();
    let tried: Result<_, StoreError> = store.try_out(START, count).await;
    let problem = tried.unwrap_err().to_string();
    assert!(problem.contains("names is a view"), "{problem}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_few_tries_wait_for_one_another_and_more_are_told_that_it_is_busy() {
    type Trying = Pin<Box<dyn Future<Output = Result<Option<String>, StoreError>> + Send>>;
    let store = sqlite().await;
    let try_out = || -> Trying {
        let store = (*store).clone();
        Box::pin(async move { store.try_out(START, |tx| settings::get(tx, "a")).await })
    };
    let (go_on, waits) = mpsc::channel::<()>();
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let other = (*store).clone();
    let first = tokio::spawn(async move {
        other
            .try_out::<_, StoreError>(START, move |_| {
                let _ = begun.send(());
                Ok(waits.recv_timeout(Duration::from_secs(20)).is_ok())
            })
            .await
    });
    has_begun.await.unwrap();
    let mut waiting: Vec<Trying> = (0..4).map(|_| try_out()).collect();
    for one in &mut waiting {
        let looked = tokio::time::timeout(Duration::ZERO, one.as_mut()).await;
        assert!(looked.is_err(), "it waits");
    }
    let refused = try_out().await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    go_on.send(()).unwrap();
    assert!(first.await.unwrap().unwrap());
    for one in waiting {
        assert_eq!(one.await.unwrap(), None);
    }
    assert_eq!(try_out().await.unwrap(), None, "places are given back");
}

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
