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
    _schema: Option<Schema>,
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
        _schema: None,
    }
}

/// A fresh PostgreSQL store in a schema of its own, if a server is named.
///
/// # Panics
/// As [`engines`].
#[expect(clippy::expect_used, reason = "a test cannot go on without its store")]
pub async fn postgres() -> Option<TestStore> {
    let (schema, location) = schema_of_its_own().await?;
    let store = Store::open(&location, START)
        .await
        .expect("a fresh PostgreSQL store opens");
    Some(TestStore {
        engine: "postgres",
        location,
        store,
        _directory: None,
        _schema: Some(schema),
    })
}

/// An empty PostgreSQL schema, if a server is named.
///
/// # Panics
/// As [`engines`].
pub async fn empty_postgres() -> Option<Location> {
    // Left behind: what opens it is a process that is killed, or several at once.
    let (schema, location) = schema_of_its_own().await?;
    std::mem::forget(schema);
    Some(location)
}

async fn schema_of_its_own() -> Option<(Schema, Location)> {
    let Ok(server) = std::env::var("DOORWARD_TEST_POSTGRES") else {
        let required = ["CI", "DOORWARD_REQUIRE_POSTGRES"];
        assert!(
            !required.iter().any(|name| std::env::var_os(name).is_some()),
            "DOORWARD_TEST_POSTGRES must name a PostgreSQL server: this suite has to run on both engines"
        );
        return None;
    };
    let schema = Schema::create(server).await;
    let Schema { server, name } = &schema;
    let separator = if server.contains('?') { '&' } else { '?' };
    let location = Location::Postgres(format!("{server}{separator}options=-c%20search_path%3D{name}"));
    Some((schema, location))
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

/// A SQLite store that is too large to be copied, however small it is: its writer tries units out.
///
/// # Errors
/// As [`Store::open`].
pub async fn sqlite_without_copies(path: &Path) -> Result<Store, StoreError> {
    let mut options = Options::new(path.to_owned());
    options.largest_copy = 0;
    Store::open_sqlite(options, START).await
}

/// The tables of which a copy for trying units out has no rows.
pub fn tables_left_out() -> &'static [&'static str] {
    &crate::sqlite::LEFT_OUT
}

/// A schema on the test server, dropped with its test unless that failed: then it can be looked at.
struct Schema {
    server: String,
    name: String,
}

impl Schema {
    #[expect(clippy::expect_used, reason = "a test cannot go on without its schema")]
    #[expect(clippy::disallowed_methods, reason = "the age of forgotten schemas is real time")]
    async fn create(server: String) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let client = connect(&server)
            .await
            .expect("the server of DOORWARD_TEST_POSTGRES answers");
        let now = Timestamp::now().as_second();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        if count == 0 {
            drop_forgotten(&client, now).await;
        }
        let name = format!("doorward_test_{now}_{}_{count}", std::process::id());
        client
            .batch_execute(&format!("CREATE SCHEMA {name}"))
            .await
            .expect("a schema can be made");
        Self { server, name }
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let (server, name) = (self.server.clone(), self.name.clone());
        // A thread, because the runtime of the test cannot be waited for from within. What fails here is cleared by a
        // later run.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                if let Ok(client) = connect(&server).await {
                    let _ = client
                        .batch_execute(&format!(
                            "SET lock_timeout = '1s'; SET synchronous_commit = off; SET client_min_messages = error; \
                             DROP SCHEMA IF EXISTS {name} CASCADE"
                        ))
                        .await;
                }
            });
        });
        let _ = dropping.join();
    }
}

async fn connect(server: &str) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Clears what failed and killed tests left behind more than ten minutes ago, a bounded number per run.
async fn drop_forgotten(client: &tokio_postgres::Client, now: i64) {
    let Ok(rows) = client
        .query(
            "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'doorward\\_test\\_%' ORDER BY 1 LIMIT 20",
            &[],
        )
        .await
    else {
        return;
    };
    for row in rows {
        let name: String = row.get(0);
        let made = name.split('_').nth(2).and_then(|made| made.parse::<i64>().ok());
        if made.is_some_and(|made| now - made > 600) {
            // Another suite may be doing the same.
            let _ = client
                .batch_execute(&format!("DROP SCHEMA IF EXISTS {name} CASCADE"))
                .await;
        }
    }
}
