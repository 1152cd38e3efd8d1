//! The stores under test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use doorward_login::{Memory, SessionStore, connect_postgres, open_sqlite};
use tempfile::TempDir;

pub(crate) enum Engine {
    Memory,
    Sqlite(TempDir),
    Postgres(Schema),
}

/// A schema of its own on the test server, dropped afterwards.
pub(crate) struct Schema {
    server: String,
    name: String,
}

/// All of them; PostgreSQL when `DOORWARD_TEST_POSTGRES` names a server, which it must in CI.
pub(crate) async fn engines() -> Vec<Engine> {
    let mut all = vec![Engine::Memory, Engine::Sqlite(tempfile::tempdir().unwrap())];
    match std::env::var("DOORWARD_TEST_POSTGRES") {
        Ok(server) => all.push(Engine::Postgres(Schema::new(server).await)),
        Err(_) => assert!(
            std::env::var_os("CI").is_none(),
            "DOORWARD_TEST_POSTGRES must name a PostgreSQL server: this suite has to run on every store"
        ),
    }
    all
}

impl Engine {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    pub(crate) async fn open(&self) -> Arc<dyn SessionStore> {
        match self {
            Self::Memory => Arc::new(Memory::new()),
            Self::Sqlite(folder) => open_sqlite(folder.path().join("sessions.db")).await.unwrap(),
            Self::Postgres(schema) => connect_postgres(&schema.url()).await.unwrap(),
        }
    }

    /// The same store from another process; memory has no other.
    pub(crate) async fn open_again(&self, store: &Arc<dyn SessionStore>) -> Arc<dyn SessionStore> {
        match self {
            Self::Memory => Arc::clone(store),
            _ => self.open().await,
        }
    }
}

impl Schema {
    async fn new(server: String) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "login_test_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        run(
            &server,
            format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"),
        )
        .await;
        Self { server, name }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}?options=-c%20search_path%3D{}", self.server, self.name)
    }

    /// Everything that a thief of the database reads.
    pub(crate) async fn dump(&self) -> Vec<u8> {
        let (client, connection) = tokio_postgres::connect(&self.url(), tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        let mut all = Vec::new();
        for column in ["id", "sealed", "subject", "provider_session"] {
            let rows = client
                .query(
                    &format!("SELECT {column} FROM login_sessions WHERE {column} IS NOT NULL"),
                    &[],
                )
                .await
                .unwrap();
            for row in rows {
                all.extend(row.get::<_, Vec<u8>>(0));
            }
        }
        all
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let (server, drop) = (
            self.server.clone(),
            format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name),
        );
        // A thread, because the runtime of the test cannot be waited for from within.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(run(&server, drop));
        });
        let _ = dropping.join();
    }
}

async fn run(server: &str, statements: String) {
    let (client, connection) = tokio_postgres::connect(server, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&statements).await.unwrap();
}
