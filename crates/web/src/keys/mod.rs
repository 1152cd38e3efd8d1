//! The signing keys in use: opened from the store once per change, rotated by whoever has the turn.

mod by_hand;
mod import;
mod master;
mod turning;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use arc_swap::ArcSwapOption;
use doorward_jose::{Algorithm, Random, SigningKey};
use doorward_provider::{
    KeyRing, RingKey,
    rotation::{KeyLife, KeyState},
};
use doorward_store::{
    MasterKey, Store, StoreError, Topic,
    signing_keys::{self, SigningKeyRow, State},
};
use jiff::Timestamp;

use crate::failure::Failure;

pub use master::{MasterKeys, MasterSource};
pub use turning::KeysError;

pub(crate) use import::Import;
pub(crate) use turning::{LEAST_DAYS, MOST_DAYS, USUAL_DAYS, rotation_days, set_rotation_days};

/// Holds the ring; cheap to clone.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    store: Store,
    master: Arc<MasterKey>,
    random: Arc<dyn Random>,
    /// Counts the changes heard of.
    heard: Arc<AtomicU64>,
    current: ArcSwapOption<(u64, Arc<KeyRing>)>,
    loading: tokio::sync::Mutex<()>,
}

impl Keys {
    /// Listens to the store from now on. The first use loads.
    pub fn new(store: Store, master: Arc<MasterKey>, random: Arc<dyn Random>) -> Self {
        let heard = Arc::new(AtomicU64::new(0));
        let ear = Arc::clone(&heard);
        store.on_change(Arc::new(move |change| {
            if change.topic == Topic::Keys {
                ear.fetch_add(1, Ordering::SeqCst);
            }
        }));
        Self(Arc::new(Inner {
            store,
            master,
            random,
            heard,
            current: ArcSwapOption::empty(),
            loading: tokio::sync::Mutex::new(()),
        }))
    }

    /// The keys, no older than the last committed change.
    pub async fn current(&self) -> Result<Arc<KeyRing>, Failure> {
        if let Some(ring) = self.fresh() {
            return Ok(ring);
        }
        let _one_at_a_time = self.0.loading.lock().await;
        if let Some(ring) = self.fresh() {
            return Ok(ring);
        }
        let heard = self.0.heard.load(Ordering::SeqCst);
        let rows = self.0.store.scan::<_, StoreError>(signing_keys::all).await?;
        let ring = Arc::new(KeyRing::new(
            rows.iter()
                .filter(|row| row.state != State::Retired)
                .map(|row| self.open(row))
                .collect::<Result<Vec<_>, _>>()?,
        )?);
        self.0.current.store(Some(Arc::new((heard, Arc::clone(&ring)))));
        Ok(ring)
    }

    /// Whether this is the ring in use and nothing changed since it was loaded.
    pub(crate) fn is_current(&self, ring: &Arc<KeyRing>) -> bool {
        let current = self.0.current.load();
        current
            .as_ref()
            .is_some_and(|current| self.has_heard_no_more_than(current.0) && Arc::ptr_eq(&current.1, ring))
    }

    fn has_heard_no_more_than(&self, heard: u64) -> bool {
        heard == self.0.heard.load(Ordering::SeqCst)
    }

    fn fresh(&self) -> Option<Arc<KeyRing>> {
        let current = self.0.current.load();
        let (heard, ring) = &**current.as_ref()?;
        self.has_heard_no_more_than(*heard).then(|| Arc::clone(ring))
    }

    fn open(&self, row: &SigningKeyRow) -> Result<RingKey, Failure> {
        let algorithm = Algorithm::from_name(&row.alg).ok_or_else(|| format!("key {}: unknown algorithm", row.kid))?;
        let pkcs8 = self.0.master.open(&signing_keys::aad(&row.kid), &row.sealed)?;
        Ok(RingKey {
            key: SigningKey::from_pkcs8(algorithm, &row.kid, pkcs8.expose())?,
            state: life_state(row.state),
            activates_at: row.activates_at.as_second(),
        })
    }
}

fn life(row: &SigningKeyRow) -> Option<KeyLife> {
    Some(KeyLife {
        kid: row.kid.clone(),
        algorithm: Algorithm::from_name(&row.alg)?,
        state: life_state(row.state),
        created: row.created.as_second(),
        activates_at: row.activates_at.as_second(),
        retires_at: row.retires_at.map(Timestamp::as_second),
    })
}

fn life_state(state: State) -> KeyState {
    match state {
        State::Next => KeyState::Next,
        State::Active => KeyState::Active,
        State::Retiring => KeyState::Retiring,
        State::Retired => KeyState::Retired,
    }
}

fn row_state(state: KeyState) -> State {
    match state {
        KeyState::Next => State::Next,
        KeyState::Active => State::Active,
        KeyState::Retiring => State::Retiring,
        KeyState::Retired => State::Retired,
    }
}
