//! Power loss on SQLite: a file system that forgets what was not synced. With `synchronous=FULL` nothing that was
//! acknowledged is lost; the same test with less sees losses, so it can fail.

mod vfs;

use std::path::Path;
use std::time::Duration;

use doorward_store::testing::{self, START};
use doorward_store::{Location, Store, StoreError};
use vfs::{Machine, Unsynced};

use crate::load::{self, Ledger};

/// What one power loss took.
struct Outcome {
    acknowledged: usize,
    lost: usize,
}

/// Runs logins on a machine whose power goes at its `operations`-th write or sync.
async fn run(name: String, synchronous: &'static str, operations: u64, unsynced: Unsynced) -> Outcome {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    // The schema is older than the accident.
    Store::open(&Location::Sqlite(path.clone()), START)
        .await
        .unwrap()
        .close()
        .await;
    let machine = Machine::start(&name);
    let store = testing::sqlite_with(&path, machine.name(), synchronous).await.unwrap();
    machine.lose_power_after(operations, unsynced);
    let (ledger, log) = Ledger::shared();
    tokio::time::timeout(Duration::from_secs(20), load::run(&store, 16, 3000, log))
        .await
        .expect("the power goes");
    store.close().await;
    drop(store);
    assert!(!machine.is_on());

    let again = Store::open(&Location::Sqlite(path.clone()), START).await.unwrap();
    let ledger = std::mem::take(&mut *ledger.lock().unwrap());
    let outcome = Outcome {
        acknowledged: ledger.len(),
        lost: ledger.lost(&again).await,
    };
    assert_eq!(integrity(&again).await, ["ok"]);
    outcome
}

async fn integrity(store: &Store) -> Vec<String> {
    store
        .scan(|tx| tx.all("PRAGMA integrity_check", &[], |row| row.get(0)))
        .await
        .unwrap_or_else(|failure: StoreError| panic!("{failure}"))
}

/// Points in time from the first commit to after several checkpoints.
const OPERATIONS: [u64; 7] = [1, 7, 50, 333, 2000, 5001, 10_000];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_unsynced_writes_vanish() {
    let mut acknowledged = 0;
    for operations in OPERATIONS {
        let outcome = run(format!("vanish-{operations}"), "FULL", operations, Unsynced::Vanish).await;
        assert_eq!(outcome.lost, 0, "after {operations} operations");
        acknowledged += outcome.acknowledged;
    }
    assert!(acknowledged > 1000, "{acknowledged} logins are too few to say anything");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_unsynced_writes_are_torn_and_reordered() {
    for operations in OPERATIONS {
        let unsynced = Unsynced::Torn { seed: operations };
        let outcome = run(format!("torn-{operations}"), "FULL", operations, unsynced).await;
        assert_eq!(outcome.lost, 0, "after {operations} operations");
    }
}

/// The proof that the tests above can fail: the same machine, the same load, less syncing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_accident_loses_acknowledged_logins_without_full_synchronisation() {
    for synchronous in ["OFF", "NORMAL"] {
        let outcome = run(format!("less-{synchronous}"), synchronous, 2000, Unsynced::Vanish).await;
        assert!(outcome.acknowledged > 0);
        assert!(
            outcome.lost > 0,
            "{synchronous} lost nothing: the machine forgets nothing"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fails_is_an_error_for_each_unit_and_not_for_the_data() {
    let directory = tempfile::tempdir().unwrap();
    let path: &Path = &directory.path().join("doorward.db");
    let machine = Machine::start("failing-disk");
    let store = testing::sqlite_with(path, machine.name(), "FULL").await.unwrap();
    machine.lose_power_after(1, Unsynced::Vanish);
    for _ in 0..3 {
        let failure = store
            .write(START, |tx| doorward_store::settings::set(tx, "a", "b"))
            .await
            .unwrap_err();
        assert!(matches!(failure, StoreError::Disk(_)), "{failure:?}");
    }
    store.close().await;
}
