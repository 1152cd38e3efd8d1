//! Opening the file: one process at a time, settings, schema.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use super::{backup, store_error};
use crate::{StoreError, Value, migrations};

/// "Door" in ASCII, at offset 68 of the file.
const APPLICATION_ID: i64 = 0x446f_6f72;
/// Of statements per connection; ours are a few hundred.
const STATEMENTS: usize = 512;
/// A server must have room for it beside what it has in memory for logins: a small one has half a gigabyte.
const LARGEST_COPY: u64 = 128 << 20;
/// How long the lock of a tool that looks into the database is waited for.
pub(super) const BUSY: Duration = Duration::from_secs(5);
/// How long a server that is about to end is waited for.
const HANDOVER: Duration = Duration::from_secs(2);
const HANDOVER_STEP: Duration = Duration::from_millis(20);
/// What everybody but the owner may do with a file of this mode.
const OTHERS: u32 = 0o077;

/// How to open the file. Everything but the path is for the crash tests.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) path: PathBuf,
    pub(crate) vfs: Option<&'static str>,
    pub(crate) synchronous: &'static str,
    /// How many migrations are known.
    pub(crate) newest: usize,
    /// Bytes: a larger database is not copied into memory, its units are tried by the writer, which waits for them.
    pub(crate) largest_copy: u64,
}

impl Options {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            vfs: None,
            synchronous: "FULL",
            newest: usize::MAX,
            largest_copy: LARGEST_COPY,
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
    claim(&connection, options)?;
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = {};
             PRAGMA foreign_keys = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -2048;
             PRAGMA wal_autocheckpoint = 2000;
             PRAGMA journal_size_limit = 16777216;",
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

/// A connection that cannot write to the file, but to tables of its own in memory.
pub(super) fn for_trying(options: &Options) -> Result<Connection, StoreError> {
    let connection = connect(options, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection
        .execute_batch("PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF")
        .map_err(store_error)?;
    Ok(connection)
}

/// The file beside the database in which its newest pages are.
pub(super) fn log(database: &Path) -> PathBuf {
    let mut log = database.to_owned().into_os_string();
    log.push("-wal");
    PathBuf::from(log)
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
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
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
    let path = PathBuf::from(path);
    let file = create_private(&path)?;
    let waited = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if waited.elapsed() < HANDOVER => thread::sleep(HANDOVER_STEP),
            Err(TryLockError::WouldBlock) => return Err(StoreError::InUse(options.path.clone())),
            Err(TryLockError::Error(error)) => return Err(unusable(&path, &error)),
        }
    }
    // SQLite gives its other files the permissions of this one when it makes them.
    create_private(&options.path)?;
    for suffix in ["-wal", "-shm"] {
        let mut path = options.path.clone().into_os_string();
        path.push(suffix);
        let path = PathBuf::from(path);
        match File::open(&path) {
            Ok(left) => make_private(&left, &path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unusable(&path, &error)),
        }
    }
    Ok(file)
}

// Password hashes and sealed keys are nobody else's business, whatever the umask says.
fn create_private(path: &Path) -> Result<File, StoreError> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|error| unusable(path, &error))?;
    make_private(&file, path)?;
    Ok(file)
}

// A copy that was put back, or an archive that was unpacked, has the mode that its tool gave it.
fn make_private(file: &File, path: &Path) -> Result<(), StoreError> {
    let mode = file
        .metadata()
        .map_err(|error| unusable(path, &error))?
        .permissions()
        .mode()
        & 0o777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    file.set_permissions(Permissions::from_mode(0o600)).map_err(|error| {
        StoreError::Unavailable(format!(
            "others can read {0} (mode {mode:o}), and this user may not change that: {error}. As its owner: chmod 600 {0}",
            path.display()
        ))
    })?;
    tracing::info!(file = %path.display(), "closed a file of the database to others (it had mode {mode:o})");
    Ok(())
}

fn unusable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {error}", path.display()))
}

/// An empty database becomes ours, another must be.
fn claim(connection: &Connection, options: &Options) -> Result<(), StoreError> {
    let foreign = || StoreError::Foreign(options.path.clone());
    let question = "SELECT (SELECT count(*) FROM sqlite_schema), (SELECT application_id FROM pragma_application_id)";
    let (objects, id): (i64, i64) = connection
        .query_row(question, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => foreign(),
            _ => store_error(error),
        })?;
    match (objects, id) {
        (_, APPLICATION_ID) => Ok(()),
        (0, _) => connection
            .pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(store_error),
        _ => Err(foreign()),
    }
}

struct Target<'c> {
    connection: &'c Connection,
}

impl migrations::Target for Target<'_> {
    const DIALECT: migrations::Dialect = migrations::Dialect::Sqlite;

    fn run(&mut self, statements: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(statements).map_err(store_error)
    }

    fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        super::execute(self.connection, sql, params)
    }

    fn applied(&mut self) -> Result<Vec<migrations::Applied>, StoreError> {
        super::all(self.connection, migrations::APPLIED, &[], migrations::Applied::from_row)
    }
}
