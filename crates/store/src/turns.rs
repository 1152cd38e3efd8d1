//! Background work takes its turn: of equal nodes, one sweeps, rotates keys, sends. The turn ends by itself, so that a node
//! that was killed holds nobody up for longer than it asked for.

use jiff::Timestamp;
use uuid::Uuid;

use crate::{StoreError, Tx};

/// Takes, or keeps, the turn called `name` until `until`. `false` while another holder has it.
pub fn take(tx: &mut Tx<'_>, name: &str, holder: Uuid, until: Timestamp) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx.execute(
        "INSERT INTO turns (name, holder, until_at) VALUES ($1, $2, $3) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at \
         WHERE turns.holder = excluded.holder OR turns.until_at <= $4",
        &[name.into(), holder.into(), until.into(), now.into()],
    )?;
    Ok(changed == 1)
}

/// Gives the turn back early.
pub fn give_back(tx: &mut Tx<'_>, name: &str, holder: Uuid) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM turns WHERE name = $1 AND holder = $2",
        &[name.into(), holder.into()],
    )?;
    Ok(())
}
