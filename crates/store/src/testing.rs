//! Fresh stores for the suites of this crate and of the subjects.

use std::ops::Deref;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use tempfile::TempDir;

use crate::sqlite::Options;
use crate::{Location, Store, StoreError};

/// The time that fresh stores are opened at: 2026-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp::constant(1_767_225_600, 0);

/// A store that is empty but for its schema, and goes away with its directory or schema.
pub struct TestStore {
    /// `sqlite` or `postgres`, for messages.
    pub engine: &'static str,
    /// Where it is, to open it again.
    pub location: Location,
    store: Store,
    _directory: Option<TempDir>,
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

/// A fresh SQLite store, and a fresh PostgreSQL store when `DOORWARD_TEST_POSTGRES` names a server.
///
/// # Panics
/// When a store cannot be made; when `CI` or `DOORWARD_REQUIRE_POSTGRES` is set and `DOORWARD_TEST_POSTGRES` is not: a suite
/// that ran on one engine only must not pass for one that ran on both.
pub async fn engines() -> Vec<TestStore> {
    let mut engines = vec![sqlite().await];
    engines.extend(postgres().await);
    engines
}

/// A fresh SQLite store.
///
/// # Panics
/// When it cannot be made.
#[expect(clippy::expect_used, reason = "a test cannot go on without its store")]
pub async fn sqlite() -> TestStore {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let location = Location::Sqlite(directory.path().join("doorward.db"));
    TestStore {
        engine: "sqlite",
        store: Store::open(&location, START).await.expect("a fresh SQLite store opens"),
        location,
        _directory: Some(directory),
    }
}

/// A fresh PostgreSQL store in a schema of its own, if a server is named.
///
/// # Panics
/// As [`engines`].
#[expect(clippy::expect_used, reason = "a test cannot go on without its store")]
pub async fn postgres() -> Option<TestStore> {
    let location = empty_postgres().await?;
    let store = Store::open(&location, START)
        .await
        .expect("a fresh PostgreSQL store opens");
    Some(TestStore {
        engine: "postgres",
        location,
        store,
        _directory: None,
    })
}

/// An empty PostgreSQL schema, if a server is named.
///
/// # Panics
/// As [`engines`].
pub async fn empty_postgres() -> Option<Location> {
    let Ok(server) = std::env::var("DOORWARD_TEST_POSTGRES") else {
        let required = ["CI", "DOORWARD_REQUIRE_POSTGRES"];
        assert!(
            !required.iter().any(|name| std::env::var_os(name).is_some()),
            "DOORWARD_TEST_POSTGRES must name a PostgreSQL server: this suite has to run on both engines"
        );
        return None;
    };
    let schema = fresh_schema(&server).await;
    let separator = if server.contains('?') { '&' } else { '?' };
    Some(Location::Postgres(format!(
        "{server}{separator}options=-c%20search_path%3D{schema}"
    )))
}

/// A SQLite store as a release left it that knew the first `newest` migrations only.
///
/// # Panics
/// When it cannot be opened.
#[expect(clippy::expect_used, reason = "a test cannot go on without its store")]
pub async fn older_sqlite(path: &Path, newest: usize) -> Store {
    let mut options = Options::new(path.to_owned());
    options.newest = newest;
    Store::open_sqlite(options, START)
        .await
        .expect("an older SQLite store opens")
}

/// A SQLite store on another virtual file system, or less durable than it must be: for tests of crashes.
///
/// # Errors
/// As [`Store::open`].
pub async fn sqlite_with(path: &Path, vfs: &'static str, synchronous: &'static str) -> Result<Store, StoreError> {
    let mut options = Options::new(path.to_owned());
    options.vfs = Some(vfs);
    options.synchronous = synchronous;
    Store::open_sqlite(options, START).await
}

#[expect(clippy::expect_used, reason = "a test cannot go on without its schema")]
#[expect(clippy::disallowed_methods, reason = "the age of forgotten schemas is real time")]
async fn fresh_schema(server: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls)
        .await
        .expect("the server of DOORWARD_TEST_POSTGRES answers");
    let running = tokio::spawn(connection);
    let now = Timestamp::now().as_second();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    if count == 0 {
        drop_forgotten(&client, now).await;
    }
    let schema = format!("doorward_test_{now}_{}_{count}", std::process::id());
    client
        .batch_execute(&format!("CREATE SCHEMA {schema}"))
        .await
        .expect("a schema can be made");
    drop(client);
    running
        .await
        .expect("the connection ends")
        .expect("the connection ends well");
    schema
}

/// Schemas outlive the test that made them, so that a failure can be looked at; the next run clears those of an hour ago.
async fn drop_forgotten(client: &tokio_postgres::Client, now: i64) {
    let Ok(rows) = client
        .query(
            "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'doorward\\_test\\_%' LIMIT 1000",
            &[],
        )
        .await
    else {
        return;
    };
    for row in rows {
        let name: String = row.get(0);
        let made = name.split('_').nth(2).and_then(|made| made.parse::<i64>().ok());
        if made.is_some_and(|made| now - made > 3600) {
            // Another suite may be doing the same.
            let _ = client
                .batch_execute(&format!("DROP SCHEMA IF EXISTS {name} CASCADE"))
                .await;
        }
    }
}
