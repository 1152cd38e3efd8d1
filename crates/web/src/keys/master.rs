//! The master key of a server that runs: another one is put in front, what the database holds is sealed under it in one unit of work,
//! and the old one is left out when no backup needs it any more.

use std::{path::PathBuf, sync::Arc};

use doorward_audit::{Event, events};
use doorward_directory::{Actor, Right, within};
use doorward_jose::Random;
use doorward_oidc::Refusal;
use doorward_provider::rotation::by_hand::MASTER_KEY_ELSEWHERE;
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
            error => Self::failed(error),
        }
    }
}

impl From<SealError> for KeysError {
    fn from(error: SealError) -> Self {
        Self::failed(error)
    }
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
        let _one_at_a_time = self.0.changing.lock().await;
        let (path, random) = (self.own_file()?, Arc::clone(&self.0.random));
        let renewed = tokio::task::spawn_blocking(move || MasterKey::renew_file(&path, &*random))
            .await
            .map_err(KeysError::failed)??;
        let renewed = Arc::new(renewed);
        self.seal_anew(actor.clone(), Arc::clone(&renewed), now).await?;
        self.0.master.take_over(&renewed);
        self.refresh(now).await
    }

    /// Leaves only the current key in the file. Backups from before it can then be read only with a copy of the older ones. Right: full.
    pub(crate) async fn forget(&self, actor: &Actor, now: Timestamp) -> Result<Standing, KeysError> {
        actor.require(Right::Full)?;
        let _one_at_a_time = self.0.changing.lock().await;
        let (path, random) = (self.own_file()?, Arc::clone(&self.0.random));
        let standing = self.refresh(now).await?;
        let older: Vec<u8> = standing.masters.iter().skip(1).map(|(id, _)| *id).collect();
        if older.is_empty() {
            return Ok(standing);
        }
        // Nothing may be left that an older key alone opens.
        self.seal_anew(actor.clone(), Arc::clone(&self.0.master), now).await?;
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
        let only = tokio::task::spawn_blocking(move || MasterKey::forget_older(&path, &*random))
            .await
            .map_err(KeysError::failed)??;
        self.0.master.take_over(&only);
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
