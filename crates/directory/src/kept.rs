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

use crate::directory::Result;

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

    /// The value, read again when a setting has changed.
    pub(crate) async fn get(&self, read: impl Future<Output = Result<T>>) -> Result<Arc<T>> {
        let before = self.changes.load(Ordering::Acquire);
        if let Some((read_at, value)) = self.kept.get(&())
            && read_at == before
        {
            return Ok(value);
        }
        let value = Arc::new(read.await?);
        self.kept.insert((), (before, Arc::clone(&value)));
        Ok(value)
    }
}
