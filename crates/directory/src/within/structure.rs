//! Groups, who is in them, and roles, inside a unit of work. Units that change them take turns: [`take_turn`] first.

use doorward_store::{StoreError, Tx};
use uuid::Uuid;

use crate::{
    Actor, DirectoryError, Group, GroupEdit, GroupName, MembershipChange, NewGroup, Role, RoleGrant, RoleHolder, User,
    directory::Result,
    error::{LAST_ADMINISTRATOR, NO_SUCH_ROLE_GRANT},
    groups, guard,
    membership::{self, Member},
    roles,
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

/// A group by id.
pub fn group(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Group>, StoreError> {
    groups::by_id(tx, id)
}

/// A group by name, without regard to case.
pub fn group_by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Group>, StoreError> {
    groups::by_name(tx, name)
}

/// Adds a group without members, under an id that is made or given. Right: change-people.
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

/// Names of the groups a user is in directly, sorted without regard to case.
pub fn direct_groups(tx: &mut Tx<'_>, user: Uuid) -> Result<Vec<String>, StoreError> {
    tx.all(
        "SELECT g.name FROM group_users m JOIN user_groups g ON g.id = m.group_id WHERE m.user_id = $1 ORDER BY g.name_key",
        &[user.into()],
        |row| row.get(0),
    )
}

/// Puts a user into a group; false when they were in it directly. Rights as for [`crate::Directory::add_member`].
pub fn enter(tx: &mut Tx<'_>, actor: &Actor, group: &Group, user: &User) -> Result<bool> {
    membership::add(tx, actor, group, Member::User(user))
}

/// Takes a user out of a group; false when they were not in it directly. The last administrator stays.
pub fn take_out(tx: &mut Tx<'_>, actor: &Actor, group: &Group, user: &User) -> Result<bool> {
    membership::remove(tx, actor, group, Member::User(user))
}

/// Puts a user into the group of this name; false when they were in it directly already.
pub fn join(tx: &mut Tx<'_>, actor: &Actor, group: &str, user: &User) -> Result<bool> {
    let group = groups::named(tx, &GroupName::parse(group)?)?;
    membership::add(tx, actor, &group, Member::User(user))
}

/// Takes a user out of the group of this name. Never the last administrator out of what makes one: nobody could undo it.
pub fn leave(tx: &mut Tx<'_>, actor: &Actor, group: &str, user: &User) -> Result<Left> {
    let Some(group) = groups::by_name(tx, group)? else {
        return Ok(Left::WasNotIn);
    };
    match membership::remove(tx, actor, &group, Member::User(user)) {
        Ok(true) => Ok(Left::Yes),
        Ok(false) => Ok(Left::WasNotIn),
        Err(DirectoryError::Refused(refusal)) if refusal.kind.code == LAST_ADMINISTRATOR.code => {
            // Found out by taking it away: given back, before anybody could see it.
            tx.execute(
                "INSERT INTO group_users (group_id, user_id, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                &[group.id.into(), user.id.into(), tx.now().into()],
            )?;
            Ok(Left::LastAdministrator)
        }
        Err(error) => Err(error),
    }
}

/// What came of taking somebody out of a group or away from a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// They were in it and are not any more.
    Yes,
    /// They were not in it directly.
    WasNotIn,
    /// They stay: without them nobody would have full rights.
    LastAdministrator,
}

/// Grants a role; false when it was held already. Right: full.
pub fn grant(tx: &mut Tx<'_>, actor: &Actor, id: Uuid, role: Role, holder: RoleHolder) -> Result<bool> {
    roles::grant(tx, actor, id, role, holder)
}

/// Withdraws a role. Right: full; the last full administrator stays.
pub fn withdraw(tx: &mut Tx<'_>, actor: &Actor, role: Role, holder: RoleHolder) -> Result<()> {
    roles::withdraw(tx, actor, role, holder)
}

/// The same where nobody is there to be told: a role that is not held or that has to stay is an answer. `id` is the grant's if it
/// has to be given back.
pub fn withdraw_if_possible(tx: &mut Tx<'_>, actor: &Actor, role: Role, user: &User, id: Uuid) -> Result<Left> {
    let holder = RoleHolder::User(user.id);
    match roles::withdraw(tx, actor, role, holder) {
        Ok(()) => Ok(Left::Yes),
        Err(DirectoryError::Refused(refusal)) if refusal.kind.code == NO_SUCH_ROLE_GRANT.code => Ok(Left::WasNotIn),
        Err(DirectoryError::Refused(refusal)) if refusal.kind.code == LAST_ADMINISTRATOR.code => {
            // Found out by taking it away: given back, before anybody could see it.
            roles::insert(tx, id, role, holder)?;
            Ok(Left::LastAdministrator)
        }
        Err(error) => Err(error),
    }
}

/// All granted roles, oldest first.
pub fn all_roles(tx: &mut Tx<'_>) -> Result<Vec<RoleGrant>, StoreError> {
    roles::all(tx)
}

/// The roles granted to a user themselves, not through groups.
pub fn own_roles(tx: &mut Tx<'_>, user: Uuid) -> Result<Vec<Role>, StoreError> {
    roles::own(tx, user)
}

/// Whether the user holds a role, through groups too.
pub fn holds_role(tx: &mut Tx<'_>, user: Uuid) -> Result<bool, StoreError> {
    Ok(!roles::of_user(tx, user)?.is_empty())
}

/// Names of the groups whose members hold a role, through nesting too, sorted.
pub fn groups_with_roles(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    tx.all(
        "WITH RECURSIVE bring (id) AS (SELECT group_id FROM role_grants WHERE group_id IS NOT NULL \
         UNION SELECT n.child_id FROM group_groups n JOIN bring ON n.parent_id = bring.id) \
         SELECT g.name FROM bring JOIN user_groups g ON g.id = bring.id ORDER BY g.name_key",
        &[],
        |row| row.get(0),
    )
}

/// Whether members of this group gain a role, through what it is inside of too.
pub fn brings_role(tx: &mut Tx<'_>, group: Uuid) -> Result<bool, StoreError> {
    roles::are_gained_in(tx, group)
}
