//! Finds what is over although nobody ended it: sessions that expired, and people whom no group lets into an application any
//! more. Both are read from what is stored, so that a restart misses nothing.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use doorward_apps::{App, Snapshots, access};
use doorward_audit::{Actor, Event, events};
use doorward_directory::{Directory, Facts};
use doorward_store::app_sessions::{self, Cause, Guest};
use doorward_store::grants::{self, EndedAt};
use doorward_store::{Change, Store, StoreError, Topic, Tx, sessions};
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::Notify;
use uuid::Uuid;

/// Sessions that one unit of work ends at most before others get their turn.
const BATCH: u32 = 200;
/// Rows of one page of a look at everybody.
const PAGE: u32 = 1000;
/// How long after a change of groups everybody is looked at: several changes make one look.
const GATHER: Duration = Duration::from_secs(2);
/// How often everybody is looked at without a change being heard of.
const EVERYBODY: Duration = Duration::from_mins(10);
/// More changed people than this are everybody.
const MOST_NAMED: usize = 1000;

/// Ends what applications have of sessions that are over: those that were not used for too long or reached their end, with what
/// was granted in them. How many sessions; call it now and then, of several nodes on one.
///
/// # Errors
/// What the store says.
pub async fn end_expired(store: &Store, now: Timestamp) -> Result<usize, StoreError> {
    let (mut ended, mut after) = (0, None);
    loop {
        let over = store.scan(move |tx| app_sessions::over(tx, now, after, BATCH)).await?;
        let is_last = over.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
        after = over.last().copied();
        ended += store.write(now, move |tx| end_all(tx, &over, now)).await?;
        if is_last {
            return Ok(ended);
        }
    }
}

fn end_all(tx: &mut Tx<'_>, over: &[Uuid], now: Timestamp) -> Result<usize, StoreError> {
    let mut ended = 0;
    for session in over {
        let found = sessions::by_id(tx, *session)?;
        if found.is_some_and(|session| session.is_live(now)) {
            // Somebody has used it since.
            continue;
        }
        app_sessions::end(tx, *session, Cause::Expired)?;
        sessions::end_with_grants(tx, *session, grants::Offline::Keep)?;
        ended += 1;
    }
    Ok(ended)
}

/// Watches who may still use the applications that they are in.
pub struct Access {
    store: Store,
    directory: Directory,
    snapshots: Snapshots,
    heard: Arc<Heard>,
}

#[derive(Default)]
struct Heard {
    what: Mutex<What>,
    notify: Notify,
}

#[derive(Default)]
struct What {
    everybody: bool,
    people: HashSet<Uuid>,
}

impl Heard {
    fn hear(&self, change: &Change) {
        let mut what = self.what.lock().unwrap_or_else(PoisonError::into_inner);
        match (change.topic, change.id) {
            (Topic::People, Some(user)) if what.people.len() < MOST_NAMED => {
                what.people.insert(user);
            }
            (Topic::People | Topic::Groups | Topic::Apps, _) => what.everybody = true,
            _ => return,
        }
        self.notify.notify_one();
    }

    fn take(&self) -> What {
        std::mem::take(&mut *self.what.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Access {
    /// Listens to the store from now on.
    pub fn new(store: Store, directory: Directory, snapshots: Snapshots) -> Self {
        let heard = Arc::new(Heard::default());
        let ear = Arc::clone(&heard);
        store.on_change(Arc::new(move |change| ear.hear(change)));
        Self {
            store,
            directory,
            snapshots,
            heard,
        }
    }

    /// Looks at whom a change concerns, and now and then at everybody; for ever.
    pub async fn run(&self, clock: impl Fn() -> Timestamp) {
        let mut what = What {
            everybody: true,
            ..What::default()
        };
        loop {
            if let Err(error) = self.look(&what, clock()).await {
                tracing::warn!(%error, "who may still use their applications is looked at again later");
            }
            what = tokio::select! {
                () = self.heard.notify.notified() => {
                    tokio::time::sleep(GATHER).await;
                    self.heard.take()
                }
                () = tokio::time::sleep(EVERYBODY) => What { everybody: true, ..What::default() },
            };
        }
    }

    async fn look(&self, what: &What, now: Timestamp) -> Result<(), String> {
        if what.everybody {
            return self.look_at(None, now).await;
        }
        for user in &what.people {
            self.look_at(Some(*user), now).await?;
        }
        Ok(())
    }

    /// Ends the sessions at applications that no group lets this person into any more; everybody's without one.
    async fn look_at(&self, user: Option<Uuid>, now: Timestamp) -> Result<(), String> {
        let mut after = None;
        loop {
            let page = self
                .store
                .scan(move |tx| app_sessions::guests(tx, user, after, PAGE))
                .await
                .map_err(|error| error.to_string())?;
            // Of several sessions of somebody at an application one answers for all.
            let mut judged = HashSet::new();
            for guest in &page {
                if judged.insert((guest.user_id, guest.app_id)) {
                    self.judge(*guest, now).await?;
                }
            }
            after = page.last().map(|last| (last.session_id, last.app_id));
            if page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
                return Ok(());
            }
        }
    }

    async fn judge(&self, guest: Guest, now: Timestamp) -> Result<(), String> {
        let snapshot = self.snapshots.current().await.map_err(|error| error.to_string())?;
        let Some(app) = snapshot.by_id(guest.app_id) else {
            return Ok(());
        };
        if !app.disabled && app.scope_maps.iter().any(|map| map.group_id.is_none()) {
            // It lets everybody in: nobody's groups need be read.
            return Ok(());
        }
        let facts = self
            .directory
            .facts(guest.user_id)
            .await
            .map_err(|error| error.to_string())?;
        match facts {
            Some(facts) if access(app, &facts.groups).is_err() => {
                self.end(app, &facts, now).await.map_err(|error| error.to_string())
            }
            _ => Ok(()),
        }
    }

    async fn end(&self, app: &App, facts: &Facts, now: Timestamp) -> Result<(), StoreError> {
        let (app_id, client_id, user_id) = (app.id, app.client_id.clone(), facts.user.id);
        // Disabling ends what is there; this is what came in just then.
        let cause = if app.disabled { Cause::NoApp } else { Cause::NoAccess };
        let event =
            Event::new("app.access_lost", Actor::system()).about("user", Some(user_id), facts.user.name.to_string());
        self.store
            .write(now, move |tx| {
                let ended = grants::revoke_by_user_app(tx, user_id, app_id, cause)?;
                if ended == EndedAt::default() {
                    // Another node was faster, and has said so.
                    return Ok(());
                }
                let event = event.with_data(json!({ "app": client_id, "grants": ended.grants }));
                events::record(tx, &event).map(|_| ())
            })
            .await
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").finish_non_exhaustive()
    }
}
