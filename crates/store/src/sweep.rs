//! Removing what has ended, a bounded piece per unit of work, so that nobody waits long behind it.

use std::time::Duration;

use jiff::Timestamp;

use crate::{StoreError, Tx, Value, decoupled, pushed_requests};

/// Rows of each table that one call removes at most.
pub const BATCH: i64 = 500;

/// A taken code is remembered this long after its end, so that a replay is recognised and ends its grant.
pub const REMEMBER_CODES: Duration = Duration::from_hours(1);

/// What one call did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows removed.
    pub rows: u64,
    /// Whether another call would find more.
    pub more: bool,
}

/// Removes at most [`BATCH`] rows of each table that ended before `now`. Call it again while there is more.
pub fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<Swept, StoreError> {
    let mut swept = Swept::default();
    let limit = Value::from(BATCH);
    for statement in [
        "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        "DELETE FROM grants WHERE id IN (SELECT id FROM grants WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        "DELETE FROM refresh_families WHERE id IN \
         (SELECT id FROM refresh_families WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)",
        "DELETE FROM replay WHERE digest IN \
         (SELECT digest FROM replay WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        "DELETE FROM revoked_tokens WHERE jti IN \
         (SELECT jti FROM revoked_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        // Short-lived and created in the order of their ids: the first are the oldest, and no index on the end is needed.
        "DELETE FROM attempts WHERE id IN \
         (SELECT id FROM (SELECT id, expires_at FROM attempts ORDER BY id LIMIT $2) AS oldest WHERE expires_at <= $1)",
    ] {
        swept.add(tx.execute(statement, &[now.into(), limit])?);
    }
    let forgotten = now.checked_sub(REMEMBER_CODES).unwrap_or(Timestamp::MIN);
    swept.add(tx.execute(
        "DELETE FROM codes WHERE id IN \
         (SELECT id FROM (SELECT id, expires_at FROM codes ORDER BY id LIMIT $2) AS oldest WHERE expires_at <= $1)",
        &[forgotten.into(), limit],
    )?);
    let forgotten = now.checked_sub(decoupled::REMEMBER).unwrap_or(Timestamp::MIN);
    swept.add(tx.execute(
        "DELETE FROM decoupled_requests WHERE id IN (SELECT id FROM \
         (SELECT id, expires_at FROM decoupled_requests ORDER BY id LIMIT $2) AS oldest WHERE expires_at <= $1)",
        &[forgotten.into(), limit],
    )?);
    let forgotten = now.checked_sub(pushed_requests::REMEMBER).unwrap_or(Timestamp::MIN);
    swept.add(tx.execute(
        "DELETE FROM pushed_requests WHERE id IN \
         (SELECT id FROM (SELECT id, expires_at FROM pushed_requests ORDER BY id LIMIT $2) AS oldest \
         WHERE expires_at <= $1)",
        &[forgotten.into(), limit],
    )?);
    Ok(swept)
}

impl Swept {
    fn add(&mut self, rows: u64) {
        self.rows += rows;
        self.more |= rows == BATCH.unsigned_abs();
    }
}
