//! What a server does by itself from time to time: it deletes what has ended, turns keys, and gives memory back.

use std::time::Duration;

use anyhow::{Context, Result};
use doorward_apps::Apps;
use doorward_store::{StoreError, Ticket, sweep, turns};
use doorward_web::Door;
use jiff::{SignedDuration, Timestamp};

/// How often expired state is deleted and keys are looked at.
const HOUSEKEEPING: Duration = Duration::from_mins(1);
/// How often the times of answers are counted into their buckets.
const FOLDING: Duration = Duration::from_secs(5);
/// How often the database may give memory back.
const RESTING: Duration = Duration::from_secs(20);
/// Batches of ended rows that one round removes at most: half a million of each kind.
const SWEEPS: usize = 1000;

/// The recorder keeps each time of an answer by itself until it is told to count them into its buckets: without this, they
/// pile up where nobody asks for `/metrics`.
pub(crate) async fn fold_timings(door: &Door) {
    loop {
        tokio::time::sleep(FOLDING).await;
        door.metrics.run_upkeep();
    }
}

/// What a burst of logins has made the database keep in memory is given back once it is over.
pub(crate) async fn give_back(door: &Door) {
    loop {
        tokio::time::sleep(RESTING).await;
        door.store.rest().await;
    }
}

/// Deletes what has ended and rotates keys. Of several nodes, the one that has the turn works.
pub(crate) async fn keep_house(door: &Door) {
    let me = Ticket::new(door.clock.now(), &*door.random).id();
    loop {
        tokio::time::sleep(HOUSEKEEPING).await;
        let now = door.clock.now();
        if let Err(error) = door.master_keys.refresh(now).await {
            tracing::warn!(%error, "the master key of this node does not open what another node has sealed");
        }
        if let Err(error) = one_round(door, me, now).await {
            tracing::warn!(%error, "housekeeping did not finish; it goes on in a minute");
        }
    }
}

async fn one_round(door: &Door, me: uuid::Uuid, now: Timestamp) -> Result<()> {
    let until = now.checked_add(SignedDuration::from_mins(2))?;
    let mine = door
        .store
        .write::<_, StoreError>(now, move |tx| turns::take(tx, "housekeeping", me, until))
        .await?;
    if !mine {
        return Ok(());
    }
    // Before the sessions are deleted: what applications have of them ends with them.
    crate::logout::keep(door, now).await?;
    // A batch is short, so that logins wait for none; what a minute of them leaves behind takes many.
    for _ in 0..SWEEPS {
        let swept = door
            .store
            .write::<_, StoreError>(now, move |tx| sweep::sweep(tx, now))
            .await?;
        if !swept.more {
            break;
        }
    }
    door.directory.sweep(now).await?;
    while door.upstreams.sweep(now).await? {}
    let swept = Apps::sweep_registrations(&door.store, now).await?;
    if swept.clients > 0 {
        tracing::info!(
            clients = swept.clients,
            "removed applications that registered themselves and were not used"
        );
    }
    let keep = doorward_web::api::retention(&door.store).await?;
    doorward_audit::sweep(&door.store, keep, now).await?;
    door.keys.rotate(now).await.context("keys")
}
