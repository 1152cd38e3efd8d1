//! Authorization requests that were pushed (RFC 9126): presented as often as the person's browser loads the page again,
//! answered once.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::{Row, StoreError, Ticket, Tx};

/// A row stays this long after it can no longer be presented: a person may still be at the login page, and whoever comes
/// too late is told so.
pub const REMEMBER: Duration = Duration::from_hours(1);

/// A pushed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedRequest {
    /// Its key.
    pub id: Uuid,
    /// The application that pushed it.
    pub app_id: Uuid,
    /// What was asked, in the caller's shape; empty once it was answered.
    pub request: String,
    /// When it was pushed.
    pub created: Timestamp,
    /// When it can no longer be presented.
    pub expires: Timestamp,
    /// When it was answered.
    pub used: Option<Timestamp>,
}

/// Stores a request under its ticket.
pub fn insert(
    tx: &mut Tx<'_>,
    ticket: &Ticket,
    app_id: Uuid,
    request: &str,
    expires: Timestamp,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO pushed_requests (id, digest, app_id, request, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            ticket.id().into(),
            (&ticket.digest()).into(),
            app_id.into(),
            request.into(),
            now.into(),
            expires.into(),
        ],
    )?;
    Ok(())
}

/// The request of a ticket, whether it can still be presented or not.
pub fn find(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<Option<PushedRequest>, StoreError> {
    let found = tx.one(
        "SELECT id, app_id, request, created_at, expires_at, used_at, digest FROM pushed_requests WHERE id = $1",
        &[ticket.id().into()],
        |row| Ok((pushed(row)?, row.get::<Vec<u8>>(6)?)),
    )?;
    Ok(found
        .filter(|(_, digest)| ticket.matches(digest))
        .map(|(request, _)| request))
}

/// Notes that it is answered, and forgets what was asked: of several callers, one is told `true`.
pub fn take(tx: &mut Tx<'_>, id: Uuid) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx.execute(
        "UPDATE pushed_requests SET used_at = $2, request = '' WHERE id = $1 AND used_at IS NULL",
        &[id.into(), now.into()],
    )?;
    Ok(changed == 1)
}

fn pushed(row: &Row<'_>) -> Result<PushedRequest, StoreError> {
    Ok(PushedRequest {
        id: row.get(0)?,
        app_id: row.get(1)?,
        request: row.get(2)?,
        created: row.get(3)?,
        expires: row.get(4)?,
        used: row.get(5)?,
    })
}
