//! Values into statements and out of rows. Four kinds are enough for both engines: integers, text, bytes and null.

use jiff::Timestamp;
use uuid::Uuid;

use crate::StoreError;

/// A parameter of a statement. Booleans are 0 or 1, timestamps milliseconds since the epoch, UUIDs their 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// SQL `NULL`.
    Null,
    /// `BIGINT`.
    Int(i64),
    /// `TEXT`.
    Text(&'a str),
    /// `BLOB`.
    Bytes(&'a [u8]),
    /// `BLOB` of 16 bytes, owned so that a UUID needs no place to live.
    Uuid([u8; 16]),
}

macro_rules! from_integer {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Value<'_> {
            fn from(value: $kind) -> Self {
                Self::Int(i64::from(value))
            }
        }
    )*};
}
from_integer!(i64, i32, u32, u16, u8, bool);

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl From<Uuid> for Value<'_> {
    fn from(value: Uuid) -> Self {
        Self::Uuid(value.into_bytes())
    }
}

impl From<&Uuid> for Value<'_> {
    fn from(value: &Uuid) -> Self {
        Self::Uuid(*value.as_bytes())
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_millisecond())
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<'a> From<&'a Option<String>> for Value<'a> {
    fn from(value: &'a Option<String>) -> Self {
        value.as_deref().into()
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    /// SQL `NULL`.
    Null,
    /// Any integer or boolean.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl Column<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Int(_) => "an integer",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
        }
    }
}

/// One row of an answer, valid while the map function runs.
pub struct Row<'a>(pub(crate) RowKind<'a>);

pub(crate) enum RowKind<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// The value of the column at `index`, from 0.
    ///
    /// # Errors
    /// [`StoreError::Column`] when there is no such column or it holds something else.
    pub fn get<T: FromColumn>(&self, index: usize) -> Result<T, StoreError> {
        let column = match &self.0 {
            RowKind::Sqlite(row) => crate::sqlite::column(row, index)?,
            RowKind::Postgres(row) => crate::postgres::column(row, index)?,
        };
        T::from_column(&column).ok_or_else(|| StoreError::Column {
            index,
            expected: T::EXPECTED,
            found: column.kind().to_owned(),
        })
    }
}

/// A type that can be read from a column.
pub trait FromColumn: Sized {
    /// What the type wants, for the error.
    const EXPECTED: &'static str;

    /// The value, or `None` when the column holds something else.
    fn from_column(column: &Column<'_>) -> Option<Self>;
}

impl FromColumn for i64 {
    const EXPECTED: &'static str = "an integer";

    fn from_column(column: &Column<'_>) -> Option<Self> {
        match column {
            Column::Int(value) => Some(*value),
            _ => None,
        }
    }
}

macro_rules! smaller_integer {
    ($($kind:ty: $expected:literal),*) => {$(
        impl FromColumn for $kind {
            const EXPECTED: &'static str = $expected;

            fn from_column(column: &Column<'_>) -> Option<Self> {
                i64::from_column(column)?.try_into().ok()
            }
        }
    )*};
}
smaller_integer!(u64: "an integer of at least 0", u32: "an integer of 32 bits", i32: "an integer of 32 bits",
    usize: "an integer of at least 0");

impl FromColumn for bool {
    const EXPECTED: &'static str = "0 or 1";

    fn from_column(column: &Column<'_>) -> Option<Self> {
        match column {
            Column::Int(0) => Some(false),
            Column::Int(1) => Some(true),
            _ => None,
        }
    }
}

impl FromColumn for String {
    const EXPECTED: &'static str = "text";

    fn from_column(column: &Column<'_>) -> Option<Self> {
        match column {
            Column::Text(value) => Some((*value).to_owned()),
            _ => None,
        }
    }
}

impl FromColumn for Vec<u8> {
    const EXPECTED: &'static str = "bytes";

    fn from_column(column: &Column<'_>) -> Option<Self> {
        match column {
            Column::Bytes(value) => Some((*value).to_owned()),
            _ => None,
        }
    }
}

impl<const N: usize> FromColumn for [u8; N] {
    const EXPECTED: &'static str = "bytes of a fixed length";

    fn from_column(column: &Column<'_>) -> Option<Self> {
        match column {
            Column::Bytes(value) => (*value).try_into().ok(),
            _ => None,
        }
    }
}

impl FromColumn for Uuid {
    const EXPECTED: &'static str = "16 bytes";

    fn from_column(column: &Column<'_>) -> Option<Self> {
        <[u8; 16]>::from_column(column).map(Self::from_bytes)
    }
}

impl FromColumn for Timestamp {
    const EXPECTED: &'static str = "milliseconds since the epoch";

    fn from_column(column: &Column<'_>) -> Option<Self> {
        Self::from_millisecond(i64::from_column(column)?).ok()
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_column(column: &Column<'_>) -> Option<Self> {
        match column {
            Column::Null => Some(None),
            other => T::from_column(other).map(Some),
        }
    }
}
