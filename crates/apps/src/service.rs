//! The service: adds, edits and removes applications, their secrets and scope maps, each change one durable unit of work.

use std::sync::Arc;

use crate::master::MasterKey;
use doorward_jose::Random;
use doorward_oidc::{Refusal, ScopeSet};
use doorward_store::Store;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{App, AppsError, ClientSecret, Edit, NewApp, SecretMatch, Snapshot, Snapshots, secret_matches};

/// Who acts, for the event of the change. Rights are the caller's matter: it has asked the directory's actor already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The user; `None` for the owner of the data directory and the server itself.
    pub id: Option<Uuid>,
    /// Their name at that moment.
    pub name: String,
    /// Through which door: `socket`, `session`, `api-token`, `server`.
    pub via: &'static str,
}

/// Applications and everything that belongs to them.
#[derive(Clone)]
pub struct Apps {
    store: Store,
    master: Arc<MasterKey>,
    random: Arc<dyn Random>,
    snapshots: Snapshots,
}

/// What adding an application gives.
#[derive(Debug, Clone)]
pub struct Created {
    /// The application as stored.
    pub app: App,
    /// Its secret, if it authenticates with one.
    pub secret: Option<ClientSecret>,
}

/// A secret, shown on demand.
#[derive(Debug, Clone)]
pub struct SecretInfo {
    /// The current secret.
    pub secret: ClientSecret,
    /// When it was made.
    pub created: Timestamp,
    /// Until when the one before is accepted too, if there is one.
    pub previous_until: Option<Timestamp>,
}

impl Apps {
    /// Longest overlap of a rotation.
    pub const LONGEST_OVERLAP: SignedDuration = SignedDuration::from_hours(24 * 30);

    /// The applications of this store.
    pub fn new(store: Store, master: Arc<MasterKey>, random: Arc<dyn Random>) -> Self {
        let snapshots = Snapshots::new(&store);
        Self {
            store,
            master,
            random,
            snapshots,
        }
    }

    /// The applications as they are now.
    pub async fn snapshot(&self) -> Result<Arc<Snapshot>, AppsError> {
        Ok(self.snapshots.current().await?)
    }

    /// The holder of the snapshot, for those who only read.
    pub fn snapshots(&self) -> &Snapshots {
        &self.snapshots
    }

    /// Compares a presented secret, in constant time and without a query.
    pub fn secret_matches(&self, app: &App, presented: &str, now: Timestamp) -> SecretMatch {
        secret_matches(&self.master, app, presented, now)
    }

    /// Adds an application, with a secret if it needs one.
    pub async fn add(&self, by: &Author, new: NewApp, now: Timestamp) -> Result<Created, AppsError> {
        let _ = (&self.random, by, new, now, &self.store);
        unimplemented!("second landing")
    }

    /// Changes an application: all edits or none.
    pub async fn edit(&self, by: &Author, client_id: &str, edits: Vec<Edit>, now: Timestamp) -> Result<App, AppsError> {
        let _ = (by, client_id, edits, now);
        unimplemented!("second landing")
    }

    /// Removes an application with its secrets and scope maps, and all grants that it holds.
    pub async fn remove(&self, by: &Author, client_id: &str, now: Timestamp) -> Result<(), AppsError> {
        let _ = (by, client_id, now);
        unimplemented!("second landing")
    }

    /// Lets the members of a group in, with these scopes or those of the application's preset. Replaces the group's map.
    pub async fn allow(
        &self,
        by: &Author,
        client_id: &str,
        group: &str,
        scopes: Option<ScopeSet>,
        now: Timestamp,
    ) -> Result<App, AppsError> {
        let _ = (by, client_id, group, scopes, now);
        unimplemented!("second landing")
    }

    /// Takes a group's scope map away.
    pub async fn disallow(&self, by: &Author, client_id: &str, group: &str, now: Timestamp) -> Result<App, AppsError> {
        let _ = (by, client_id, group, now);
        unimplemented!("second landing")
    }

    /// The current secret, opened for showing; an event.
    pub async fn show_secret(&self, by: &Author, client_id: &str, now: Timestamp) -> Result<SecretInfo, AppsError> {
        let _ = (by, client_id, now);
        unimplemented!("second landing")
    }

    /// A new secret; the one before stays valid for `overlap`, older ones end.
    pub async fn rotate_secret(
        &self,
        by: &Author,
        client_id: &str,
        overlap: SignedDuration,
        now: Timestamp,
    ) -> Result<SecretInfo, AppsError> {
        let _ = (by, client_id, overlap, now);
        unimplemented!("second landing")
    }
}

impl Author {
    /// The server itself.
    pub fn server() -> Self {
        Self {
            id: None,
            name: "doorward".to_owned(),
            via: "server",
        }
    }
}

const _: fn(Refusal) -> AppsError = AppsError::Refused;
