//! What the whole server has set, in memory: asked at every login and every authorization, changed a few times a year.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use doorward_store::{Change, Topic};
use moka::sync::Cache;

/// How long a node may believe what it read when the connection on which it hears of changes is silent.
const LONGEST_KEPT: Duration = Duration::from_secs(5);

/// A value, as long as no setting has changed since before it was read.
pub(crate) struct Kept<T> {
    kept: Cache<(), (u64, Arc<T>)>,
    changes: AtomicU64,
}

impl<T: Send + Sync + 'static> Default for Kept<T> {
    fn default() -> Self {
        Self {
            kept: Cache::builder().max_capacity(1).time_to_live(LONGEST_KEPT).build(),
            changes: AtomicU64::new(0),
        }
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    pub(crate) fn hear(&self, change: &Change) {
        if change.topic == Topic::Settings {
            self.changes.fetch_add(1, Ordering::AcqRel);
        }
    }

    pub(crate) fn generation(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    pub(crate) fn find(&self) -> Option<Arc<T>> {
        let (read_at, value) = self.kept.get(&())?;
        (read_at == self.generation()).then_some(value)
    }

    pub(crate) fn keep(&self, read_at: u64, value: Arc<T>) {
        self.kept.insert((), (read_at, value));
    }
}
