//! Applications inside the unit of work of another subject: files and imports write them with people, groups and upstreams
//! together, or not at all. Each change checks what the service's own operation checks and records the same event; the caller
//! has asked for the right.

use doorward_audit::{Actor, Event};
use doorward_oidc::ScopeSet;
use doorward_store::{StoreError, Tx};
use jiff::Timestamp;

use crate::{
    App, Apps, AppsError, ClientRegistration, ClientRegistrationEdit, ClientSecret, changes,
    declared::declared,
    registration, rows, scope_maps, secret_matches, secrets,
    service::{Keys, event, insert, put_scope_map, reloaded, remove, store_change},
};

/// The applications inside a unit of work.
#[derive(Clone)]
pub struct InUnit {
    keys: Keys,
}

impl Apps {
    /// What a unit of work over several subjects needs of this service.
    pub fn in_unit(&self) -> InUnit {
        InUnit { keys: self.keys() }
    }
}

/// Who is let in, and with which scopes.
pub type ScopeMaps = Vec<(String, ScopeSet)>;

impl InUnit {
    /// A hash under the keys of this server: whoever sees it cannot try what was hashed.
    pub fn keyed_hash(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        self.keys.master().keyed_hash(purpose, bytes)
    }

    /// Every application with its secrets and scope maps.
    pub fn all(&self, tx: &mut Tx<'_>) -> Result<Vec<App>, StoreError> {
        rows::all(tx)
    }

    /// The application of this client id; `None` when there is none.
    pub fn find(&self, tx: &mut Tx<'_>, client_id: &str) -> Result<Option<App>, AppsError> {
        match rows::find(tx, client_id) {
            Ok(app) => Ok(Some(app)),
            Err(AppsError::Refused(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Adds an application under the id that it has, with the secret that it has elsewhere, or a new one if it needs one: all of
    /// it, or a refusal before anything is written.
    pub fn add(
        &self,
        tx: &mut Tx<'_>,
        by: Actor,
        app: App,
        maps: &[(String, Option<ScopeSet>)],
        given: Option<ClientSecret>,
    ) -> Result<App, AppsError> {
        let app = App {
            created: tx.now(),
            changed: tx.now(),
            ..app
        };
        Ok(insert(tx, &self.keys, by, app, maps, given)?.app)
    }

    /// Makes an application what `wanted` says, and its scope maps these.
    pub fn change(&self, tx: &mut Tx<'_>, by: Actor, wanted: &App, maps: &ScopeMaps) -> Result<App, AppsError> {
        let before = rows::lock(tx, &wanted.client_id)?;
        let mut changed = declared(&before, wanted)?;
        changed.preset.clone_from(&wanted.preset);
        store_change(tx, &self.keys, &before, &changed)?;
        for map in &before.scope_maps {
            if !maps.iter().any(|(group, _)| group.eq_ignore_ascii_case(&map.group)) {
                scope_maps::take(tx, &changed, map.group_id)?;
            }
        }
        for (group, scopes) in maps {
            let has = |map: &crate::ScopeMap| map.group.eq_ignore_ascii_case(group) && map.scopes == *scopes;
            if !before.scope_maps.iter().any(has) {
                put_scope_map(tx, &self.keys, &changed, group, Some(scopes))?;
            }
        }
        let after = reloaded(tx, changed)?;
        event(tx, by, &after, "app.edit", changes::between(&before, &after))?;
        Ok(after)
    }

    /// Removes an application with all that it was granted.
    pub fn remove(&self, tx: &mut Tx<'_>, by: Actor, client_id: &str) -> Result<(), AppsError> {
        remove(tx, by, client_id)
    }

    /// Whether this is the secret in force.
    pub fn has_secret(&self, app: &App, secret: &str, now: Timestamp) -> bool {
        secret_matches(self.keys.master(), app, secret, now) == crate::SecretMatch::Current
    }

    /// Makes this the only secret of an application.
    pub fn set_secret(&self, tx: &mut Tx<'_>, by: Actor, client_id: &str, secret: &str) -> Result<(), AppsError> {
        let app = rows::lock(tx, client_id)?;
        secrets::set(tx, self.keys.master(), self.keys.random(), &app, secret)?;
        let event = Event::new("app.secret.set", by).about("app", Some(app.id), &app.client_id);
        doorward_audit::events::record(tx, &event)?;
        Ok(())
    }

    /// Whether applications may register themselves, with the groups as they are called now.
    pub fn client_registration(&self, tx: &mut Tx<'_>) -> Result<(ClientRegistration, Vec<String>), StoreError> {
        registration::named(tx)
    }

    /// Changes that.
    pub fn set_client_registration(
        &self,
        tx: &mut Tx<'_>,
        by: Actor,
        edit: ClientRegistrationEdit,
    ) -> Result<(), AppsError> {
        registration::change(tx, by, edit).map(|_| ())
    }
}
