//! Copies of a database in use.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::store_error;
use crate::StoreError;
use crate::migrations::Plan;

/// Copies the whole database under one read transaction, which keeps no writer waiting in WAL mode. The copy appears
/// under its name only when it is complete and synced; a file that is there already is never overwritten.
pub(super) fn copy(connection: &Connection, to: &Path) -> Result<(), StoreError> {
    if to.exists() {
        return Err(StoreError::Location(format!("{} exists already", to.display())));
    }
    let mut partial = to.to_owned().into_os_string();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let disk = |error: io::Error| StoreError::Disk(format!("{}: {error}", to.display()));
    match std::fs::remove_file(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(disk(error)),
        _ => {}
    }
    create_private(&partial).map_err(disk)?;
    fill(connection, &partial)?;
    File::open(&partial).and_then(|file| file.sync_all()).map_err(disk)?;
    std::fs::rename(&partial, to).map_err(disk)?;
    let directory = match to.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(disk)
}

/// `doorward.db` → `doorward.db.0004-20261122T021500Z.backup`, beside it.
pub(super) fn path_before_upgrade(database: &Path, plan: &Plan, now: Timestamp) -> PathBuf {
    let mut path = database.to_owned().into_os_string();
    path.push(format!(".{:04}-{}.backup", plan.from(), now.strftime("%Y%m%dT%H%M%SZ")));
    PathBuf::from(path)
}

fn fill(connection: &Connection, to: &Path) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(to, flags).map_err(store_error)?;
    let backup = Backup::new(connection, &mut copy).map_err(store_error)?;
    match backup.step(-1).map_err(store_error)? {
        StepResult::Done => Ok(()),
        _ => Err(StoreError::Busy("the database could not be read whole".to_owned())),
    }
}

// The copy holds password hashes and sealed keys, as the original does.
fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map(drop)
}
