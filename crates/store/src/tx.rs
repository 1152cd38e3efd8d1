//! The unit of work as its closure sees it.

use jiff::Timestamp;

use crate::change::Announced;
use crate::value::RowKind;
use crate::{Change, Row, StoreError, Value, postgres, sqlite};

/// One open transaction. Statements use `$1`, `$2`, … and are prepared once per connection.
///
/// After a statement failed, the unit is lost: every later statement gives [`StoreError::Aborted`], and it is rolled
/// back. Use `ON CONFLICT DO NOTHING` and the count of rows where a duplicate is an expected answer.
pub struct Tx<'a> {
    engine: Engine<'a>,
    now: Timestamp,
    changes: Announced,
    /// The first statement that failed, and why.
    failed: Option<StoreError>,
}

#[derive(Clone, Copy)]
pub(crate) enum Engine<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a postgres::Session),
}

impl<'a> Tx<'a> {
    pub(crate) fn new(engine: Engine<'a>, now: Timestamp) -> Self {
        Self {
            engine,
            now,
            changes: Announced::default(),
            failed: None,
        }
    }
}

impl Tx<'_> {
    /// The time of this unit, as given to [`crate::Store::write`]. Reading units have none: theirs is
    /// [`Timestamp::MAX`], so that an operation that forgot to ask for the time finds everything expired.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn engine(&self) -> Engine<'_> {
        self.engine
    }

    /// Runs a statement that gives no rows; the number of rows it changed.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`], [`StoreError::Constraint`], [`StoreError::Parameter`] and what else the engine says.
    pub fn execute(&mut self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        self.usable()?;
        let result = match self.engine {
            Engine::Sqlite(connection) => sqlite::execute(connection, sql, params),
            Engine::Postgres(session) => session.execute(sql, params),
        };
        self.noting_failure(result)
    }

    /// Runs a statement that gives at most one row (`INSERT … RETURNING` too).
    ///
    /// # Errors
    /// As [`Tx::execute`], what `map` says, and [`StoreError::MoreThanOne`].
    pub fn one<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        map: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.usable()?;
        let result = match self.engine {
            Engine::Sqlite(connection) => sqlite::one(connection, sql, params, map),
            Engine::Postgres(session) => session.query(sql, params).and_then(|rows| match rows.as_slice() {
                [] => Ok(None),
                [row] => map(&Row(RowKind::Postgres(row))).map(Some),
                _ => Err(StoreError::MoreThanOne),
            }),
        };
        self.noting_failure(result)
    }

    /// Runs a statement and maps every row.
    ///
    /// # Errors
    /// As [`Tx::execute`], and what `map` says.
    pub fn all<T>(
        &mut self,
        sql: &str,
        params: &[Value<'_>],
        mut map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.usable()?;
        let result = match self.engine {
            Engine::Sqlite(connection) => sqlite::all(connection, sql, params, map),
            Engine::Postgres(session) => session
                .query(sql, params)
                .and_then(|rows| rows.iter().map(|row| map(&Row(RowKind::Postgres(row)))).collect()),
        };
        self.noting_failure(result)
    }

    /// Tells every cache, on every node, about a change, once this unit has committed.
    pub fn announce(&mut self, change: Change) {
        self.changes.add(change);
    }

    /// What was announced, or why the unit cannot be committed although its closure returned `Ok`.
    pub(crate) fn finish(self) -> Result<Vec<Change>, StoreError> {
        match self.failed {
            Some(_) => Err(StoreError::Aborted),
            None => Ok(self.changes.into_list()),
        }
    }

    pub(crate) fn failure(&self) -> Option<StoreError> {
        self.failed.clone()
    }

    fn usable(&self) -> Result<(), StoreError> {
        match self.failed {
            Some(_) => Err(StoreError::Aborted),
            None => Ok(()),
        }
    }

    // PostgreSQL refuses everything after a failed statement; SQLite would go on. Both must behave alike.
    fn noting_failure<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(failure) = &result {
            self.failed.get_or_insert_with(|| failure.clone());
        }
        result
    }
}
