//! A PostgreSQL server that crashes under load loses nothing that was acknowledged, and the store finds back to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward_store::testing::START;
use doorward_store::{Change, Location, Store, StoreError, Topic, settings};

use crate::load::{self, Ledger};
use crate::server::Server;

async fn open(location: &Location) -> Store {
    for _ in 0..200 {
        match Store::open(location, START).await {
            Ok(store) => return store,
            Err(StoreError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(failure) => panic!("{failure}"),
        }
    }
    panic!("the server does not answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crashed_postgresql_has_lost_nothing_acknowledged_and_the_store_finds_back() {
    let Some(mut server) = Server::start(&[]) else { return };
    let location = server.location();
    let store = open(&location).await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    store.on_change(Arc::new(move |change| hears.lock().unwrap().push(*change)));

    for signal in ["-QUIT", "-KILL"] {
        let (ledger, log) = Ledger::shared();
        let loaded = store.clone();
        let load = tokio::spawn(async move { load::run(&loaded, 16, 100, log).await });
        tokio::time::sleep(Duration::from_millis(500)).await;
        server.signal(signal);
        load.await.unwrap();
        heard.lock().unwrap().clear();
        server.restart();
        // Another node of the cluster, and the node that lived through it.
        let ledger = std::mem::take(&mut *ledger.lock().unwrap());
        assert!(ledger.len() > 10, "{signal}");
        let other = open(&location).await;
        assert_eq!(ledger.lost(&other).await, 0, "{signal}");
        store
            .write(START, |tx| settings::set(tx, "alive", "yes"))
            .await
            .unwrap_or_else(|failure: StoreError| panic!("after {signal}: {failure}"));
        until(|| {
            let heard = heard.lock().unwrap();
            Topic::ALL.iter().all(|topic| heard.contains(&Change::any(*topic)))
        })
        .await;
        other.close().await;
    }
}

async fn until(holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the node did not announce everything to itself");
}
