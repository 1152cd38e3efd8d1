//! What is deleted when.

use doorward_store::{Store, StoreError, Tx};
use jiff::{SignedDuration, Timestamp};

use crate::{events, traces};

/// Rows that one unit of work deletes: short enough that nobody waits for it.
const BATCH: u32 = 1000;
/// Units of one call, so that a call ends; the next one goes on.
const MOST_BATCHES: u32 = 200;

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Events.
    pub events: SignedDuration,
    /// Traces.
    pub traces: SignedDuration,
}

/// What was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Events.
    pub events: u64,
    /// Traces.
    pub traces: u64,
}

/// Deletes what is older than the settings say, in small units of work. Safe to run on several nodes at a time.
///
/// # Errors
/// What the store says; what was deleted until then stays deleted.
pub async fn sweep(store: &Store, keep: Retention, now: Timestamp) -> Result<Swept, StoreError> {
    let before = |age: SignedDuration| now.checked_sub(age).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(Swept {
        events: in_batches(store, now, before(keep.events), events::sweep).await?,
        traces: in_batches(store, now, before(keep.traces), traces::sweep).await?,
    })
}

async fn in_batches(
    store: &Store,
    now: Timestamp,
    before: Timestamp,
    delete: fn(&mut Tx<'_>, Timestamp, u32) -> Result<u64, StoreError>,
) -> Result<u64, StoreError> {
    let mut deleted = 0;
    for _ in 0..MOST_BATCHES {
        let count = store.write(now, move |tx| delete(tx, before, BATCH)).await?;
        deleted += count;
        if count < u64::from(BATCH) {
            break;
        }
    }
    Ok(deleted)
}
