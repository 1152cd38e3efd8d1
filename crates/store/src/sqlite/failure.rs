//! SQLite's errors in our words.

use rusqlite::{Error, ErrorCode, ffi};

use crate::StoreError;

/// Sorts an error of the driver.
pub(crate) fn store_error(error: Error) -> StoreError {
    let Error::SqliteFailure(code, detail) = error else {
        return StoreError::Engine(error.to_string());
    };
    let detail = detail.unwrap_or_else(|| code.to_string());
    match code.code {
        ErrorCode::ConstraintViolation => match code.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
                let constraint = detail
                    .strip_prefix("UNIQUE constraint failed: ")
                    .unwrap_or(&detail)
                    .to_owned();
                StoreError::Duplicate { constraint }
            }
            _ => StoreError::Constraint(detail),
        },
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy(detail),
        ErrorCode::ReadOnly => StoreError::ReadOnly,
        ErrorCode::DiskFull | ErrorCode::SystemIoFailure => StoreError::Disk(detail),
        ErrorCode::CannotOpen => StoreError::Unavailable(detail),
        ErrorCode::TooBig | ErrorCode::ParameterOutOfRange => StoreError::Parameter(detail),
        _ => StoreError::Engine(detail),
    }
}
