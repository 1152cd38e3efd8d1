//! Collects the steps of logins in memory and writes them in batches.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use doorward_jose::Random;
use doorward_store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};

use crate::traces::{self, Addition};
use crate::{Reference, Trace, TraceFilter, TraceSummary, Visit};

/// How long a step may stay in memory alone.
const FLUSH_EVERY: Duration = Duration::from_millis(200);
/// Visits that may wait while the store does not answer, some megabytes; later ones are dropped and counted.
const MOST_WAITING: usize = 20_000;
/// Steps of one visit that are kept.
const MOST_STEPS: usize = 64;

/// Writes traces. Cheap to clone; all clones share one buffer. Noting costs a lock and a push; the row is written by
/// [`Tracer::run`], one per login and flush, in one unit of work for all.
#[derive(Clone)]
pub struct Tracer(Arc<Inner>);

struct Inner {
    store: Store,
    counter: AtomicU16,
    waiting: Mutex<Waiting>,
    /// Held while a batch is being written, so that a reader waits for what was taken from the buffer but is not yet in
    /// the store.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Waiting {
    notes: Vec<Note>,
    dropped: u64,
}

struct Note {
    id: i64,
    at: Timestamp,
    visit: Visit,
}

impl Tracer {
    /// A tracer over the store. It writes nothing until [`Tracer::run`] or [`Tracer::flush`] is called.
    pub fn new(store: Store, random: &dyn Random) -> Self {
        let mut start = [0; 2];
        random.fill(&mut start);
        Self(Arc::new(Inner {
            store,
            counter: AtomicU16::new(u16::from_be_bytes(start)),
            waiting: Mutex::default(),
            writing: tokio::sync::Mutex::new(()),
        }))
    }

    /// A name for a login that begins now. Nothing is kept until something is noted.
    pub fn begin(&self, now: Timestamp) -> Reference {
        Reference::new(now, self.0.counter.fetch_add(1, Ordering::Relaxed))
    }

    /// Notes what one request found. Returns at once; readers see it from then on.
    pub fn note(&self, reference: Reference, now: Timestamp, mut visit: Visit) {
        visit.steps.truncate(MOST_STEPS);
        let mut waiting = self.waiting();
        if waiting.notes.len() >= MOST_WAITING {
            waiting.dropped += 1;
            return;
        }
        waiting.notes.push(Note {
            id: reference.row_id(now),
            at: now,
            visit,
        });
    }

    /// Writes what was noted, and waits until it is there.
    ///
    /// # Errors
    /// What the store says; the steps stay in the buffer for the next time.
    pub async fn flush(&self, now: Timestamp) -> Result<(), StoreError> {
        let _alone = self.0.writing.lock().await;
        let (notes, dropped) = {
            let mut waiting = self.waiting();
            (std::mem::take(&mut waiting.notes), std::mem::take(&mut waiting.dropped))
        };
        if dropped > 0 {
            tracing::warn!(dropped, "the store was too slow for the traces; some steps are lost");
        }
        if notes.is_empty() {
            return Ok(());
        }
        let additions = Arc::new(additions(&notes));
        let written = self.0.store.write(now, {
            let additions = Arc::clone(&additions);
            move |tx| additions.iter().try_for_each(|addition| traces::add(tx, addition))
        });
        if let Err(error) = written.await {
            let mut waiting = self.waiting();
            let newer = std::mem::replace(&mut waiting.notes, notes);
            waiting.notes.extend(newer);
            return Err(error);
        }
        Ok(())
    }

    /// Flushes every 200 ms until `stop` is ready, and once more then.
    pub async fn run(&self, clock: impl Fn() -> Timestamp, stop: impl Future<Output = ()>) {
        let mut ticks = tokio::time::interval(FLUSH_EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut stop = std::pin::pin!(stop);
        loop {
            let stopped = tokio::select! {
                _ = ticks.tick() => false,
                () = &mut stop => true,
            };
            if let Err(error) = self.flush(clock()).await {
                tracing::warn!(%error, "traces could not be written");
            }
            if stopped {
                return;
            }
        }
    }

    /// The trace with this reference; the latest, should there be two.
    ///
    /// # Errors
    /// What the store says.
    pub async fn find(&self, reference: Reference, now: Timestamp) -> Result<Option<Trace>, StoreError> {
        self.flush(now).await?;
        self.0
            .store
            .scan(move |tx| match traces::find(tx, reference.row_id(now))? {
                Some(trace) => Ok(Some(trace)),
                None => traces::find(tx, reference.row_id_before(now)),
            })
            .await
    }

    /// A page of logins, the latest first, those that began before `before` when given; at most 1000.
    ///
    /// # Errors
    /// What the store says.
    pub async fn recent(
        &self,
        filter: TraceFilter,
        before: Option<Reference>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<TraceSummary>, StoreError> {
        self.flush(now).await?;
        let before = before.map(|reference| reference.row_id(now));
        let found = self.0.store.scan(move |tx| traces::list(tx, &filter, before, limit));
        let found: Vec<Trace> = found.await?;
        Ok(found.into_iter().map(|trace| trace.summary).collect())
    }

    /// Follows steps as they are noted, from `now` on.
    pub fn follow(&self, filter: TraceFilter, now: Timestamp) -> TraceFollower {
        TraceFollower {
            tracer: self.clone(),
            filter,
            since: now,
            begun: now,
            delivered: HashMap::new(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Tracer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tracer")
            .field("store", &self.0.store)
            .finish_non_exhaustive()
    }
}

/// One addition per login, in the order of their ids, so that two nodes lock rows in the same order.
fn additions(notes: &[Note]) -> Vec<Addition> {
    let mut by_id: BTreeMap<i64, Addition> = BTreeMap::new();
    for note in notes {
        let addition = by_id.entry(note.id).or_insert_with(|| Addition {
            id: note.id,
            started: note.at,
            ..Addition::default()
        });
        let visit = &note.visit;
        addition.updated = addition.updated.max(note.at);
        addition.app = visit.app.clone().or(addition.app.take());
        addition.user = visit.user.clone().or(addition.user.take());
        addition.address = addition.address.take().or_else(|| visit.address.clone());
        if visit.outcome != crate::TraceOutcome::InProgress {
            addition.outcome = visit.outcome;
        }
        if addition.lines.len() < traces::LONGEST_STEPS {
            traces::line(note.at, &visit.request, &visit.steps, &mut addition.lines);
        }
    }
    by_id.into_values().collect()
}

/// How far back a change may become visible: other nodes flush on their own, with clocks of their own.
const OVERLAP: SignedDuration = SignedDuration::from_secs(3);
/// A login older than this is not followed any more.
const LONGEST_LOGIN: SignedDuration = SignedDuration::from_mins(15);
const PAGE: u32 = 500;

/// Delivers each new step once.
#[derive(Debug)]
pub struct TraceFollower {
    tracer: Tracer,
    filter: TraceFilter,
    since: Timestamp,
    begun: Timestamp,
    /// Steps of each login that were delivered already.
    delivered: HashMap<Reference, (Timestamp, usize)>,
}

impl TraceFollower {
    /// What is new since the last call: each login with its new steps only.
    ///
    /// # Errors
    /// What the store says; nothing is lost by it.
    pub async fn next(&mut self, now: Timestamp) -> Result<Vec<Trace>, StoreError> {
        self.tracer.flush(now).await?;
        let filter = self.filter.clone();
        let started = back(now, LONGEST_LOGIN);
        let updated = back(self.since, OVERLAP);
        let mut found: Vec<Trace> = self
            .tracer
            .0
            .store
            .scan(move |tx| traces::changed(tx, &filter, started, updated, PAGE))
            .await?;
        // A full page may end before the present.
        self.since = match found.last() {
            Some(last) if found.len() >= PAGE as usize => last.summary.updated,
            _ => now,
        };
        found.retain_mut(|trace| self.keep_what_is_new(trace));
        self.delivered.retain(|_, (began, _)| *began >= started);
        Ok(found)
    }

    fn keep_what_is_new(&mut self, trace: &mut Trace) -> bool {
        let summary = &trace.summary;
        let (_, known) = self.delivered.entry(summary.reference).or_insert_with(|| {
            // What happened before the following began is history.
            let history = trace.steps.iter().take_while(|step| step.at < self.begun).count();
            (summary.started, history)
        });
        let all = trace.steps.len();
        let fresh = trace.steps.split_off((*known).min(all));
        *known = all;
        trace.steps = fresh;
        !trace.steps.is_empty()
    }
}

fn back(from: Timestamp, by: SignedDuration) -> Timestamp {
    from.checked_sub(by).unwrap_or(Timestamp::UNIX_EPOCH)
}
