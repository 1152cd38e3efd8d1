//! Opening the file: one process at a time, settings, schema.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use super::{backup, store_error};
use crate::{StoreError, Value, migrations};

/// "Door" in ASCII, at offset 68 of the file.
const APPLICATION_ID: i64 = 0x446f_6f72;
/// Of statements per connection; ours are a few hundred.
const STATEMENTS: usize = 512;
/// How long another process's lock is waited for.
const BUSY: Duration = Duration::from_secs(5);

/// How to open the file. Everything but the path is for the crash tests.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) path: PathBuf,
    pub(crate) vfs: Option<&'static str>,
    pub(crate) synchronous: &'static str,
    /// How many migrations are known.
    pub(crate) newest: usize,
}

impl Options {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            vfs: None,
            synchronous: "FULL",
            newest: usize::MAX,
        }
    }
}

/// The connection of the writer, and the lock that keeps other processes away while it lives.
pub(super) fn for_writing(options: &Options) -> Result<(Connection, File), StoreError> {
    let lock = lock(options)?;
    let connection = connect(
        options,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )?;
    refuse_foreign(&connection, options)?;
    connection
        .execute_batch(&format!(
            "PRAGMA application_id = {APPLICATION_ID};
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = {};
             PRAGMA foreign_keys = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -8192;
             PRAGMA wal_autocheckpoint = 2000;
             PRAGMA journal_size_limit = 67108864;",
            options.synchronous
        ))
        .map_err(store_error)?;
    Ok((connection, lock))
}

/// A connection that cannot write. Its page cache is small, because there is one per thread that reads.
pub(super) fn for_reading(options: &Options) -> Result<Connection, StoreError> {
    let connection = connect(options, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection
        .execute_batch(
            "PRAGMA query_only = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -1024;",
        )
        .map_err(store_error)?;
    Ok(connection)
}

/// Brings the schema up to date; a database that has one already is copied first.
pub(super) fn migrate(connection: &Connection, options: &Options, now: Timestamp) -> Result<(), StoreError> {
    let mut target = Target { connection };
    let plan = migrations::plan(&mut target, options.newest)?;
    if plan.is_upgrade() {
        let copy = backup::path_before_upgrade(&options.path, &plan, now);
        backup::copy(connection, &copy)?;
        tracing::info!(backup = %copy.display(), "copied the database before its upgrade");
    }
    if plan.is_empty() {
        return Ok(());
    }
    connection.execute_batch("BEGIN IMMEDIATE").map_err(store_error)?;
    let result = plan
        .apply(&mut target, now)
        .and_then(|()| connection.execute_batch("COMMIT").map_err(store_error));
    if result.is_err() {
        // The error that matters is the first one; a failed rollback leaves nothing committed either.
        let _ = connection.execute_batch("ROLLBACK");
    }
    result
}

fn connect(options: &Options, flags: OpenFlags) -> Result<Connection, StoreError> {
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = match options.vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(&options.path, flags, vfs),
        None => Connection::open_with_flags(&options.path, flags),
    }
    .map_err(store_error)?;
    connection.busy_timeout(BUSY).map_err(store_error)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

// Caches are cleared by the process that commits: a second process would serve what the first has revoked.
fn lock(options: &Options) -> Result<File, StoreError> {
    let mut path = options.path.clone().into_os_string();
    path.push(".lock");
    let unusable =
        |error: &std::io::Error| StoreError::Unavailable(format!("{}: {error}", PathBuf::from(&path).display()));
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|error| unusable(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(options.path.clone())),
        Err(TryLockError::Error(error)) => Err(unusable(&error)),
    }
}

fn refuse_foreign(connection: &Connection, options: &Options) -> Result<(), StoreError> {
    let foreign = || StoreError::Foreign(options.path.clone());
    let question = "SELECT (SELECT count(*) FROM sqlite_schema), (SELECT application_id FROM pragma_application_id)";
    let (objects, id): (i64, i64) = connection
        .query_row(question, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => foreign(),
            _ => store_error(error),
        })?;
    if objects > 0 && id != APPLICATION_ID {
        return Err(foreign());
    }
    Ok(())
}

struct Target<'c> {
    connection: &'c Connection,
}

impl migrations::Target for Target<'_> {
    const DIALECT: migrations::Dialect = migrations::Dialect::Sqlite;

    fn run(&mut self, statement: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(statement).map_err(store_error)
    }

    fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        super::execute(self.connection, sql, params)
    }

    fn applied(&mut self) -> Result<Vec<migrations::Applied>, StoreError> {
        super::all(self.connection, migrations::APPLIED, &[], migrations::Applied::from_row)
    }
}
