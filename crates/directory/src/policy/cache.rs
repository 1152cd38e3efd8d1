//! Policies in memory: asked at every login and every authorization, changed a few times a year.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use doorward_store::{Change, Topic};
use moka::sync::Cache;

use super::Policies;

/// How long a node may believe what it read when the connection on which it hears of changes is silent.
const LONGEST_KEPT: Duration = Duration::from_secs(5);

/// The policies, as long as nothing about them has changed since before they were read.
pub(crate) struct PolicyCache {
    kept: Cache<(), (u64, Arc<Policies>)>,
    changes: AtomicU64,
}

impl Default for PolicyCache {
    fn default() -> Self {
        Self {
            kept: Cache::builder().max_capacity(1).time_to_live(LONGEST_KEPT).build(),
            changes: AtomicU64::new(0),
        }
    }
}

impl PolicyCache {
    pub(crate) fn hear(&self, change: &Change) {
        if change.topic == Topic::Settings {
            self.changes.fetch_add(1, Ordering::AcqRel);
        }
    }

    pub(super) fn generation(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    pub(super) fn find(&self) -> Option<Arc<Policies>> {
        let (read_at, policies) = self.kept.get(&())?;
        (read_at == self.generation()).then_some(policies)
    }

    pub(super) fn keep(&self, read_at: u64, policies: Arc<Policies>) {
        self.kept.insert((), (read_at, policies));
    }
}
