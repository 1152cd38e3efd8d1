//! One connection, driven from the thread of a unit of work.

use std::cell::Cell;
use std::error::Error;

use bytes::BytesMut;
use tokio::runtime::Handle;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Row, Statement};

use super::failure::store_error;
use crate::{Column, StoreError, Value};

/// A connection of the pool, for one unit.
pub(crate) struct Session {
    client: Option<deadpool_postgres::Client>,
    runtime: Handle,
    only_reads: bool,
    // Sent together with the first statement, which saves a round trip.
    begin: Cell<Option<&'static str>>,
    // A connection with an open transaction must not go back to the pool.
    open: Cell<bool>,
}

impl Session {
    pub(super) fn new(client: deadpool_postgres::Client, runtime: Handle, only_reads: bool) -> Self {
        Self {
            client: Some(client),
            runtime,
            only_reads,
            begin: Cell::new(None),
            open: Cell::new(false),
        }
    }

    /// The next statement opens a transaction.
    pub(super) fn begin(&self, statement: &'static str) {
        self.begin.set(Some(statement));
    }

    /// When this fails, nobody knows whether the transaction is committed: the connection broke in between.
    pub(super) fn commit(&self) -> Result<(), StoreError> {
        if self.open.get() {
            self.simple("COMMIT")?;
            self.open.set(false);
        }
        Ok(())
    }

    /// Rolls back, or lets the connection go if even that fails.
    pub(super) fn abandon(&self) {
        if self.open.get() && self.simple("ROLLBACK").is_ok() {
            self.open.set(false);
        }
    }

    /// Runs a statement without rows.
    pub(crate) fn execute(&self, sql: &str, params: &[Value<'_>]) -> Result<u64, StoreError> {
        self.drive(sql, params, async |client, statement, params| {
            client.execute(statement, params).await
        })
    }

    /// Runs a statement; all its rows.
    pub(crate) fn query(&self, sql: &str, params: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        self.drive(sql, params, async |client, statement, params| {
            client.query(statement, params).await
        })
    }

    fn drive<T>(
        &self,
        sql: &str,
        params: &[Value<'_>],
        run: impl AsyncFnOnce(
            &deadpool_postgres::Client,
            &Statement,
            &[&(dyn ToSql + Sync)],
        ) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, StoreError> {
        // Only statements of our own come here. This keeps the engines alike: SQLite refuses by itself.
        let reads = |word| sql.trim_ascii_start().starts_with(word);
        if self.only_reads && !reads("SELECT") && !reads("WITH") {
            return Err(StoreError::ReadOnly);
        }
        let client = self.client()?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
        self.runtime.block_on(async {
            let statement = client.prepare_cached(sql).await.map_err(|error| store_error(&error))?;
            let slots = statement.params().len();
            if slots != params.len() {
                return Err(StoreError::Parameter(format!(
                    "{} given, {slots} in the statement",
                    params.len()
                )));
            }
            let Some(begin) = self.begin.take() else {
                return run(client, &statement, &params)
                    .await
                    .map_err(|error| store_error(&error));
            };
            self.open.set(true);
            // In this order on the wire; the server answers in the same.
            let (began, ran) = tokio::join!(biased; client.batch_execute(begin), run(client, &statement, &params));
            began.map_err(|error| store_error(&error))?;
            ran.map_err(|error| store_error(&error))
        })
    }

    /// Runs schema statements, in the transaction if one is wanted.
    pub(super) fn script(&self, statements: &str) -> Result<(), StoreError> {
        if let Some(begin) = self.begin.take() {
            self.open.set(true);
            self.simple(begin)?;
        }
        self.simple(statements)
    }

    fn simple(&self, statement: &str) -> Result<(), StoreError> {
        let client = self.client()?;
        self.runtime
            .block_on(client.batch_execute(statement))
            .map_err(|error| store_error(&error))
    }

    fn client(&self) -> Result<&deadpool_postgres::Client, StoreError> {
        self.client.as_ref().ok_or(StoreError::Closed)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.open.get()
            && let Some(client) = self.client.take()
        {
            drop(deadpool_postgres::Object::take(client));
        }
    }
}

/// The column at `index`, whatever type PostgreSQL gave it.
pub(crate) fn column(row: &Row, index: usize) -> Result<Column<'_>, StoreError> {
    let wrong = |found: String| StoreError::Column {
        index,
        expected: "an integer, text, bytes or null",
        found,
    };
    match row.try_get::<_, Any<'_>>(index) {
        Ok(Any(column)) => Ok(column),
        Err(error) => Err(wrong(match row.columns().get(index) {
            None => "no such column".to_owned(),
            Some(column) => format!("{}: {error}", column.type_()),
        })),
    }
}

struct Any<'a>(Column<'a>);

impl<'a> FromSql<'a> for Any<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *kind {
            Type::INT8 => Column::Int(i64::from_sql(kind, raw)?),
            Type::INT4 => Column::Int(i32::from_sql(kind, raw)?.into()),
            Type::INT2 => Column::Int(i16::from_sql(kind, raw)?.into()),
            Type::BOOL => Column::Int(bool::from_sql(kind, raw)?.into()),
            Type::BYTEA => Column::Bytes(raw),
            _ => Column::Text(<&str>::from_sql(kind, raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Column::Null))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::INT4 | Type::INT2 | Type::BOOL | Type::BYTEA)
            || <&str as FromSql<'_>>::accepts(kind)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, kind) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(value), &Type::INT8) => value.to_sql(kind, out),
            (Self::Int(value), &Type::INT4) => i32::try_from(*value)?.to_sql(kind, out),
            (Self::Int(value), &Type::INT2) => i16::try_from(*value)?.to_sql(kind, out),
            (Self::Int(value), &Type::BOOL) => (*value != 0).to_sql(kind, out),
            (Self::Text(value), _) if <&str as ToSql>::accepts(kind) => value.to_sql(kind, out),
            (Self::Bytes(value), &Type::BYTEA) => value.to_sql(kind, out),
            (Self::Uuid(value), &Type::BYTEA) => value.as_slice().to_sql(kind, out),
            _ => Err(format!("this value where {kind} is wanted").into()),
        }
    }

    // The kind of the value decides, above.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
