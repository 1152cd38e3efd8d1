//! Who is in which group: users directly, groups below groups.

use doorward_oidc::Refusal;
use doorward_store::{Change, StoreError, Topic, Tx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Actor, Directory, Group, Right, User,
    directory::Result,
    error::{GROUP_CYCLE, NESTING_TOO_DEEP},
    event, groups, guard, users,
};

/// Levels of groups, the outermost included.
const MOST_LEVELS: i64 = 16;

impl Directory {
    /// Puts a user into a group; false when they were in it already. Right: change-members of the group, full when a
    /// role is gained through it.
    pub async fn add_member(&self, actor: &Actor, group: Uuid, user: Uuid, now: Timestamp) -> Result<bool> {
        let actor = actor.clone();
        self.write(now, move |tx| {
            let actor = guard::current(tx, &actor)?;
            let (group, user) = (groups::existing(tx, group)?, users::existing(tx, user)?);
            join(tx, &actor, &group, &user)
        })
        .await
    }

    /// Takes a user out of a group; false when they were not in it directly. Rights as for adding.
    pub async fn remove_member(&self, actor: &Actor, group: Uuid, user: Uuid, now: Timestamp) -> Result<bool> {
        let actor = actor.clone();
        self.write(now, move |tx| {
            let actor = guard::current(tx, &actor)?;
            let (group, user) = (groups::existing(tx, group)?, users::existing(tx, user)?);
            leave(tx, &actor, &group, &user)
        })
        .await
    }

    /// Makes the members of `child` members of `parent`; false when it was so already. A cycle is refused. Right:
    /// change-members of both, full when a role is gained through `parent`.
    pub async fn nest_group(&self, actor: &Actor, parent: Uuid, child: Uuid, now: Timestamp) -> Result<bool> {
        let actor = actor.clone();
        self.write(now, move |tx| {
            // Two units that each see no cycle could make one together.
            guard::take_turn(tx)?;
            let actor = guard::current(tx, &actor)?;
            let (parent, child) = (groups::existing(tx, parent)?, groups::existing(tx, child)?);
            nest(tx, &actor, &parent, &child)
        })
        .await
    }

    /// Undoes [`Directory::nest_group`]; false when it was not so. Right: change-members of `parent`, full when a role is
    /// gained through it.
    pub async fn unnest_group(&self, actor: &Actor, parent: Uuid, child: Uuid, now: Timestamp) -> Result<bool> {
        let actor = actor.clone();
        self.write(now, move |tx| {
            guard::take_turn(tx)?;
            let actor = guard::current(tx, &actor)?;
            let (parent, child) = (groups::existing(tx, parent)?, groups::existing(tx, child)?);
            unnest(tx, &actor, &parent, &child)
        })
        .await
    }

    /// Adds and removes several members, all or none. Rights as for each of them.
    pub async fn change_members(
        &self,
        actor: &Actor,
        group: Uuid,
        change: MembershipChange,
        now: Timestamp,
    ) -> Result<()> {
        let actor = actor.clone();
        self.write(now, move |tx| {
            guard::take_turn(tx)?;
            let actor = guard::current(tx, &actor)?;
            let group = groups::existing(tx, group)?;
            change.carry_out(tx, &actor, &group)
        })
        .await
    }
}

/// Members to add to a group and to remove from it. Adding who is in it and removing who is not changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MembershipChange {
    /// Users to add.
    pub add_users: Vec<Uuid>,
    /// Groups to add.
    pub add_groups: Vec<Uuid>,
    /// Users to remove.
    pub remove_users: Vec<Uuid>,
    /// Groups to remove.
    pub remove_groups: Vec<Uuid>,
}

impl MembershipChange {
    /// In a unit that has taken its turn.
    pub(crate) fn carry_out(&self, tx: &mut Tx<'_>, actor: &Actor, group: &Group) -> Result<()> {
        for user in &self.add_users {
            let user = users::existing(tx, *user)?;
            join(tx, actor, group, &user)?;
        }
        for child in &self.add_groups {
            let child = groups::existing(tx, *child)?;
            nest(tx, actor, group, &child)?;
        }
        for user in &self.remove_users {
            let user = users::existing(tx, *user)?;
            leave(tx, actor, group, &user)?;
        }
        for child in &self.remove_groups {
            let child = groups::existing(tx, *child)?;
            unnest(tx, actor, group, &child)?;
        }
        Ok(())
    }
}

/// Puts a user into a group, with every check; false when they were in it already.
pub(crate) fn join(tx: &mut Tx<'_>, actor: &Actor, group: &Group, user: &User) -> Result<bool> {
    let _adding_takes_no_administrator = guard::membership(tx, actor, group)?;
    let added = tx.execute(
        "INSERT INTO group_users (group_id, user_id, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        &[group.id.into(), user.id.into(), tx.now().into()],
    )?;
    if added == 0 {
        return Ok(false);
    }
    event::member(
        tx,
        actor,
        "group.member.add",
        group,
        ("user", user.id, user.name.as_str()),
    )?;
    tx.announce(Change::of(Topic::People, user.id));
    Ok(true)
}

/// Takes a user out of a group, with every check; false when they were not in it directly.
pub(crate) fn leave(tx: &mut Tx<'_>, actor: &Actor, group: &Group, user: &User) -> Result<bool> {
    let admins = guard::membership(tx, actor, group)?;
    let sql = "DELETE FROM group_users WHERE group_id = $1 AND user_id = $2";
    if tx.execute(sql, &[group.id.into(), user.id.into()])? == 0 {
        return Ok(false);
    }
    admins.keep_one(tx)?;
    event::member(
        tx,
        actor,
        "group.member.remove",
        group,
        ("user", user.id, user.name.as_str()),
    )?;
    tx.announce(Change::of(Topic::People, user.id));
    Ok(true)
}

/// Puts a group below another, with every check, in a unit that has taken its turn; false when it was so already.
fn nest(tx: &mut Tx<'_>, actor: &Actor, parent: &Group, child: &Group) -> Result<bool> {
    let _adding_takes_no_administrator = guard::membership(tx, actor, parent)?;
    // What lies below a managed group is managed: a manager may not pull other groups in.
    actor.require(Right::ChangeMembers(child.id))?;
    check_acyclic(tx, parent, child)?;
    let added = tx.execute(
        "INSERT INTO group_groups (parent_id, child_id, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        &[parent.id.into(), child.id.into(), tx.now().into()],
    )?;
    if added == 0 {
        return Ok(false);
    }
    check_levels(tx, parent, child)?;
    event::member(
        tx,
        actor,
        "group.member.add",
        parent,
        ("group", child.id, child.name.as_str()),
    )?;
    tx.announce(Change::of(Topic::Groups, parent.id));
    Ok(true)
}

/// Undoes [`nest`].
fn unnest(tx: &mut Tx<'_>, actor: &Actor, parent: &Group, child: &Group) -> Result<bool> {
    let admins = guard::membership(tx, actor, parent)?;
    let sql = "DELETE FROM group_groups WHERE parent_id = $1 AND child_id = $2";
    if tx.execute(sql, &[parent.id.into(), child.id.into()])? == 0 {
        return Ok(false);
    }
    admins.keep_one(tx)?;
    event::member(
        tx,
        actor,
        "group.member.remove",
        parent,
        ("group", child.id, child.name.as_str()),
    )?;
    tx.announce(Change::of(Topic::Groups, parent.id));
    Ok(true)
}

fn check_acyclic(tx: &mut Tx<'_>, parent: &Group, child: &Group) -> Result<()> {
    // The parent must not be the child, nor lie below it.
    let reached = tx.one(
        "WITH RECURSIVE below (id) AS (SELECT id FROM user_groups WHERE id = $1 \
         UNION SELECT n.child_id FROM group_groups n JOIN below ON n.parent_id = below.id) \
         SELECT id FROM below WHERE id = $2",
        &[child.id.into(), parent.id.into()],
        |row| row.get::<Uuid>(0),
    )?;
    if reached.is_none() {
        return Ok(());
    }
    let detail = if parent.id == child.id {
        format!("{} cannot be a member of itself", parent.name)
    } else {
        format!(
            "{} cannot be a member of {}: {} is already below {}",
            child.name, parent.name, parent.name, child.name
        )
    };
    Err(Refusal::response(&GROUP_CYCLE, detail).into())
}

fn check_levels(tx: &mut Tx<'_>, parent: &Group, child: &Group) -> Result<()> {
    let above = levels(tx, parent.id, "n.parent_id", "n.child_id")?;
    let below = levels(tx, child.id, "n.child_id", "n.parent_id")?;
    if above + below <= MOST_LEVELS {
        return Ok(());
    }
    let detail = format!(
        "{} below {} would make {} levels, at most {MOST_LEVELS} are allowed",
        child.name,
        parent.name,
        above + below
    );
    Err(Refusal::response(&NESTING_TOO_DEEP, detail).into())
}

/// The longest way from a group outwards or inwards, the group included. The nesting has no cycle, and was at most
/// [`MOST_LEVELS`] deep before; the bound ends the walk whatever happened.
fn levels(tx: &mut Tx<'_>, group: Uuid, to: &str, from: &str) -> Result<i64, StoreError> {
    let sql = format!(
        "WITH RECURSIVE way (id, level) AS (SELECT id, 1 FROM user_groups WHERE id = $1 \
         UNION SELECT {to}, way.level + 1 FROM group_groups n JOIN way ON {from} = way.id WHERE way.level <= {MOST_LEVELS}) \
         SELECT MAX(level) FROM way"
    );
    Ok(tx
        .one(&sql, &[group.into()], |row| row.get::<Option<i64>>(0))?
        .flatten()
        .unwrap_or_default())
}
