//! Change hooks.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward_store::testing::{START, TestStore, engines, postgres};
use doorward_store::{Change, Store, StoreError, Topic, settings};
use uuid::Uuid;

type Heard = Arc<Mutex<Vec<Change>>>;

fn listen(store: &Store) -> Heard {
    let heard = Heard::default();
    let hook = Arc::clone(&heard);
    store.on_change(Arc::new(move |change| hook.lock().unwrap().push(*change)));
    heard
}

async fn eventually(heard: &Heard, wanted: &[Change]) {
    for _ in 0..500 {
        if wanted.iter().all(|change| heard.lock().unwrap().contains(change)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("wanted {wanted:?}, heard {:?}", heard.lock().unwrap());
}

async fn second_node(first: &TestStore) -> Store {
    Store::open(&first.location, START).await.unwrap()
}

#[tokio::test]
async fn a_hook_has_heard_of_a_change_when_its_writer_is_answered() {
    let id = Uuid::from_u128(1);
    for store in engines().await {
        let heard = listen(&store);
        store
            .write(START, move |tx| {
                tx.announce(Change::of(Topic::People, id));
                tx.announce(Change::of(Topic::People, id));
                tx.announce(Change::any(Topic::Apps));
                settings::set(tx, "name", "value")
            })
            .await
            .unwrap();
        assert_eq!(
            *heard.lock().unwrap(),
            [
                Change::of(Topic::People, id),
                Change::any(Topic::Apps),
                Change::any(Topic::Settings)
            ],
            "{}",
            store.engine
        );
    }
}

#[tokio::test]
async fn the_change_is_committed_when_the_hook_hears_of_it() {
    for store in engines().await {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (looking, sees) = (store.clone(), Arc::clone(&seen));
        let runtime = tokio::runtime::Handle::current();
        if store.engine == "postgres" {
            // Its reads need the runtime, which this hook would block; SQLite reads on the spot.
            continue;
        }
        store.on_change(Arc::new(move |_| {
            let value = runtime.block_on(looking.read(|tx| settings::get(tx, "name")));
            sees.lock().unwrap().push(value);
        }));
        store
            .write(START, |tx| settings::set(tx, "name", "value"))
            .await
            .unwrap();
        assert_eq!(*seen.lock().unwrap(), [Ok::<_, StoreError>(Some("value".to_owned()))]);
    }
}

#[tokio::test]
async fn nothing_is_announced_by_a_unit_that_was_rolled_back() {
    for store in engines().await {
        let heard = listen(&store);
        let _ = store
            .write(START, |tx| {
                tx.announce(Change::any(Topic::Keys));
                Err::<(), _>(StoreError::Closed)
            })
            .await;
        store.write(START, |tx| settings::set(tx, "a", "b")).await.unwrap();
        assert_eq!(
            *heard.lock().unwrap(),
            [Change::any(Topic::Settings)],
            "{}",
            store.engine
        );
    }
}

#[tokio::test]
async fn a_hook_that_panics_harms_nobody() {
    for store in engines().await {
        store.on_change(Arc::new(|_| panic!("this hook is broken")));
        let heard = listen(&store);
        store.write(START, |tx| settings::set(tx, "a", "b")).await.unwrap();
        store.write(START, |tx| settings::set(tx, "a", "c")).await.unwrap();
        assert_eq!(heard.lock().unwrap().len(), 2, "{}", store.engine);
    }
}

#[tokio::test]
async fn another_node_hears_of_a_commit_and_the_own_node_only_once() {
    let Some(first) = postgres().await else { return };
    let second = second_node(&first).await;
    let (own, others) = (listen(&first), listen(&second));
    let id = Uuid::from_u128(7);
    first
        .write(START, move |tx| {
            tx.announce(Change::of(Topic::Groups, id));
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    eventually(&others, &[Change::of(Topic::Groups, id)]).await;
    second
        .write(START, |tx| {
            tx.announce(Change::any(Topic::Apps));
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    eventually(&own, &[Change::any(Topic::Apps)]).await;
    assert_eq!(own.lock().unwrap().len(), 2);
    assert_eq!(others.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn nodes_of_another_schema_hear_nothing() {
    let (Some(first), Some(other)) = (postgres().await, postgres().await) else {
        return;
    };
    let second = second_node(&first).await;
    let (neighbours, others) = (listen(&other), listen(&second));
    first.write(START, |tx| settings::set(tx, "a", "b")).await.unwrap();
    eventually(&others, &[Change::any(Topic::Settings)]).await;
    assert!(neighbours.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_node_that_lost_its_connection_announces_everything_to_itself() {
    let Some(first) = postgres().await else { return };
    let heard = listen(&first);
    let schema: String = first
        .scan(|tx| tx.one("SELECT current_schema()::text", &[], |row| row.get(0)))
        .await
        .unwrap_or_else(|failure: StoreError| panic!("{failure}"))
        .unwrap();
    // The listening connection is the one of this schema whose last statement was its LISTEN.
    let ended: Result<Vec<bool>, StoreError> = first
        .scan(move |tx| {
            tx.all(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE query LIKE 'LISTEN \"doorward_' || $1 || '\"%'",
                &[schema.as_str().into()],
                |row| row.get(0),
            )
        })
        .await;
    assert_eq!(ended, Ok(vec![true]));
    eventually(&heard, &Topic::ALL.map(Change::any)).await;
    // And it hears again.
    let second = second_node(&first).await;
    let id = Uuid::from_u128(9);
    second
        .write(START, move |tx| {
            tx.announce(Change::of(Topic::People, id));
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    eventually(&heard, &[Change::of(Topic::People, id)]).await;
}
