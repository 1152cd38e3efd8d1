//! Login attempts: an authorization request that waits for its person.

use jiff::Timestamp;
use uuid::Uuid;

use crate::{Row, StoreError, Ticket, Tx};

/// An attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its key.
    pub id: Uuid,
    /// The request and how far it has come, as JSON of the caller's shape.
    pub request: String,
    /// SHA-256 of the cookie of the browser that began it: no other browser may go on with it.
    pub browser_hash: [u8; 32],
    /// The reference of its trace.
    pub trace: Option<String>,
    /// When it can no longer be continued.
    pub expires: Timestamp,
}

/// Stores an attempt under its ticket.
pub fn create(
    tx: &mut Tx<'_>,
    ticket: &Ticket,
    request: &str,
    browser_hash: &[u8; 32],
    trace: Option<&str>,
    expires: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO attempts (id, digest, browser_hash, request, trace, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            ticket.id().into(),
            (&ticket.digest()).into(),
            browser_hash.into(),
            request.into(),
            trace.into(),
            expires.into(),
        ],
    )?;
    Ok(())
}

/// The attempt of a ticket, if it has not expired.
pub fn find(tx: &mut Tx<'_>, ticket: &Ticket, now: Timestamp) -> Result<Option<Attempt>, StoreError> {
    let found = tx.one(
        "SELECT id, request, browser_hash, trace, expires_at, digest FROM attempts WHERE id = $1",
        &[ticket.id().into()],
        |row| Ok((attempt(row)?, row.get::<Vec<u8>>(5)?)),
    )?;
    Ok(found
        .filter(|(attempt, digest)| ticket.matches(digest) && attempt.expires > now)
        .map(|(attempt, _)| attempt))
}

/// Notes how far an attempt has come. `false` when it is gone.
pub fn update(tx: &mut Tx<'_>, id: Uuid, request: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx.execute(
        "UPDATE attempts SET request = $2 WHERE id = $1 AND expires_at > $3",
        &[id.into(), request.into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// Takes the attempt away to finish it: of several callers, one gets it.
pub fn take(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<Option<Attempt>, StoreError> {
    let now = tx.now();
    // Compared as a digest of 256 random bits: how long the engine takes tells nothing about the secret.
    tx.one(
        "DELETE FROM attempts WHERE id = $1 AND digest = $2 AND expires_at > $3 \
         RETURNING id, request, browser_hash, trace, expires_at",
        &[ticket.id().into(), (&ticket.digest()).into(), now.into()],
        attempt,
    )
}

fn attempt(row: &Row<'_>) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        id: row.get(0)?,
        request: row.get(1)?,
        browser_hash: row.get(2)?,
        trace: row.get(3)?,
        expires: row.get(4)?,
    })
}
