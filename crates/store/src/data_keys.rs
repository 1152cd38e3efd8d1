//! The keys that secrets are really sealed under: rows, sealed under the master key. So another master key takes one unit of work,
//! whatever the database holds, and an old one opens nothing any more.
//!
//! A new master key brings a new data key for what is sealed from then on; what the older data keys sealed stays as it is. A data key
//! is used a moment after it was stored, when every node has read it.

use jiff::{SignedDuration, Timestamp};

use crate::{
    MasterKey, Row, SealError, StoreError, Tx,
    seal::{DataKey, Ring},
};

/// From when a new data key seals: every node refreshes its ring once a minute.
const AHEAD: SignedDuration = SignedDuration::from_mins(3);
/// How long what an older data key said to browsers is still believed.
const BELIEVED: SignedDuration = SignedDuration::from_hours(24);
/// More are never made: a value names its key in one byte.
pub const MOST: usize = 200;

/// Why the keys of the database cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DataKeyError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No master key at hand opens them.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// What the master keys at hand have to do with the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The id of each master key at hand, the current one first, with the number of data keys that it seals. One that seals none is
    /// needed for older backups only.
    pub masters: Vec<(u8, usize)>,
    /// How many data keys there are.
    pub data_keys: usize,
}

struct Stored {
    id: u8,
    sealed: Vec<u8>,
    seals_from: Timestamp,
}

/// Brings rows and master keys together, in a unit that writes: makes the first data key, and seals every one under the current
/// master key if another one did; then there is a new one too, unless there are [`MOST`]. True when that happened.
///
/// # Errors
/// [`SealError::OtherKey`] when a row was sealed under a master key that is not at hand.
pub fn settle(tx: &mut Tx<'_>, master: &MasterKey, random: &dyn doorward_jose::Random) -> Result<bool, DataKeyError> {
    // Whoever else settles waits.
    tx.execute("UPDATE data_keys SET id = id", &[])?;
    let rows = all(tx)?;
    let roots = master.roots();
    let current = roots.first().ok_or(SealError::Malformed)?;
    if rows.is_empty() {
        // What was sealed before there were rows was sealed by these, the oldest first.
        for (place, root) in roots.iter().rev().enumerate() {
            let seals_from =
                Timestamp::UNIX_EPOCH + SignedDuration::from_secs(i64::try_from(place).unwrap_or_default());
            insert(tx, &current.wrap(random, &root.first), root.first.id(), seals_from)?;
        }
        // Another node may have been first, with another key.
        for row in all(tx)? {
            open(&roots, &row)?;
        }
        return Ok(false);
    }
    let mut keys = Vec::with_capacity(rows.len());
    for row in &rows {
        keys.push(open(&roots, row)?);
    }
    if rows.iter().all(|row| master_of(row) == Some(current.id())) {
        return Ok(false);
    }
    for key in &keys {
        tx.execute(
            "UPDATE data_keys SET sealed = $2 WHERE id = $1",
            &[key.id().into(), (&current.wrap(random, key)).into()],
        )?;
    }
    if rows.len() >= MOST {
        // Usually asked before a master key is made; at a start there must not be a way into a server that does not start.
        tracing::warn!(
            "there are {MOST} data keys and no room for more: what is sealed from now on, those before can open"
        );
        return Ok(true);
    }
    let fresh = loop {
        let fresh = DataKey::generate(random);
        if keys.iter().all(|key| key.id() != fresh.id()) {
            break fresh;
        }
    };
    let seals_from = tx.now().checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    insert(tx, &current.wrap(random, &fresh), fresh.id(), seals_from)?;
    Ok(true)
}

/// Reads the rows and lets the master key seal and open by them, as of now. To be done at the start, and once a minute by every node.
///
/// # Errors
/// [`SealError::OtherKey`] when a row was sealed under a master key that is not at hand; then everything stays as it was.
pub fn refresh(tx: &mut Tx<'_>, master: &MasterKey, now: Timestamp) -> Result<Standing, DataKeyError> {
    let (rows, roots) = (all(tx)?, master.roots());
    let mut keys = Vec::with_capacity(rows.len());
    for row in &rows {
        keys.push((open(&roots, row)?, row.seals_from));
    }
    // A key believed in until so long after its successor began to seal.
    let mut believed = Vec::new();
    for (at, (key, _)) in keys.iter().enumerate() {
        let superseded = keys.get(at + 1).map(|(_, seals_from)| *seals_from);
        let until = superseded.and_then(|at| at.checked_add(BELIEVED).ok());
        if until.is_none_or(|until| until > now) {
            believed.push(key.id());
        }
    }
    let current = keys
        .iter()
        .rposition(|(_, seals_from)| *seals_from <= now)
        .unwrap_or_default();
    let standing = Standing {
        masters: roots
            .iter()
            .map(|root| {
                (
                    root.id(),
                    rows.iter().filter(|row| master_of(row) == Some(root.id())).count(),
                )
            })
            .collect(),
        data_keys: rows.len(),
    };
    let keys: Vec<DataKey> = keys.into_iter().map(|(key, _)| key).collect();
    if let Some(ring) = Ring::new(keys, current, &believed) {
        master.use_ring(ring);
    }
    Ok(standing)
}

fn open(roots: &[crate::seal::Root], row: &Stored) -> Result<DataKey, SealError> {
    let other = || SealError::OtherKey {
        sealed: master_of(row).unwrap_or_default(),
        own: roots.first().map_or(0, crate::seal::Root::id),
    };
    let root = roots
        .iter()
        .find(|root| master_of(row) == Some(root.id()))
        .ok_or_else(other)?;
    root.unwrap(row.id, &row.sealed)
}

/// The id of the master key that sealed it.
fn master_of(row: &Stored) -> Option<u8> {
    row.sealed.get(1).copied()
}

fn insert(tx: &mut Tx<'_>, sealed: &[u8], id: u8, seals_from: Timestamp) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO data_keys (id, sealed, created_at, seals_from) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
        &[id.into(), sealed.into(), now.into(), seals_from.into()],
    )?;
    Ok(())
}

/// Every one, in the order in which they seal.
fn all(tx: &mut Tx<'_>) -> Result<Vec<Stored>, StoreError> {
    tx.all(
        "SELECT id, sealed, seals_from FROM data_keys ORDER BY seals_from, id",
        &[],
        |row: &Row<'_>| {
            Ok(Stored {
                id: u8::try_from(row.get::<i64>(0)?)
                    .map_err(|_| StoreError::Damaged("the id of a data key".to_owned()))?,
                sealed: row.get(1)?,
                seals_from: row.get(2)?,
            })
        },
    )
}
