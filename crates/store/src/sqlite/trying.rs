//! Units that are tried out: on a copy in memory of what they may read, so that the writer is there for what is kept.

use rusqlite::Connection;

use super::{Options, open, store_error};
use crate::StoreError;
use crate::tx::Engine;
use crate::writing::Queued;

/// A larger database is not copied: its units are tried by the writer, which waits for them.
const LARGEST: u64 = 512 << 20;
/// What logins leave behind and what was logged: most of a database, and nothing that a unit asks before it decides. These are
/// there without rows. A table that is new is copied.
const LEFT_OUT: [&str; 20] = [
    "app_sessions",
    "attempts",
    "browser_factors",
    "browser_users",
    "browsers",
    "codes",
    "decoupled_requests",
    "events",
    "grants",
    "letters",
    "login_budgets",
    "pushed_requests",
    "refresh_families",
    "replay",
    "revoked_tokens",
    "sessions",
    "traces",
    "upstream_attempts",
    "upstream_endings",
    "upstream_sessions",
];

/// Whether a copy of this database fits into memory.
pub(super) fn fits(options: &Options) -> bool {
    std::fs::metadata(&options.path).is_ok_and(|file| file.len() <= LARGEST)
}

/// Runs a unit on a copy that nobody else sees and that ends with it.
pub(super) fn run(options: &Options, queued: &mut Queued) -> Result<(), StoreError> {
    let connection = open::for_trying(options)?;
    copy(&connection).map_err(store_error)?;
    connection
        .execute_batch("PRAGMA foreign_keys = ON; BEGIN")
        .map_err(store_error)?;
    // Whatever it says: the outcome is kept by the unit, and the copy is dropped.
    let _ = queued.run(Engine::Sqlite(&connection));
    Ok(())
}

/// One state of the database as temporary tables, which stand before those of the file wherever a statement names one.
fn copy(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN")?;
    let mut tables = Vec::new();
    {
        // Tables come before their indexes, which must be there when rows are copied: then pages are, and not row by row.
        let mut schema = connection.prepare(
            "SELECT type, name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY type DESC",
        )?;
        let mut rows = schema.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, name, sql): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if kind == "table" {
                connection.execute_batch(&sql.replacen("CREATE TABLE ", "CREATE TEMP TABLE ", 1))?;
                tables.push(name);
            } else {
                connection.execute_batch(&sql.replacen(" INDEX ", " INDEX temp.", 1))?;
            }
        }
    }
    for table in tables.iter().filter(|table| !LEFT_OUT.contains(&table.as_str())) {
        connection.execute_batch(&format!("INSERT INTO temp.\"{table}\" SELECT * FROM main.\"{table}\""))?;
    }
    connection.execute_batch("COMMIT")
}
