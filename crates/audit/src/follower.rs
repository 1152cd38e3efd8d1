//! Following events as they are committed.

use std::collections::BTreeSet;

use doorward_store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{EventFilter, RecordedEvent, events};

/// A unit of work takes its time when it is asked for and is committed later, so ids do not become visible in order. What
/// becomes visible this late is still delivered; only a unit that took longer would be missed by followers (never by
/// listings).
const LATEST_COMMIT: SignedDuration = SignedDuration::from_secs(5);
const PAGE: u32 = 500;

/// Delivers each event once, in nearly the order of time. Keeps its place; ask it again for what has come since.
#[derive(Debug)]
pub struct EventFollower {
    store: Store,
    filter: EventFilter,
    /// Everything before has been delivered or was not wanted.
    floor: Uuid,
    /// What was delivered above the floor.
    delivered: BTreeSet<Uuid>,
    /// Where the last page ended, when more were to come: what is above the floor is read again once per poll only.
    resume: Option<Uuid>,
}

impl EventFollower {
    /// Follows what is committed from `now` on.
    pub fn from_now(store: Store, filter: EventFilter, now: Timestamp) -> Self {
        Self::at(store, filter, events::first_id_at(now))
    }

    /// Follows what is later than the event with this id. What was committed in the seconds before it, but later than it,
    /// comes too.
    pub fn after(store: Store, filter: EventFilter, id: Uuid) -> Self {
        let mut follower = Self::at(store, filter, floor_below(id));
        follower.delivered.insert(id);
        follower
    }

    fn at(store: Store, filter: EventFilter, floor: Uuid) -> Self {
        Self {
            store,
            filter,
            floor,
            delivered: BTreeSet::new(),
            resume: None,
        }
    }

    /// What was committed since the last call; at most some hundreds, so call again at once while it gives any.
    ///
    /// # Errors
    /// What the store says; nothing is lost by it.
    pub async fn next(&mut self) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut from = self.resume.take().unwrap_or(self.floor);
        loop {
            let filter = self.filter.clone();
            let page = self
                .store
                .scan(move |tx| events::list_after(tx, &filter, Some(from), PAGE))
                .await?;
            let full = page.len() >= PAGE as usize;
            if let Some(last) = page.last() {
                from = last.id;
            }
            let fresh: Vec<_> = page
                .into_iter()
                .filter(|event| self.delivered.insert(event.id))
                .collect();
            if !full || !fresh.is_empty() {
                self.resume = full.then_some(from);
                self.forget_settled();
                return Ok(fresh);
            }
        }
    }

    fn forget_settled(&mut self) {
        let Some(newest) = self.delivered.last() else {
            return;
        };
        let floor = floor_below(*newest);
        if floor > self.floor {
            self.floor = floor;
            self.delivered = self.delivered.split_off(&floor);
        }
    }
}

fn floor_below(id: Uuid) -> Uuid {
    let millis = i64::try_from(id.as_u128() >> 80).unwrap_or(0);
    let settled = Timestamp::from_millisecond(millis)
        .and_then(|at| at.checked_sub(LATEST_COMMIT))
        .unwrap_or(Timestamp::UNIX_EPOCH);
    events::first_id_at(settled)
}
