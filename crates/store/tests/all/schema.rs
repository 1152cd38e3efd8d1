//! Opening databases, and bringing them up to date.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use doorward_store::testing::{self, START, engines, sqlite};
use doorward_store::{Location, Store, StoreError, Tx, settings};
use tokio::task::JoinSet;

use crate::protocol::after;

fn path(store: &testing::TestStore) -> PathBuf {
    match &store.location {
        Location::Sqlite(path) => path.clone(),
        Location::Postgres(_) => panic!("a SQLite store"),
    }
}

fn backups(beside: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(beside.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "backup"))
        .collect();
    found.sort();
    found
}

fn newest(tx: &mut Tx<'_>) -> Result<Option<i64>, StoreError> {
    tx.one("SELECT max(number) FROM schema_migrations", &[], |row| row.get(0))
}

async fn set(store: &Store, value: &'static str) {
    store
        .write(START, move |tx| settings::set(tx, "name", value))
        .await
        .unwrap_or_else(|failure: StoreError| panic!("{failure}"));
}

async fn get(store: &Store) -> Option<String> {
    store
        .read(|tx| settings::get(tx, "name"))
        .await
        .unwrap_or_else(|failure: StoreError| panic!("{failure}"))
}

#[tokio::test]
async fn a_database_opens_again_with_what_was_in_it() {
    for store in engines().await {
        set(&store, "kept").await;
        store.close().await;
        let again = Store::open(&store.location, START).await.unwrap();
        assert_eq!(get(&again).await.as_deref(), Some("kept"), "{}", store.engine);
    }
}

#[tokio::test]
async fn a_database_of_a_newer_release_is_refused() {
    for store in engines().await {
        store
            .write(START, |tx| {
                tx.execute(
                    "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (9999, 'future', '', 0)",
                    &[],
                )
            })
            .await
            .unwrap();
        store.close().await;
        let refused = Store::open(&store.location, START).await.unwrap_err();
        assert!(
            matches!(refused, StoreError::Newer { found: 9999, .. }),
            "{}: {refused}",
            store.engine
        );
    }
}

#[tokio::test]
async fn a_migration_that_differs_from_the_applied_one_is_refused() {
    for store in engines().await {
        store
            .write(START, |tx| {
                tx.execute("UPDATE schema_migrations SET checksum = 'other' WHERE number = 2", &[])
            })
            .await
            .unwrap();
        store.close().await;
        let refused = Store::open(&store.location, START).await.unwrap_err();
        assert!(
            matches!(refused, StoreError::Changed { number: 2, .. }),
            "{}: {refused}",
            store.engine
        );
    }
}

#[tokio::test]
async fn an_upgrade_copies_the_sqlite_file_first_and_keeps_what_was_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("doorward.db");
    let old = testing::older_sqlite(&file, 1).await;
    set(&old, "before").await;
    assert_eq!(old.read(newest).await, Ok(Some(1)));
    old.close().await;
    assert_eq!(backups(&file), [] as [PathBuf; 0], "a new database needs no copy");

    let location = Location::Sqlite(file.clone());
    let upgraded = Store::open(&location, after(3600)).await.unwrap();
    assert!(upgraded.read(newest).await.unwrap() > Some(1));
    assert_eq!(get(&upgraded).await.as_deref(), Some("before"));
    set(&upgraded, "after").await;
    let copies = backups(&file);
    assert_eq!(
        copies,
        [directory.path().join("doorward.db.0001-20260101T010000Z.backup")]
    );
    upgraded.close().await;

    let copy = testing::older_sqlite(&copies[0], 1).await;
    assert_eq!(get(&copy).await.as_deref(), Some("before"));
    copy.close().await;
    Store::open(&location, START).await.unwrap();
    assert_eq!(backups(&file), copies, "nothing to upgrade, nothing to copy");
}

#[tokio::test]
async fn an_upgrade_that_fails_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("doorward.db");
    let old = testing::older_sqlite(&file, 1).await;
    set(&old, "before").await;
    // All migrations of one upgrade carry the same time: the second that is missing cannot be noted down.
    old.write(START, |tx| {
        tx.execute("CREATE UNIQUE INDEX obstacle ON schema_migrations (applied_at)", &[])
    })
    .await
    .unwrap();
    old.close().await;
    let failed = Store::open(&Location::Sqlite(file.clone()), after(10))
        .await
        .unwrap_err();
    assert!(matches!(failed, StoreError::Migration { number: 3, .. }), "{failed}");
    let still = testing::older_sqlite(&file, 1).await;
    assert_eq!(still.read(newest).await, Ok(Some(1)));
    assert_eq!(get(&still).await.as_deref(), Some("before"));
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_refused_untouched() {
    let directory = tempfile::tempdir().unwrap();
    let text = directory.path().join("text");
    std::fs::write(
        &text,
        "not a database, but long enough to be taken for one. ".repeat(100),
    )
    .unwrap();
    let foreign = directory.path().join("foreign.db");
    rusqlite::Connection::open(&foreign)
        .unwrap()
        .execute_batch("CREATE TABLE other (id INTEGER)")
        .unwrap();
    for file in [text, foreign] {
        let before = std::fs::read(&file).unwrap();
        let refused = Store::open(&Location::Sqlite(file.clone()), START).await.unwrap_err();
        assert_eq!(refused, StoreError::Foreign(file.clone()));
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }
}

#[tokio::test]
async fn the_files_are_for_the_server_alone() {
    let store = sqlite().await;
    set(&store, "written").await;
    let mut files = 0;
    for entry in std::fs::read_dir(path(&store).parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
        files += 1;
    }
    assert!(files >= 4, "database, log, shared memory, lock");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_a_long_read_let_grow_is_folded_back() {
    let store = sqlite().await;
    let mut log = path(&store).into_os_string();
    log.push("-wal");
    let size = || std::fs::metadata(&log).unwrap().len();
    let (finish, wait) = std::sync::mpsc::channel::<()>();
    let (started, reading) = tokio::sync::oneshot::channel();
    let reader = store.clone();
    let scan = tokio::spawn(async move {
        reader
            .scan(move |tx| {
                settings::get(tx, "name")?;
                started.send(()).unwrap();
                wait.recv().unwrap();
                Ok::<_, StoreError>(())
            })
            .await
    });
    reading.await.unwrap();
    for letter in ('a'..='z').cycle().take(40) {
        let value = letter.to_string().repeat(1 << 20);
        store
            .write(START, move |tx| settings::set(tx, "big", &value))
            .await
            .unwrap();
    }
    assert!(size() > 32 << 20, "the reader held the log back");
    finish.send(()).unwrap();
    scan.await.unwrap().unwrap();
    for _ in 0..64 {
        set(&store, "small").await;
    }
    assert!(size() < 16 << 20, "{} bytes", size());
}

#[tokio::test]
async fn a_directory_that_does_not_exist_is_named() {
    let refused = Store::open(&Location::Sqlite("/nonexistent/doorward.db".into()), START)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("/nonexistent/doorward.db"), "{refused}");
}

#[tokio::test]
async fn a_sqlite_database_is_opened_by_one_process_at_a_time() {
    let store = sqlite().await;
    let refused = Store::open(&store.location, START).await.unwrap_err();
    assert_eq!(refused, StoreError::InUse(path(&store)));
    store.close().await;
    Store::open(&store.location, START).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_start_together_migrate_once() {
    let Some(location) = testing::empty_postgres().await else {
        return;
    };
    let mut nodes = JoinSet::new();
    for _ in 0..4 {
        let location = location.clone();
        nodes.spawn(async move { Store::open(&location, START).await.unwrap() });
    }
    let nodes = nodes.join_all().await;
    for node in &nodes {
        let applied = node
            .scan(|tx| {
                tx.all("SELECT number FROM schema_migrations ORDER BY number", &[], |row| {
                    row.get::<i64>(0)
                })
            })
            .await
            .unwrap_or_else(|failure: StoreError| panic!("{failure}"));
        assert!(applied.len() >= 4);
        // Numbers are given out before their migrations are written, so one may be missing; none may come twice.
        assert!(applied.is_sorted_by(|one, next| one < next), "{applied:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_error_without_the_password() {
    for url in [
        "postgres://user:hunter2@127.0.0.1:1/db",
        "postgres://user:hunter2@127.0.0.1:1/db?sslmode=verify-full",
        "postgres://user:hunter2@127.0.0.1/db?sslmode=allow",
        "postgres://user:hunter2@127.0.0.1/db?nonsense=1",
        "postgres://user:hunter2@127.0.0.1/db?sslmode=require&sslrootcert=/nonexistent",
        "not a url hunter2",
    ] {
        let failure = Store::open(&Location::Postgres(url.to_owned()), START)
            .await
            .unwrap_err();
        assert!(
            matches!(failure, StoreError::Unavailable(_) | StoreError::Location(_)),
            "{url}: {failure:?}"
        );
        assert!(!failure.to_string().contains("hunter2"), "{url}: {failure}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_taken_under_load_is_whole() {
    let store = sqlite().await;
    let directory = tempfile::tempdir().unwrap();
    let copy = directory.path().join("copy.db");
    let writing = store.clone();
    let (progress, mut written_so_far) = tokio::sync::watch::channel(0);
    let writer = tokio::spawn(async move {
        for number in 0.. {
            // Both rows change together: a copy that has one of them only is torn.
            let text = number.to_string();
            let written = writing
                .write(START, move |tx| {
                    settings::set(tx, "left", &text)?;
                    settings::set(tx, "right", &text)
                })
                .await;
            if written == Err(StoreError::Closed) {
                return number;
            }
            progress.send_replace(number);
        }
        0
    });
    written_so_far.wait_for(|number| *number > 10).await.unwrap();
    store.backup(&copy).await.unwrap();
    assert!(matches!(store.backup(&copy).await, Err(StoreError::Location(_))));
    store.close().await;
    writer.await.unwrap();
    let copied = Store::open(&Location::Sqlite(copy), START).await.unwrap();
    let both = copied.read(settings::all).await.unwrap();
    assert_eq!(both.len(), 2);
    assert_eq!(both[0].1, both[1].1);
    let check = copied
        .scan(|tx| tx.all("PRAGMA integrity_check", &[], |row| row.get::<String>(0)))
        .await;
    assert_eq!(check, Ok(vec!["ok".to_owned()]));
}
