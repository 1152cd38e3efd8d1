//! Applications that come from another provider, inside the unit of work of whoever imports them: with the client id and the
//! secret that they had there.

use doorward_audit::Actor;
use doorward_jose::Secret;
use doorward_store::Tx;
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    App, Apps, AppsError, ClientAuthentication, NewApp, alias, changes, rows, secrets,
    service::{event, exists, put_scope_map, reloaded},
};

/// An application that comes from elsewhere.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Its id: that of the other provider, if it can be one here.
    pub id: Uuid,
    /// As for an application that is added here.
    pub new: NewApp,
    /// The secret that it authenticates with there; one is made when there is none and it needs one.
    pub secret: Option<Secret<String>>,
}

impl Apps {
    /// The application of this client id, as it is in this unit of work; `None` when there is none.
    pub fn find_within(&self, tx: &mut Tx<'_>, client_id: &str) -> Result<Option<App>, AppsError> {
        match rows::find(tx, client_id) {
            Ok(app) => Ok(Some(app)),
            Err(AppsError::Refused(_)) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Adds an application: all of it, or a refusal before anything is written. The caller has asked for the right.
    pub fn add_within(&self, tx: &mut Tx<'_>, by: &Actor, arrival: &Arrival, now: Timestamp) -> Result<App, AppsError> {
        let app = arrival.new.build(arrival.id, now)?;
        let keys = self.keys();
        if !rows::insert(tx, &app)? {
            return Err(exists(&app.client_id).into());
        }
        alias::require(tx, &app)?;
        for (group, scopes) in &arrival.new.scope_maps {
            put_scope_map(tx, &keys, &app, group, scopes.as_ref())?;
        }
        if app.authentication == ClientAuthentication::ClientSecret {
            match &arrival.secret {
                Some(secret) => secrets::adopt(tx, keys.master(), keys.random(), &app, secret)?,
                None => drop(keys.create_secret(tx, &app)?),
            }
        }
        let app = reloaded(tx, app)?;
        event(tx, by.clone(), &app, "app.add", changes::added(&app))?;
        Ok(app)
    }
}
