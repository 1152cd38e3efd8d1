//! The store in a SQLite file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::SessionStore;
use super::sql::{Engine, Parameter, Row, Sql, TABLES};
use crate::LoginError;
use crate::network::Pending;

/// Connections that are kept open; more are opened when as many are busy, and closed afterwards.
const KEPT: usize = 4;

/// Sessions in a SQLite file, which is made if it is not there, readable for its owner only: they survive a restart, and
/// processes on one machine can share them.
///
/// Every change is on disk before it is answered (`synchronous=FULL`), because a session that was ended must not come back
/// with a power cut. Whoever reads the file learns how many sessions there are and when they end, and nothing else: see
/// [what a stolen database tells](crate#what-a-stolen-database-tells).
///
/// # Errors
/// [`LoginError::Sessions`] with what SQLite or the system says.
pub async fn open_sqlite(path: impl AsRef<Path>) -> Result<Arc<dyn SessionStore>, LoginError> {
    let file = File {
        path: path.as_ref().to_owned(),
        idle: Arc::default(),
    };
    file.with(|connection| {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.execute_batch(TABLES)
    })
    .await?;
    Ok(Arc::new(Sql::new(file)))
}

struct File {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl File {
    /// Runs `work` with a connection of its own, on a thread that may wait for the disk.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LoginError> {
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let lock = |idle: &Mutex<Vec<Connection>>| idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let worked = tokio::task::spawn_blocking(move || {
            let connection = match lock(&idle) {
                Some(connection) => connection,
                None => open(&path)?,
            };
            let done = work(&connection).map_err(|error| LoginError::Sessions(error.to_string()));
            let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < KEPT {
                idle.push(connection);
            }
            done
        });
        worked.await.map_err(|error| LoginError::Sessions(error.to_string()))?
    }
}

fn open(path: &Path) -> Result<Connection, LoginError> {
    let failed = |error: &dyn std::fmt::Display| LoginError::Sessions(format!("{}: {error}", path.display()));
    for_its_owner_only(path).map_err(|error| failed(&error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| failed(&error))?;
    let configured = connection
        .busy_timeout(Duration::from_secs(5))
        .and_then(|()| connection.pragma_update(None, "synchronous", "FULL"));
    configured.map_err(|error| failed(&error))?;
    Ok(connection)
}

/// SQLite gives the files beside it the same permissions.
fn for_its_owner_only(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn value(parameter: Parameter) -> Value {
    match parameter {
        Parameter::Bytes(bytes) | Parameter::MaybeBytes(Some(bytes)) => Value::Blob(bytes),
        Parameter::MaybeBytes(None) => Value::Null,
        Parameter::Number(number) => Value::Integer(number),
    }
}

impl Engine for File {
    fn execute(&self, sql: &'static str, parameters: Vec<Parameter>) -> Pending<'_, Result<u64, LoginError>> {
        Box::pin(self.with(move |connection| {
            let changed = connection
                .prepare_cached(sql)?
                .execute(params_from_iter(parameters.into_iter().map(value)))?;
            Ok(u64::try_from(changed).unwrap_or(u64::MAX))
        }))
    }

    fn row(
        &self,
        sql: &'static str,
        parameters: Vec<Parameter>,
        numbers: usize,
    ) -> Pending<'_, Result<Option<Row>, LoginError>> {
        Box::pin(self.with(move |connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let columns = statement.column_count();
            let mut rows = statement.query(params_from_iter(parameters.into_iter().map(value)))?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let found = Row {
                numbers: (0..numbers).map(|column| row.get(column)).collect::<Result<_, _>>()?,
                bytes: (numbers..columns)
                    .map(|column| row.get(column))
                    .collect::<Result<_, _>>()?,
            };
            // A statement that deletes is done only when it was asked for everything.
            while rows.next()?.is_some() {}
            Ok(Some(found))
        }))
    }
}
