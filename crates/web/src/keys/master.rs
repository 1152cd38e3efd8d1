//! The master key of a server that runs: another one is put in front, what the database holds is sealed under it in one unit of work,
//! and the old one is left out when no backup needs it any more.

use std::{path::PathBuf, sync::Arc};

use doorward_audit::{Event, events};
use doorward_directory::{Actor, Right, within};
use doorward_jose::Random;
use doorward_oidc::Refusal;
use doorward_provider::rotation::by_hand::{MASTER_KEY_ELSEWHERE, MASTER_KEYS_FULL};
use doorward_store::{
    MasterKey, SealError, Store,
    data_keys::{self, DataKeyError, Standing},
};
use jiff::Timestamp;
use serde_json::json;

use super::KeysError;

/// Where the master key is from.
#[derive(Debug, Clone)]
pub struct MasterSource {
    /// As people know it: `the environment variable DOORWARD_MASTER_KEY`.
    pub shown: String,
    /// The file, if it is this server's own and nobody else's.
    pub own_file: Option<PathBuf>,
}

impl MasterSource {
    /// Whoever runs the server provides it.
    pub fn elsewhere(shown: impl Into<String>) -> Self {
        Self {
            shown: shown.into(),
            own_file: None,
        }
    }
}

/// The master keys at hand. Cheap to clone.
#[derive(Clone)]
pub struct MasterKeys(Arc<Inner>);

struct Inner {
    store: Store,
    master: Arc<MasterKey>,
    random: Arc<dyn Random>,
    source: MasterSource,
    /// Two changes of the file at once would lose one of them.
    changing: tokio::sync::Mutex<()>,
}

impl From<DataKeyError> for KeysError {
    fn from(error: DataKeyError) -> Self {
        match error {
            DataKeyError::Store(error) => Self::Store(error),
            DataKeyError::Seal(error) => error.into(),
        }
    }
}

impl From<SealError> for KeysError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::TooLong { .. } => full(error.to_string(), FORGET).into(),
            error => Self::failed(error),
        }
    }
}

/// What makes room in the file.
const FORGET: &str = "`doorward master-key forget` leaves only the current one in the file.";

fn full(detail: String, remedy: &'static str) -> Refusal {
    Refusal::response(&MASTER_KEYS_FULL, detail).with_remedy(remedy)
}

impl MasterKeys {
    /// Over this store.
    pub fn new(store: Store, master: Arc<MasterKey>, random: Arc<dyn Random>, source: MasterSource) -> Self {
        Self(Arc::new(Inner {
            store,
            master,
            random,
            source,
            changing: tokio::sync::Mutex::new(()),
        }))
    }

    /// Brings database and master key together at the start: the first start makes what seals, a start with another key in front
    /// seals it anew.
    ///
    /// # Errors
    /// The database was sealed under a master key that is not at hand.
    pub async fn settle(&self, now: Timestamp) -> Result<(), KeysError> {
        if let Some(path) = self.0.source.own_file.clone() {
            in_file(move || MasterKey::remove_leftovers(&path)).await?;
        }
        self.seal_anew(Actor::server(), Arc::clone(&self.0.master), now).await?;
        self.refresh(now).await?;
        Ok(())
    }

    /// Learns what another node has made, and lets what has become due seal. To be done once a minute on every node.
    ///
    /// # Errors
    /// What the store says; a master key that another node has and this one has not.
    pub async fn refresh(&self, now: Timestamp) -> Result<Standing, KeysError> {
        let master = Arc::clone(&self.0.master);
        let read = move |tx: &mut doorward_store::Tx<'_>| data_keys::refresh(tx, &master, now);
        Ok(self.0.store.scan::<_, DataKeyError>(read).await?)
    }

    /// Where the key is from.
    pub(crate) fn source(&self) -> &str {
        &self.0.source.shown
    }

    /// Makes a new master key and seals everything under it. The file has both until the older one is forgotten: before the unit of
    /// work the old one opens, after it the new one, so that a server that dies in between starts with whichever it needs. Right: full.
    pub(crate) async fn rotate(&self, actor: &Actor, now: Timestamp) -> Result<Standing, KeysError> {
        actor.require(Right::Full)?;
        let (mine, actor) = (self.clone(), actor.clone());
        to_its_end(async move { mine.rotate_file(&actor, now).await }).await
    }

    async fn rotate_file(&self, actor: &Actor, now: Timestamp) -> Result<Standing, KeysError> {
        let _one_at_a_time = self.0.changing.lock().await;
        let (path, random) = (self.own_file()?, Arc::clone(&self.0.random));
        // Whatever can be known to fail does before the file is changed.
        let asking = actor.clone();
        self.0
            .store
            .scan::<_, KeysError>(move |tx| Ok(within::current(tx, &asking)?.require(Right::Full)?))
            .await?;
        let data_keys = self.refresh(now).await?.data_keys;
        if data_keys >= data_keys::MOST {
            return Err(full(
                format!("the database has {data_keys} data keys, and each new master key brings one"),
                "Nothing makes room. To replace a stolen master key all the same, put a new line in front of the file and restart: \
                 the data keys are sealed under it, and none is added.",
            )
            .into());
        }
        let renewed = Arc::new(in_file(move || MasterKey::renew_file(&path, &*random)).await?);
        self.take_over(actor, &renewed, now).await
    }

    /// Leaves only the current key in the file. Backups from before it can then be read only with a copy of the older ones. Right: full.
    pub(crate) async fn forget(&self, actor: &Actor, now: Timestamp) -> Result<Standing, KeysError> {
        actor.require(Right::Full)?;
        let (mine, actor) = (self.clone(), actor.clone());
        to_its_end(async move { mine.forget_in_file(&actor, now).await }).await
    }

    async fn forget_in_file(&self, actor: &Actor, now: Timestamp) -> Result<Standing, KeysError> {
        let _one_at_a_time = self.0.changing.lock().await;
        let (path, random) = (self.own_file()?, Arc::clone(&self.0.random));
        // The file may be ahead of what this server began with: somebody put a line in front, or a change of the key failed halfway.
        // What it says counts, as at a start, and nothing may be left that an older key alone opens.
        let found = {
            let path = path.clone();
            in_file(move || {
                MasterKey::remove_leftovers(&path)?;
                MasterKey::read(&path).map(Arc::new)
            })
        };
        let standing = self.take_over(actor, &found.await?, now).await?;
        let kept = self.0.master.id();
        let older: Vec<u8> = standing.masters.iter().skip(1).map(|(id, _)| *id).collect();
        if older.is_empty() {
            return Ok(standing);
        }
        let asking = actor.clone();
        self.0
            .store
            .write::<_, KeysError>(now, move |tx| {
                let actor = within::current(tx, &asking)?;
                actor.require(Right::Full)?;
                let event = Event::new("master_key.forget", (&actor).into()).with_data(json!({ "ids": older }));
                events::record(tx, &event)?;
                Ok(())
            })
            .await?;
        let only = in_file(move || MasterKey::forget_older(&path, kept, &*random)).await?;
        self.0.master.take_over(&only);
        self.refresh(now).await
    }

    /// What a start with these keys would do.
    async fn take_over(&self, actor: &Actor, all: &Arc<MasterKey>, now: Timestamp) -> Result<Standing, KeysError> {
        self.seal_anew(actor.clone(), Arc::clone(all), now).await?;
        self.0.master.take_over(all);
        self.refresh(now).await
    }

    fn own_file(&self) -> Result<PathBuf, Refusal> {
        self.0.source.own_file.clone().ok_or_else(|| {
            Refusal::response(
                &MASTER_KEY_ELSEWHERE,
                format!("the master key comes from {}", self.0.source.shown),
            )
            .with_remedy(
                "Add a line with another key (`openssl rand -base64 32`) below the present one and restart every node; then put it \
                 first and restart them again; then leave the old one out.",
            )
        })
    }

    async fn seal_anew(&self, actor: Actor, master: Arc<MasterKey>, now: Timestamp) -> Result<(), KeysError> {
        let random = Arc::clone(&self.0.random);
        self.0
            .store
            .write::<_, KeysError>(now, move |tx| {
                let actor = within::current(tx, &actor)?;
                actor.require(Right::Full)?;
                if data_keys::settle(tx, &master, &*random)? {
                    tracing::info!(id = master.id(), "the database is sealed under another master key");
                    let event =
                        Event::new("master_key.rotate", (&actor).into()).with_data(json!({ "id": master.id() }));
                    events::record(tx, &event)?;
                }
                Ok(())
            })
            .await
    }
}

/// Something with the file, where waiting for the disk keeps nobody up.
async fn in_file<T: Send + 'static>(
    change: impl FnOnce() -> Result<T, SealError> + Send + 'static,
) -> Result<T, KeysError> {
    Ok(tokio::task::spawn_blocking(change).await.map_err(KeysError::failed)??)
}

/// Goes on when whoever asked hangs up: between file and database is no place to stop.
async fn to_its_end<T: Send + 'static>(
    change: impl Future<Output = Result<T, KeysError>> + Send + 'static,
) -> Result<T, KeysError> {
    tokio::spawn(change).await.map_err(KeysError::failed)?
}
