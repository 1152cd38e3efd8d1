//! The service: adds, edits and removes applications, their secrets and scope maps, each change one durable unit of work.

use std::sync::Arc;

use doorward_audit::{Actor, Event};
use doorward_jose::Random;
use doorward_oidc::{Refusal, ScopeSet, shown};
use doorward_store::{MasterKey, Store, StoreError, Tx, consents, grants, ids, new_id};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::{
    App, AppsError, ClientAuthentication, ClientSecret, Edit, NewApp, SecretMatch, Snapshot, Snapshots, alias, apply,
    changes, refusals, rows, scope_maps, secret_matches, secrets,
};

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
    pub async fn add(&self, by: &Actor, new: NewApp, now: Timestamp) -> Result<Created, AppsError> {
        let app = new.build(new_id(now, self.random.as_ref()), now)?;
        let (keys, by) = (self.keys(), by.clone());
        self.store
            .write(now, move |tx| insert(tx, &keys, by, app, &new.scope_maps, None))
            .await
    }

    /// Changes an application: all edits or none. One that authenticates with a secret from now on gets one; the secrets
    /// of one that does not any more end. One that is disabled loses every grant, and is told that its sessions are over.
    pub async fn edit(&self, by: &Actor, client_id: &str, edits: Vec<Edit>, now: Timestamp) -> Result<App, AppsError> {
        let keys = self.keys();
        self.change(by, client_id, now, "app.edit", move |tx, app| {
            let changed = apply(&app, &edits)?;
            store_change(tx, &keys, &app, &changed)?;
            Ok((changed, ()))
        })
        .await
        .map(|(app, ())| app)
    }

    /// Removes an application with its secrets, scope maps and consents, and revokes every grant that it holds.
    pub async fn remove(&self, by: &Actor, client_id: &str, now: Timestamp) -> Result<(), AppsError> {
        let (by, client_id) = (by.clone(), client_id.to_owned());
        self.store.write(now, move |tx| remove(tx, by, &client_id)).await
    }

    /// Lets the members of a group in, with these scopes or those that the application requests. Replaces the group's map.
    pub async fn allow(
        &self,
        by: &Actor,
        client_id: &str,
        group: &str,
        scopes: Option<ScopeSet>,
        now: Timestamp,
    ) -> Result<App, AppsError> {
        let (keys, group) = (self.keys(), group.to_owned());
        self.change(by, client_id, now, "app.allow", move |tx, app| {
            put_scope_map(tx, &keys, &app, &group, scopes.as_ref())?;
            Ok((app, ()))
        })
        .await
        .map(|(app, ())| app)
    }

    /// Takes a group's scope map away.
    pub async fn disallow(&self, by: &Actor, client_id: &str, group: &str, now: Timestamp) -> Result<App, AppsError> {
        let group = group.to_owned();
        self.change(by, client_id, now, "app.disallow", move |tx, app| {
            let id = scope_maps::resolve(tx, &group)?;
            if !scope_maps::take(tx, &app, id)? {
                return Err(no_such_map(&app, &group).into());
            }
            Ok((app, ()))
        })
        .await
        .map(|(app, ())| app)
    }

    /// The current secret, opened for showing. A unit of work, because showing it is an event.
    pub async fn show_secret(&self, by: &Actor, client_id: &str, now: Timestamp) -> Result<SecretInfo, AppsError> {
        let (keys, by, client_id) = (self.keys(), by.clone(), client_id.to_owned());
        self.store
            .write(now, move |tx| {
                let app = rows::find(tx, &client_id)?;
                let shown = secrets::show(tx, &keys.master, &app)?;
                event(tx, by, &app, "app.secret.show", Value::Null)?;
                Ok(shown)
            })
            .await
    }

    /// A new secret; the one before stays valid for `overlap`, older ones end.
    pub async fn rotate_secret(
        &self,
        by: &Actor,
        client_id: &str,
        overlap: SignedDuration,
        now: Timestamp,
    ) -> Result<SecretInfo, AppsError> {
        secrets::check_overlap(overlap, Self::LONGEST_OVERLAP)?;
        let keys = self.keys();
        self.change(by, client_id, now, "app.secret.rotate", move |tx, app| {
            let info = secrets::rotate(tx, &keys.master, keys.random.as_ref(), &app, overlap)?;
            Ok((app, info))
        })
        .await
        .map(|(_, info)| info)
    }

    /// One unit of work on one application: locked, changed, its parts read anew, its event recorded.
    async fn change<T: Send + 'static>(
        &self,
        by: &Actor,
        client_id: &str,
        now: Timestamp,
        action: &'static str,
        work: impl FnOnce(&mut Tx<'_>, App) -> Result<(App, T), AppsError> + Send + 'static,
    ) -> Result<(App, T), AppsError> {
        let (by, client_id) = (by.clone(), client_id.to_owned());
        self.store
            .write(now, move |tx| {
                let before = rows::lock(tx, &client_id)?;
                let (app, outcome) = work(tx, before.clone())?;
                let app = reloaded(tx, app)?;
                event(tx, by, &app, action, changes::between(&before, &app))?;
                Ok((app, outcome))
            })
            .await
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn random(&self) -> &dyn Random {
        self.random.as_ref()
    }

    pub(crate) fn keys(&self) -> Keys {
        Keys {
            master: Arc::clone(&self.master),
            random: Arc::clone(&self.random),
        }
    }
}

/// What a unit of work on another thread needs of the service.
#[derive(Clone)]
pub(crate) struct Keys {
    master: Arc<MasterKey>,
    random: Arc<dyn Random>,
}

impl Keys {
    pub(crate) fn master(&self) -> &MasterKey {
        &self.master
    }

    pub(crate) fn random(&self) -> &dyn Random {
        self.random.as_ref()
    }

    pub(crate) fn create_secret(&self, tx: &mut Tx<'_>, app: &App) -> Result<ClientSecret, StoreError> {
        secrets::create(tx, &self.master, self.random.as_ref(), app)
    }
}

/// Stores a new application with its scope maps and, if it needs one, the secret that is given or a new one: all of it, or a
/// refusal before anything is written.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    keys: &Keys,
    by: Actor,
    app: App,
    maps: &[(String, Option<ScopeSet>)],
    given: Option<ClientSecret>,
) -> Result<Created, AppsError> {
    if let Some(why) = ids::not_free(tx, app.id)? {
        return Err(id_taken(&app, &why).into());
    }
    if given.is_some() && app.authentication != ClientAuthentication::ClientSecret {
        return Err(secrets::none(&app).into());
    }
    alias::require(tx, &app)?;
    let mut resolved = Vec::with_capacity(maps.len());
    for (group, scopes) in maps {
        let scopes = scopes.as_ref().unwrap_or(&app.scopes);
        scope_maps::check_scopes(&app, scopes)?;
        resolved.push((scope_maps::resolve(tx, group)?, scopes));
    }
    if !rows::insert(tx, &app)? {
        return Err(exists(&app.client_id).into());
    }
    for (group, scopes) in resolved {
        scope_maps::put(tx, keys.random(), &app, group, scopes)?;
    }
    let secret = match (app.authentication, given) {
        (ClientAuthentication::ClientSecret, Some(given)) => {
            secrets::store(tx, keys.master(), keys.random(), &app, &given)?;
            Some(given)
        }
        (ClientAuthentication::ClientSecret, None) => Some(keys.create_secret(tx, &app)?),
        _ => None,
    };
    let app = reloaded(tx, app)?;
    event(tx, by, &app, "app.add", changes::added(&app))?;
    Ok(Created { app, secret })
}

/// Stores the changed settings of a locked application, with all that follows.
pub(crate) fn store_change(tx: &mut Tx<'_>, keys: &Keys, app: &App, changed: &App) -> Result<(), AppsError> {
    alias::require(tx, changed)?;
    let wants_secret = changed.authentication == ClientAuthentication::ClientSecret;
    match (wants_secret, changed.secrets.is_empty()) {
        (true, true) => keys.create_secret(tx, changed).map(|_| ())?,
        (false, false) => secrets::remove_all(tx, changed)?,
        _ => {}
    }
    rows::update(tx, changed)?;
    if changed.disabled && !app.disabled {
        grants::revoke_by_app(tx, app.id)?;
    }
    Ok(())
}

/// Removes an application; see [`Apps::remove`].
pub(crate) fn remove(tx: &mut Tx<'_>, by: Actor, client_id: &str) -> Result<(), AppsError> {
    let app = rows::lock(tx, client_id)?;
    rows::delete(tx, &app)?;
    consents::forget_app(tx, app.id)?;
    grants::revoke_by_app(tx, app.id)?;
    event(tx, by, &app, "app.remove", Value::Null)?;
    Ok(())
}

pub(crate) fn put_scope_map(
    tx: &mut Tx<'_>,
    keys: &Keys,
    app: &App,
    group: &str,
    scopes: Option<&ScopeSet>,
) -> Result<(), AppsError> {
    let scopes = scopes.unwrap_or(&app.scopes);
    scope_maps::check_scopes(app, scopes)?;
    let id = scope_maps::resolve(tx, group)?;
    Ok(scope_maps::put(tx, keys.random.as_ref(), app, id, scopes)?)
}

pub(crate) fn reloaded(tx: &mut Tx<'_>, mut app: App) -> Result<App, StoreError> {
    rows::load_parts(tx, &mut app)?;
    Ok(app)
}

/// Keeps what was done, in the unit of work that does it.
pub(crate) fn event(
    tx: &mut Tx<'_>,
    by: Actor,
    app: &App,
    action: &'static str,
    data: Value,
) -> Result<(), StoreError> {
    let event = Event::new(action, by).about("app", Some(app.id), &app.client_id);
    doorward_audit::events::record(tx, &event.with_data(data)).map(|_| ())
}

fn exists(client_id: &str) -> Refusal {
    Refusal::response(
        &refusals::APP_EXISTS,
        format!("there is an application `{client_id}` already, in these or other capitals"),
    )
    .with_remedy(format!("choose another client id, for example {client_id}2"))
}

fn id_taken(app: &App, why: &str) -> Refusal {
    Refusal::response(
        &refusals::APP_EXISTS,
        format!(
            "the id that {} brings cannot be its own: {} {why}",
            app.client_id, app.id
        ),
    )
    .with_remedy("leave the id out, or correct it where it comes from: an id never changes its bearer")
}

fn no_such_map(app: &App, group: &str) -> Refusal {
    let groups: Vec<&str> = app.scope_maps.iter().map(|map| map.group.as_str()).collect();
    let groups = if groups.is_empty() {
        "nobody".to_owned()
    } else {
        groups.join(", ")
    };
    Refusal::response(
        &refusals::NOT_REGISTERED,
        format!(
            "{} has no scope map for `{}`; it lets in: {groups}",
            app.client_id,
            shown(group)
        ),
    )
}
