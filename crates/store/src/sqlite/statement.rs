//! Running one statement. `$1` is a *name* in SQLite: parameters are bound by the number in the name, not by their
//! order of appearance, which is what PostgreSQL does too.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};

use super::store_error;
use crate::value::RowKind;
use crate::{Column, Row, StoreError, Value};

pub(crate) fn execute(connection: &Connection, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
    let mut statement = prepare(connection, sql, params)?;
    let changed = statement.raw_execute().map_err(store_error)?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}

pub(crate) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: &[Value<'_>],
    map: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = prepare(connection, sql, params)?;
    let mut rows = statement.raw_query();
    let Some(row) = rows.next().map_err(store_error)? else {
        return Ok(None);
    };
    let value = map(&Row(RowKind::Sqlite(row)))?;
    match rows.next().map_err(store_error)? {
        None => Ok(Some(value)),
        Some(_) => Err(StoreError::MoreThanOne),
    }
}

pub(crate) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: &[Value<'_>],
    mut map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = prepare(connection, sql, params)?;
    let mut rows = statement.raw_query();
    let mut values = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        values.push(map(&Row(RowKind::Sqlite(row)))?);
    }
    Ok(values)
}

pub(crate) fn column<'a>(row: &'a rusqlite::Row<'_>, index: usize) -> Result<Column<'a>, StoreError> {
    let wrong = |found: &str| StoreError::Column {
        index,
        expected: "an integer, text, bytes or null",
        found: found.to_owned(),
    };
    match row.get_ref(index).map_err(|_| wrong("no such column"))? {
        ValueRef::Null => Ok(Column::Null),
        ValueRef::Integer(value) => Ok(Column::Int(value)),
        ValueRef::Text(value) => str::from_utf8(value)
            .map(Column::Text)
            .map_err(|_| wrong("text that is not UTF-8")),
        ValueRef::Blob(value) => Ok(Column::Bytes(value)),
        ValueRef::Real(_) => Err(wrong("a floating point number")),
    }
}

fn prepare<'c>(connection: &'c Connection, sql: &str, params: &[Value<'_>]) -> Result<CachedStatement<'c>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(store_error)?;
    let slots = statement.parameter_count();
    if slots != params.len() {
        return Err(StoreError::Parameter(format!(
            "{} given, {slots} in the statement",
            params.len()
        )));
    }
    for slot in 1..=slots {
        let number = statement
            .parameter_name(slot)
            .and_then(|name| name.strip_prefix('$'))
            .and_then(|number| number.parse::<usize>().ok());
        let value = number.and_then(|number| params.get(number.checked_sub(1)?));
        let Some(value) = value else {
            return Err(StoreError::Parameter(format!(
                "parameters are called $1 to ${slots}, slot {slot} is not"
            )));
        };
        statement.raw_bind_parameter(slot, value).map_err(store_error)?;
    }
    Ok(statement)
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
            Self::Uuid(value) => ValueRef::Blob(value),
        }))
    }
}
