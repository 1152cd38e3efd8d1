//! People and service accounts inside a unit of work.

use doorward_jose::Jwk;
use doorward_mail::Outbox;
use doorward_store::{StoreError, Tx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Actor, Facts, NewUser, ServiceKey, User, UserEdit, credential, deletion, directory::Result, factors::Seals, facts,
    foreign::Arrival, people, service_keys, users,
};

/// A user by id.
pub fn user(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<User>, StoreError> {
    users::by_id(tx, id)
}

/// A user by name, without regard to case.
pub fn user_by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<User>, StoreError> {
    users::by_name(tx, name)
}

/// The user who has this e-mail address, without regard to case.
pub fn user_by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<User>, StoreError> {
    users::by_email(tx, email)
}

/// Whether an address is no more than what its holder said at an upstream: whoever proves it has it instead.
pub fn is_only_said(tx: &mut Tx<'_>, holder: &User) -> Result<bool, StoreError> {
    users::is_only_said(tx, holder)
}

/// A user as they would name themselves at the login: by name, by name and domain, or by address.
pub fn user_by_login(tx: &mut Tx<'_>, login: &str, domain: &str) -> Result<Option<User>, StoreError> {
    users::by_login(tx, login, Some(domain))
}

/// Persons with an e-mail address, by name, at most `limit`: whom a login by e-mail could reach.
pub fn persons_with_email(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<User>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            users::user_columns!(),
            " FROM users u WHERE u.email IS NOT NULL ORDER BY u.name_key LIMIT $1"
        ),
        &[limit.into()],
        users::from_row,
    )
}

/// Every service account, by name.
pub fn services(tx: &mut Tx<'_>) -> Result<Vec<User>, StoreError> {
    tx.all(
        concat!(
            "SELECT ",
            users::user_columns!(),
            " FROM users u WHERE u.kind = 'service' ORDER BY u.name_key"
        ),
        &[],
        users::from_row,
    )
}

/// The persons whose names come after this one, by name, at most `limit`.
pub fn people_after(tx: &mut Tx<'_>, after: &str, limit: u32) -> Result<Vec<User>, StoreError> {
    let key = after.to_ascii_lowercase();
    tx.all(
        concat!(
            "SELECT ",
            users::user_columns!(),
            " FROM users u WHERE u.kind = 'person' AND u.name_key > $1 ORDER BY u.name_key LIMIT $2"
        ),
        &[key.as_bytes().into(), limit.into()],
        users::from_row,
    )
}

/// What is known of a user, groups and roles included.
pub fn facts(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Facts>, StoreError> {
    facts::load(tx, id)
}

/// Whether the account is open; what would end their access waits for this unit, and it for that. To be asked in each unit
/// that opens something for a person.
pub fn lock_enabled(tx: &mut Tx<'_>, user: Uuid) -> Result<bool, StoreError> {
    credential::lock_enabled(tx, user)
}

/// Notes that a user logged in now. No change of the user: nothing is announced.
pub fn note_login(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    credential::note_login(tx, user)
}

/// Adds a user. Right: change-people; joining a group follows [`join`].
pub fn add(tx: &mut Tx<'_>, actor: &Actor, new: NewUser, id: Uuid) -> Result<User> {
    let (user, groups) = people::fresh(new, id, tx.now())?;
    people::add(tx, actor, &user, &groups)
}

/// Adds a person under an id that is theirs elsewhere, with everything they bring: all of it, or a refusal before anything is
/// written. The event says from where. Right: full, because whoever gives somebody a password hash can log in as them.
pub fn arrive(
    tx: &mut Tx<'_>,
    actor: &Actor,
    seals: &Seals,
    (id, arrival): (Uuid, Arrival),
    from: &'static str,
) -> Result<()> {
    people::arrive(tx, actor, seals, (id, arrival), from)
}

/// Changes a user, if anything of them would change; rights as for `Directory::edit_user`.
pub fn edit(tx: &mut Tx<'_>, actor: &Actor, id: Uuid, edit: &UserEdit) -> Result<User> {
    people::edit_unless_same(tx, actor, id, edit)
}

/// Deletes a user; rights as for [`crate::Directory::delete_user`].
pub fn delete_user(tx: &mut Tx<'_>, actor: &Actor, outbox: &Outbox, id: Uuid) -> Result<()> {
    deletion::by_administrator(tx, actor, outbox, id, false).map(|_| ())
}

/// The keys of a service account, oldest first.
pub fn service_keys(tx: &mut Tx<'_>, user: Uuid) -> Result<Vec<ServiceKey>, StoreError> {
    service_keys::of(tx, user)
}

/// Adds a public key to a service account. Right: change-people, or full when the account has a role.
pub fn add_service_key(
    tx: &mut Tx<'_>,
    actor: &Actor,
    user: Uuid,
    (id, label, json): (Uuid, &str, &str),
    expires: Option<Timestamp>,
) -> Result<()> {
    let new = service_keys::NewServiceKey::checked(id, (label, json), expires, tx.now())?;
    service_keys::add(tx, actor, user, &new).map(|_| ())
}

/// Removes a key of a service account; rights as for adding one.
pub fn remove_service_key(tx: &mut Tx<'_>, actor: &Actor, user: Uuid, key: Uuid) -> Result<()> {
    service_keys::remove(tx, actor, user, key)
}

/// The public keys of a service account that hold at `now`.
pub fn live_service_keys(tx: &mut Tx<'_>, user: Uuid, now: Timestamp) -> Result<Vec<Jwk>, StoreError> {
    service_keys::live(tx, user, now)
}
