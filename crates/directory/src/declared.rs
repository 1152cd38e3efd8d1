//! People and groups as files say them: read and changed inside the one unit of work that carries out all files of an
//! installation. Each change checks what the service's own operation checks, with the actor's rights as they are in this unit
//! ([`crate::within::current`]), and records the same event. Structure changes take turns: [`take_turn`] first.

use doorward_mail::Outbox;
use doorward_store::{StoreError, Tx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Actor, Group, GroupEdit, LoginPolicy, MembershipChange, NewGroup, Policies, PolicyEdit, PolicyTarget,
    RegistrationEdit, RegistrationPolicy, Right, Role, RoleGrant, RoleHolder, ServiceKey, TermsText, User, deletion,
    directory::Result, groups, guard, membership, membership::Member, policy, registration, roles, service_keys, terms,
    users,
};

/// Makes this unit wait for others that change the structure of groups and roles, and them for it.
pub fn take_turn(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    guard::take_turn(tx)
}

/// Every group, by name.
pub fn all_groups(tx: &mut Tx<'_>) -> Result<Vec<Group>, StoreError> {
    groups::all(tx)
}

/// Which group has which group below it: parent and child.
pub fn nesting(tx: &mut Tx<'_>) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    tx.all("SELECT parent_id, child_id FROM group_groups", &[], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Adds a group without members. Right: change-people.
pub fn add_group(tx: &mut Tx<'_>, actor: &Actor, new: &NewGroup, id: Uuid) -> Result<Group> {
    let group = groups::fresh(new, id, tx.now())?;
    groups::add(tx, actor, &group, &MembershipChange::default())
}

/// Changes a group; rights as for [`crate::Directory::edit_group`].
pub fn edit_group(tx: &mut Tx<'_>, actor: &Actor, id: Uuid, edit: &GroupEdit) -> Result<Group> {
    groups::change(tx, actor, id, edit)
}

/// Removes a group; rights as for [`crate::Directory::remove_group`].
pub fn remove_group(tx: &mut Tx<'_>, actor: &Actor, id: Uuid) -> Result<()> {
    groups::remove(tx, actor, id)
}

/// Makes a group a member of another; false when it was.
pub fn nest(tx: &mut Tx<'_>, actor: &Actor, parent: &Group, child: &Group) -> Result<bool> {
    membership::add(tx, actor, parent, Member::Group(child))
}

/// Undoes [`nest`]; false when it was not so.
pub fn unnest(tx: &mut Tx<'_>, actor: &Actor, parent: &Group, child: &Group) -> Result<bool> {
    membership::remove(tx, actor, parent, Member::Group(child))
}

/// All granted roles, oldest first.
pub fn all_roles(tx: &mut Tx<'_>) -> Result<Vec<RoleGrant>, StoreError> {
    roles::all(tx)
}

/// Grants a role. Right: full.
pub fn grant_role(tx: &mut Tx<'_>, actor: &Actor, id: Uuid, role: Role, holder: RoleHolder) -> Result<()> {
    roles::grant(tx, actor, id, role, holder).map(|_| ())
}

/// Withdraws a role. Right: full; the last full administrator stays.
pub fn withdraw_role(tx: &mut Tx<'_>, actor: &Actor, role: Role, holder: RoleHolder) -> Result<()> {
    roles::withdraw(tx, actor, role, holder)
}

/// Every policy.
pub fn policies(tx: &mut Tx<'_>) -> Result<Policies, StoreError> {
    policy::load(tx)
}

/// Sets the policy of one place. Right: full.
pub fn set_policy(tx: &mut Tx<'_>, actor: &Actor, target: PolicyTarget, wanted: &LoginPolicy) -> Result<()> {
    policy::change(tx, actor, target, &PolicyEdit::to(wanted)).map(|_| ())
}

/// Whether and how people register themselves, with the groups as they are called now.
pub fn registration(tx: &mut Tx<'_>) -> Result<(RegistrationPolicy, Vec<Group>)> {
    registration::named(tx)
}

/// Changes that. Right: full.
pub fn set_registration(tx: &mut Tx<'_>, actor: &Actor, outbox: &Outbox, edit: &RegistrationEdit) -> Result<()> {
    registration::change(tx, actor, outbox, edit).map(|_| ())
}

/// What people are asked to accept; `None` when nothing is asked.
pub fn terms(tx: &mut Tx<'_>) -> Result<Option<Vec<TermsText>>> {
    terms::asked(tx)
}

/// From now on people are asked to accept these texts, or nothing. Right: full.
pub fn set_terms(tx: &mut Tx<'_>, actor: &Actor, texts: Option<Vec<TermsText>>) -> Result<()> {
    terms::ask(tx, actor, texts)
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

/// Refuses an actor who may not see everything that files say.
pub fn may_read(actor: &Actor) -> Result<()> {
    for right in [Right::ReadSettings, Right::ReadApps, Right::ReadPeople] {
        actor.require(right)?;
    }
    Ok(())
}

/// Puts a user into a group; false when they were in it directly. Rights as for [`crate::Directory::add_member`].
pub fn enter(tx: &mut Tx<'_>, actor: &Actor, group: &Group, user: &User) -> Result<bool> {
    membership::add(tx, actor, group, Member::User(user))
}

/// Takes a user out of a group; false when they were not in it directly. The last administrator stays.
pub fn take_out(tx: &mut Tx<'_>, actor: &Actor, group: &Group, user: &User) -> Result<bool> {
    membership::remove(tx, actor, group, Member::User(user))
}
