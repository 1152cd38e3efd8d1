//! How the database does, as far as it says so itself: what a doctor asks.

use crate::tx::Engine;
use crate::{StoreError, Tx};

/// A database of SQLite that is larger than this is not read from end to end, in bytes.
const LARGEST_CHECKED: i64 = 256 * 1024 * 1024;

/// What a database says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// SQLite, in a file beside the server.
    Sqlite {
        /// Its size in bytes.
        bytes: i64,
        /// The first damage that reading all of it found; `None` when it is whole, or too large to be read for a look.
        damage: Option<String>,
    },
    /// PostgreSQL.
    Postgres {
        /// `server_version`.
        version: String,
        /// Whether what was committed is on disk when this is said: `fsync` and `synchronous_commit`.
        is_durable: bool,
        /// It follows another server, and takes no writes.
        is_standby: bool,
        /// Connections to it, of everybody, and how many there may be.
        connections: (i64, i64),
        /// Its clock, in milliseconds since the epoch.
        now: i64,
    },
}

/// Asks the database.
///
/// # Errors
/// What the engine says.
pub fn condition(tx: &mut Tx<'_>) -> Result<Condition, StoreError> {
    if matches!(tx.engine(), Engine::Sqlite(_)) {
        return sqlite(tx);
    }
    let found = tx.one(
        "SELECT current_setting('server_version'), \
         CASE WHEN current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off' THEN 1::bigint ELSE 0 END, \
         CASE WHEN pg_is_in_recovery() THEN 1::bigint ELSE 0 END, \
         (SELECT sum(numbackends)::bigint FROM pg_stat_database), \
         current_setting('max_connections')::bigint, \
         (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
        &[],
        |row| {
            Ok(Condition::Postgres {
                version: row.get(0)?,
                is_durable: row.get::<i64>(1)? == 1,
                is_standby: row.get::<i64>(2)? == 1,
                connections: (row.get(3)?, row.get(4)?),
                now: row.get(5)?,
            })
        },
    )?;
    found.ok_or(StoreError::MoreThanOne)
}

fn sqlite(tx: &mut Tx<'_>) -> Result<Condition, StoreError> {
    let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let bytes = tx.one(size, &[], |row| row.get::<i64>(0))?.unwrap_or_default();
    let said = if bytes <= LARGEST_CHECKED {
        tx.one("SELECT quick_check FROM pragma_quick_check LIMIT 1", &[], |row| {
            row.get::<String>(0)
        })?
    } else {
        None
    };
    Ok(Condition::Sqlite {
        bytes,
        damage: said.filter(|said| said != "ok"),
    })
}
