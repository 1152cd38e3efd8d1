//! Public keys of service accounts, with which they sign for their tokens (RFC 7523 §2.1).

use doorward_audit::Event;
use doorward_jose::{Jwk, JwkSet};
use doorward_oidc::Refusal;
use doorward_store::{Row, StoreError, Tx, grants, new_id};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::{
    Actor, Directory, Right, credential,
    directory::Result,
    error::{INVALID_LIFETIME, INVALID_SERVICE_KEY, NO_SUCH_SERVICE_KEY},
    event, guard,
    tokens::{checked_label, need_service_account},
    users,
};

/// How a service account has proved itself by a key (RFC 8176): the method of grants that came of one.
pub const SERVICE_KEY_METHOD: &str = "swk";
/// Keys of one account at the most.
const MOST_KEYS: usize = 20;

/// A key of a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceKey {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// What it is for, as the administrator typed it.
    pub label: String,
    /// The key.
    pub jwk: Jwk,
    /// When it was added.
    pub created: Timestamp,
    /// When it ends by itself.
    pub expires: Option<Timestamp>,
}

impl Directory {
    /// Adds a public key, as a JWK or a set of one in JSON. Right: change-people, or full when the account has a role.
    pub async fn add_service_key(
        &self,
        actor: &Actor,
        user: Uuid,
        (label, json): (&str, &str),
        expires: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<ServiceKey> {
        let new = NewServiceKey::checked(new_id(now, self.random()), (label, json), expires, now)?;
        self.administer(actor, now, move |tx, actor| add(tx, actor, user, &new))
            .await
    }

    /// The keys of a service account, oldest first; those that have ended may be among them.
    pub async fn service_keys(&self, user: Uuid) -> Result<Vec<ServiceKey>> {
        self.scan(move |tx| {
            users::existing(tx, user)?;
            Ok(of(tx, user)?)
        })
        .await
    }

    /// Removes a key: what it signs counts no more, and what came of it ends. Rights as for adding one.
    pub async fn remove_service_key(&self, actor: &Actor, user: Uuid, key: Uuid, now: Timestamp) -> Result<()> {
        self.administer(actor, now, move |tx, actor| remove(tx, actor, user, key))
            .await
    }
}

/// A key to be added.
pub(crate) struct NewServiceKey {
    id: Uuid,
    label: String,
    /// Read once it is known that the actor may add one.
    json: String,
    expires: Option<Timestamp>,
}

impl NewServiceKey {
    /// What can be checked without the account.
    pub(crate) fn checked(
        id: Uuid,
        (label, json): (&str, &str),
        expires: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self> {
        if let Some(expires) = expires.filter(|expires| *expires <= now) {
            return Err(Refusal::response(&INVALID_LIFETIME, format!("a key that ended at {expires}")).into());
        }
        Ok(Self {
            id,
            label: checked_label(label)?,
            json: json.to_owned(),
            expires,
        })
    }
}

/// Adds a key; see [`Directory::add_service_key`].
pub(crate) fn add(tx: &mut Tx<'_>, actor: &Actor, user: Uuid, new: &NewServiceKey) -> Result<ServiceKey> {
    let account = users::existing(tx, user)?;
    guard::may_change(tx, actor, &account)?;
    need_service_account(&account, tx.now())?;
    let key = ServiceKey {
        id: new.id,
        user_id: user,
        label: new.label.clone(),
        jwk: read(&new.json)?,
        created: tx.now(),
        expires: new.expires,
    };
    let others = of(tx, user)?;
    if others.len() >= MOST_KEYS {
        return Err(invalid(format!("{} has {MOST_KEYS} keys already", account.name)).into());
    }
    // Of two keys with one name, which one signed would be a guess.
    if let Some(kid) = key.jwk.kid()
        && others.iter().any(|other| other.jwk.kid() == Some(kid))
    {
        return Err(invalid(format!("{} has a key with the kid {kid} already", account.name)).into());
    }
    let jwk = serde_json::to_string(&key.jwk).map_err(|error| StoreError::Damaged(error.to_string()))?;
    tx.execute(
        "INSERT INTO service_keys (id, user_id, label, jwks, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            key.id.into(),
            user.into(),
            (&key.label).into(),
            (&jwk).into(),
            key.created.into(),
            key.expires.into(),
        ],
    )?;
    record(tx, actor, "service_key.add", &account, &key)?;
    Ok(key)
}

/// Removes a key; see [`Directory::remove_service_key`].
pub(crate) fn remove(tx: &mut Tx<'_>, actor: &Actor, user: Uuid, key: Uuid) -> Result<()> {
    // Without the right, whether the key exists is not said either.
    actor.require(Right::ChangePeople)?;
    // An assertion under way has its grant by now, or finds that the key is gone.
    credential::lock(tx, user)?;
    let account = users::existing(tx, user)?;
    guard::may_change(tx, actor, &account)?;
    let found = of(tx, user)?.into_iter().find(|other| other.id == key);
    let found = found.ok_or_else(|| {
        Refusal::response(
            &NO_SUCH_SERVICE_KEY,
            format!("{} has no key with the id {key}", account.name),
        )
        .with_remedy(format!("`doorward service key list {}` shows them.", account.name))
    })?;
    tx.execute("DELETE FROM service_keys WHERE id = $1", &[key.into()])?;
    // Which of its keys a grant came of is not kept: all of them end, and the other keys fetch theirs anew.
    grants::revoke_by_user_method(tx, user, SERVICE_KEY_METHOD)?;
    record(tx, actor, "service_key.remove", &account, &found)
}

fn record(tx: &mut Tx<'_>, actor: &Actor, action: &'static str, account: &crate::User, key: &ServiceKey) -> Result<()> {
    let event = Event::new(action, actor.into()).about("user", Some(account.id), account.name.as_str());
    let data = json!({ "key": key.id, "label": key.label, "thumbprint": key.jwk.thumbprint(), "expires": key.expires });
    event::record(tx, &event.with_data(data))
}

/// The keys of an account that hold at `now`.
pub(crate) fn live(tx: &mut Tx<'_>, user: Uuid, now: Timestamp) -> Result<Vec<Jwk>, StoreError> {
    let keys = of(tx, user)?.into_iter();
    let keys = keys.filter(|key| key.expires.is_none_or(|expires| now < expires));
    Ok(keys.map(|key| key.jwk).collect())
}

pub(crate) fn of(tx: &mut Tx<'_>, user: Uuid) -> Result<Vec<ServiceKey>, StoreError> {
    tx.all(
        "SELECT id, user_id, label, jwks, created_at, expires_at FROM service_keys WHERE user_id = $1 ORDER BY id",
        &[user.into()],
        from_row,
    )
}

fn from_row(row: &Row<'_>) -> Result<ServiceKey, StoreError> {
    let text: String = row.get(3)?;
    Ok(ServiceKey {
        id: row.get(0)?,
        user_id: row.get(1)?,
        label: row.get(2)?,
        jwk: Jwk::parse(text.as_bytes())
            .map_err(|error| StoreError::Damaged(format!("a key of a service: {error}")))?,
        created: row.get(4)?,
        expires: row.get(5)?,
    })
}

/// One public key, however it comes.
fn read(json: &str) -> Result<Jwk, Refusal> {
    if let Ok(key) = Jwk::parse(json.as_bytes()) {
        return Ok(key);
    }
    let set = JwkSet::parse(json.as_bytes()).map_err(|error| {
        invalid(format!(
            "expected a public key as a JWK, or a set of one, in JSON: {error}"
        ))
    })?;
    match set.keys() {
        [only] => Ok(only.clone()),
        [] => Err(invalid("found no public key for RS256, PS256, ES256 or EdDSA")),
        several => Err(invalid(format!("expected one key, received {}", several.len()))),
    }
}

fn invalid(detail: impl Into<String>) -> Refusal {
    Refusal::response(&INVALID_SERVICE_KEY, detail)
        .with_remedy("Give the public half of a key pair: the service keeps the private one.")
}
