//! What a person has let applications know: the grants that live and the consent that is remembered, taken together for
//! each application, and taken back together.

use std::collections::BTreeMap;

use doorward_store::{StoreError, Tx, app_sessions::Cause, consents, grants};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{Actor, Directory, User, Via, credential, directory::Result, event, guard, users};

/// The scopes of the standard in its order (OpenID Connect Core §5.4, §11), then ours; others follow by name.
const ORDER: [&str; 7] = [
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "groups",
    "offline_access",
];

/// An application that may know something of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppGrants {
    /// Which.
    pub app_id: Uuid,
    /// What it may read: the scopes of its live grants, and those that it would get without asking.
    pub scopes: Vec<String>,
    /// The earliest of these that is still known.
    pub since: Timestamp,
    /// When it was last given a grant that still lives, which each login does.
    pub last_login: Option<Timestamp>,
    /// How many grants live.
    pub grants: u64,
    /// When the person last agreed on the consent page; none where nobody is asked.
    pub consented: Option<Timestamp>,
}

/// What [`Directory::revoke_app_grants`] took back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppGrantsRevoked {
    /// Grants that lived: their tokens end with them.
    pub grants: u64,
    /// Whether a consent was remembered, so that the next login asks again.
    pub consent: bool,
}

impl Directory {
    /// The applications that may know something of a person, the one that was used last first.
    pub async fn app_grants(&self, user: Uuid, now: Timestamp) -> Result<Vec<AppGrants>> {
        self.scan(move |tx| Ok(found(tx, user, now)?)).await
    }

    /// Takes back what a person has given to an application: every grant, and the consent. People may do that for
    /// themselves in a session of theirs; somebody else needs the rights for editing them. `app` is id and client id.
    pub async fn revoke_app_grants(
        &self,
        actor: &Actor,
        user: Uuid,
        app: (Uuid, &str),
        address: Option<String>,
        now: Timestamp,
    ) -> Result<AppGrantsRevoked> {
        let (app_id, client_id) = (app.0, app.1.to_owned());
        self.administer(actor, now, move |tx, actor| {
            let person = users::existing(tx, user)?;
            if !is_oneself(actor, &person, tx.now()) {
                guard::may_change(tx, actor, &person)?;
            }
            // As every end of access: a login that is just being written comes before, or finds it gone.
            credential::lock_enabled(tx, user)?;
            // Before the grants: a unit that writes one holds the consent, and its grant has to be seen here.
            let consent = consents::withdraw(tx, user, app_id)?;
            let grants = grants::revoke_by_user_app(tx, user, app_id, Cause::Revoked)?.grants;
            let done = AppGrantsRevoked { grants, consent };
            if consent || grants > 0 {
                event::app_grants_revoked(tx, actor, &person, (app_id, &client_id), done, address)?;
            }
            Ok(done)
        })
        .await
    }
}

fn is_oneself(actor: &Actor, person: &User, now: Timestamp) -> bool {
    actor.id == Some(person.id) && matches!(actor.via, Via::Session(_)) && person.closed(now).is_none()
}

fn found(tx: &mut Tx<'_>, user: Uuid, now: Timestamp) -> Result<Vec<AppGrants>, StoreError> {
    let mut by_app: BTreeMap<Uuid, AppGrants> = BTreeMap::new();
    for held in grants::held(tx, user, now)? {
        let given = by_app.entry(held.app_id).or_insert_with(|| AppGrants {
            app_id: held.app_id,
            scopes: Vec::new(),
            since: held.first,
            last_login: None,
            grants: 0,
            consented: None,
        });
        given.scopes.extend(held.scope.split(' ').map(str::to_owned));
        given.since = given.since.min(held.first);
        given.last_login = given.last_login.max(Some(held.last));
        given.grants += held.count;
    }
    for consent in consents::of_user(tx, user)? {
        let given = by_app.entry(consent.app_id).or_insert_with(|| AppGrants {
            app_id: consent.app_id,
            scopes: Vec::new(),
            since: consent.at,
            last_login: None,
            grants: 0,
            consented: None,
        });
        given.scopes.extend(consent.scopes);
        given.since = given.since.min(consent.at);
        given.consented = Some(consent.at);
    }
    let mut all: Vec<AppGrants> = by_app.into_values().collect();
    for given in &mut all {
        given.scopes.retain(|scope| !scope.is_empty());
        given.scopes.sort_by_cached_key(|scope| {
            let place = ORDER.iter().position(|known| known == scope);
            (place.unwrap_or(ORDER.len()), scope.clone())
        });
        given.scopes.dedup();
    }
    all.sort_by_key(|given| std::cmp::Reverse(given.last_login.max(given.consented)));
    Ok(all)
}
