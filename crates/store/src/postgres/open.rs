//! Opening: the URL, the pool, the schema.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand;
use data_encoding::HEXLOWER;
use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod};
use jiff::Timestamp;
use tokio::runtime::Handle;
use tokio_postgres::Config;

use super::failure::{of_pool, store_error};
use super::listen::Listener;
use super::session::Session;
use super::tls::{self, Tls};
use crate::value::RowKind;
use crate::{Row, StoreError, Value, migrations};

/// Connections per node. Twice the cores of a small server keeps PostgreSQL busy without crowding it.
const CONNECTIONS: usize = 16;
/// How long a unit waits for one of them.
const WAIT: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(10);
/// Of every connection. A server that was told to answer before it has synced is told otherwise: what Doorward
/// acknowledges is durable.
const SETTINGS: &str = "SELECT set_config('lock_timeout', '10s', false), set_config('statement_timeout', '60s', false), \
     set_config('idle_in_transaction_session_timeout', '60s', false), \
     CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', false) END";

pub(super) struct Opened {
    pub(super) pool: Pool,
    pub(super) channel: Arc<str>,
    pub(super) node: Arc<str>,
    pub(super) listener: Listener,
}

pub(super) async fn open(url: &str, now: Timestamp) -> Result<Opened, StoreError> {
    let (mut config, tls) = tls::configure(url)?;
    if config.get_application_name().is_none() {
        config.application_name("doorward");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    config.keepalives_idle(Duration::from_secs(30));
    let pool = pool(&config, &tls)?;
    let schema = migrate(&pool, now).await?;
    Ok(Opened {
        pool,
        channel: format!("doorward_{schema}").into(),
        node: node()?.into(),
        listener: Listener { config, tls },
    })
}

fn pool(config: &Config, tls: &Tls) -> Result<Pool, StoreError> {
    let manager = Manager::from_config(
        config.clone(),
        tls.clone(),
        ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        },
    );
    let settings = Hook::async_fn(|client, _| {
        Box::pin(async move { client.batch_execute(SETTINGS).await.map_err(HookError::Backend) })
    });
    Pool::builder(manager)
        .max_size(CONNECTIONS)
        .wait_timeout(Some(WAIT))
        .runtime(deadpool_postgres::Runtime::Tokio1)
        .post_create(settings)
        .build()
        .map_err(|error| StoreError::Unavailable(error.to_string()))
}

/// Brings the schema up to date and gives its name. Nodes that start together take turns.
async fn migrate(pool: &Pool, now: Timestamp) -> Result<String, StoreError> {
    let client = pool.get().await.map_err(|error| of_pool(&error))?;
    let failed = |error| store_error(&error);
    let row = client
        .query_one("SELECT current_schema()::text, current_setting('fsync')", &[])
        .await
        .map_err(failed)?;
    let schema: Option<String> = row.try_get(0).map_err(failed)?;
    let Some(schema) = schema else {
        return Err(StoreError::Location(
            "none of the schemas in search_path exists".to_owned(),
        ));
    };
    if row.try_get::<_, &str>(1).map_err(failed)? == "off" {
        tracing::warn!("the PostgreSQL server runs with fsync=off: what it acknowledges may be lost");
    }
    let session = Session::new(client, Handle::current(), false);
    let migrated = tokio::task::spawn_blocking(move || {
        session.begin("BEGIN");
        let result = take_turn(&session).and_then(|()| {
            let mut target = Target { session: &session };
            migrations::plan(&mut target, usize::MAX)?.apply(&mut target, now)
        });
        if let Err(failure) = result {
            session.abandon();
            return Err(failure);
        }
        session.commit()
    });
    migrated
        .await
        .map_err(|failure| StoreError::Panicked(failure.to_string()))??;
    Ok(schema)
}

// Held until the transaction ends. The time limits are those of migrations, not of requests.
fn take_turn(session: &Session) -> Result<(), StoreError> {
    session.query(
        "SELECT set_config('lock_timeout', '0', true), set_config('statement_timeout', '0', true)",
        &[],
    )?;
    session.query(
        "SELECT pg_advisory_xact_lock(hashtext('doorward migrations'), hashtext(current_schema()::text))::text",
        &[],
    )?;
    Ok(())
}

fn node() -> Result<String, StoreError> {
    let mut id = [0; 8];
    rand::fill(&mut id).map_err(|_| StoreError::Engine("no random bytes for the name of this node".to_owned()))?;
    Ok(HEXLOWER.encode(&id))
}

struct Target<'s> {
    session: &'s Session,
}

impl migrations::Target for Target<'_> {
    const DIALECT: migrations::Dialect = migrations::Dialect::Postgres;

    fn run(&mut self, statements: &str) -> Result<(), StoreError> {
        self.session.script(statements)
    }

    fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        self.session.execute(sql, params)
    }

    fn applied(&mut self) -> Result<Vec<migrations::Applied>, StoreError> {
        let rows = self.session.query(migrations::APPLIED, &[])?;
        rows.iter()
            .map(|row| migrations::Applied::from_row(&Row(RowKind::Postgres(row))))
            .collect()
    }
}
