//! Units that are tried out: on a copy in memory of what they may read, so that the writer is there for what is kept.

use std::path::Path;

use rusqlite::Connection;

use super::{Options, open, store_error};
use crate::StoreError;
use crate::tx::Engine;
use crate::writing::Queued;

/// What logins leave behind and what was logged: most of a database, and nothing that a unit asks before it decides. These are
/// there without rows. A table that is new is copied.
pub(crate) const LEFT_OUT: [&str; 20] = [
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

/// Whether a copy of this database fits into memory: of the file and its log, in which the newest rows may be.
pub(super) fn fits(options: &Options) -> bool {
    let size = |path: &Path| std::fs::metadata(path).map(|file| file.len());
    let log = size(&open::log(&options.path)).unwrap_or_default();
    size(&options.path).is_ok_and(|file| file.saturating_add(log) <= options.largest_copy)
}

/// Runs a unit on a copy that nobody else sees and that ends with it.
pub(super) fn run(options: &Options, queued: &mut Queued) -> Result<(), StoreError> {
    let connection = open::for_trying(options)?;
    copy(&connection)?;
    connection
        .execute_batch("PRAGMA foreign_keys = ON; BEGIN")
        .map_err(store_error)?;
    // Whatever it says: the outcome is kept by the unit, and the copy is dropped.
    let _ = queued.run(Engine::Sqlite(&connection));
    Ok(())
}

/// One state of the database as temporary tables, which stand before those of the file wherever a statement names one.
fn copy(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch("BEGIN").map_err(store_error)?;
    let mut tables = Vec::new();
    for (kind, name, sql) in schema(connection).map_err(store_error)? {
        let sql = match kind.as_str() {
            "table" => sql.replacen("CREATE TABLE ", "CREATE TEMP TABLE ", 1),
            "index" => sql.replacen(" INDEX ", " INDEX temp.", 1),
            other => {
                let problem = format!("units are tried on copies of tables and indexes, and {name} is a {other}");
                return Err(StoreError::Engine(problem));
            }
        };
        connection.execute_batch(&sql).map_err(store_error)?;
        if kind == "table" {
            tables.push(name);
        }
    }
    for table in tables.iter().filter(|table| !LEFT_OUT.contains(&table.as_str())) {
        let rows = format!("INSERT INTO temp.\"{table}\" SELECT * FROM main.\"{table}\"");
        connection.execute_batch(&rows).map_err(store_error)?;
    }
    connection.execute_batch("COMMIT").map_err(store_error)
}

/// Type, name and definition of all that there is. Tables come before their indexes, which must be there when rows are copied: then
/// pages are, and not row by row.
fn schema(connection: &Connection) -> rusqlite::Result<Vec<(String, String, String)>> {
    let mut schema = connection.prepare(
        "SELECT type, name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' \
         ORDER BY type <> 'table'",
    )?;
    schema
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect()
}
