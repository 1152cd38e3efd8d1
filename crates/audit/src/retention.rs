//! What is deleted when.

use doorward_store::{Store, StoreError, Tx};
use jiff::{SignedDuration, Timestamp};

use crate::{events, traces};

/// Rows that one unit of work deletes: short enough that nobody waits for it.
const BATCH: u32 = 1000;
/// Units of one call, so that a call ends; the next one goes on.
const MOST_BATCHES: u32 = 200;

/// Traces that are kept at most, whatever their age: a few gigabytes. Strangers can cause them.
const MOST_TRACES: u64 = 1_000_000;

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
    sweep_down_to(store, keep, MOST_TRACES, now).await
}

async fn sweep_down_to(store: &Store, keep: Retention, most: u64, now: Timestamp) -> Result<Swept, StoreError> {
    let before = |age: SignedDuration| now.checked_sub(age).unwrap_or(Timestamp::UNIX_EPOCH);
    let events = in_batches(store, now, before(keep.events), events::sweep).await?;
    let mut traces = in_batches(store, now, before(keep.traces), traces::sweep).await?;
    let mut surplus = store.scan(traces::count).await?.saturating_sub(most);
    for _ in 0..MOST_BATCHES {
        if surplus == 0 {
            break;
        }
        let batch = u32::try_from(surplus).unwrap_or(BATCH).min(BATCH);
        // All of them lie before the end of time: the oldest go.
        let count = store
            .write(now, move |tx| traces::sweep(tx, Timestamp::MAX, batch))
            .await?;
        traces += count;
        surplus = if count == 0 { 0 } else { surplus.saturating_sub(count) };
    }
    Ok(Swept { events, traces })
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

#[cfg(test)]
mod tests {
    use doorward_jose::SystemRandom;
    use doorward_store::testing::{START, engines};

    use super::*;
    use crate::{Step, TraceFilter, Tracer, Visit};

    #[tokio::test]
    async fn of_too_many_traces_the_oldest_go_whatever_their_age() {
        for store in engines().await {
            let tracer = Tracer::new(store.clone(), &SystemRandom);
            let at = |second| START.checked_add(SignedDuration::from_secs(second)).unwrap();
            for second in 0..1210 {
                let mut visit = Visit::new("authorize");
                visit.steps.push(Step::ok("client", ""));
                tracer.note(tracer.begin(at(second)), at(second), visit);
            }
            tracer.flush(at(1210)).await.unwrap();
            let week = SignedDuration::from_hours(168);
            let keep = Retention {
                events: week,
                traces: week,
            };
            let swept = sweep_down_to(&store, keep, 10, at(1210)).await.unwrap();
            assert_eq!(swept.traces, 1200);
            let left = tracer
                .recent(TraceFilter::default(), None, 100, at(1210))
                .await
                .unwrap();
            assert_eq!(left.len(), 10);
            assert_eq!(left.last().unwrap().started, at(1200));
            let swept = sweep_down_to(&store, keep, 10, at(1210)).await.unwrap();
            assert_eq!(swept, Swept::default());
        }
    }
}
