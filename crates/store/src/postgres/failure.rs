//! PostgreSQL's errors in our words.

use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::StoreError;

/// Sorts an error of the driver.
pub(super) fn store_error(error: &Error) -> StoreError {
    let Some(db) = error.as_db_error() else {
        let mut text = error.to_string();
        if let Some(cause) = std::error::Error::source(error) {
            text = format!("{text}: {cause}");
        }
        if text.starts_with("error serializing parameter") || text.starts_with("expected") {
            return StoreError::Parameter(text);
        }
        return StoreError::Unavailable(text);
    };
    let text = db.message().to_owned();
    let code = db.code();
    match *code {
        SqlState::UNIQUE_VIOLATION => StoreError::Duplicate {
            constraint: db.constraint().unwrap_or(&text).to_owned(),
        },
        SqlState::T_R_SERIALIZATION_FAILURE
        | SqlState::T_R_DEADLOCK_DETECTED
        | SqlState::LOCK_NOT_AVAILABLE
        | SqlState::QUERY_CANCELED
        | SqlState::TOO_MANY_CONNECTIONS => StoreError::Busy(text),
        SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::ReadOnly,
        SqlState::DISK_FULL | SqlState::IO_ERROR => StoreError::Disk(text),
        SqlState::UNDEFINED_PARAMETER | SqlState::INDETERMINATE_DATATYPE | SqlState::DATATYPE_MISMATCH => {
            StoreError::Parameter(text)
        }
        _ => match code.code().get(..2) {
            Some("23") => StoreError::Constraint(text),
            // Connection exceptions, refused log-ins, a server that stops or starts.
            Some("08" | "28" | "57" | "3D") => StoreError::Unavailable(text),
            Some("53") => StoreError::Disk(text),
            _ => StoreError::Engine(format!("{text} ({})", code.code())),
        },
    }
}

pub(super) fn of_pool(error: &PoolError) -> StoreError {
    match error {
        PoolError::Backend(error) => store_error(error),
        PoolError::Closed => StoreError::Closed,
        PoolError::Timeout(_) => StoreError::Busy("every connection is in use".to_owned()),
        other => StoreError::Unavailable(other.to_string()),
    }
}
