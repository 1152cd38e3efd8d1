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
        self.administer(actor, now, move |tx, actor| {
            let (group, user) = (groups::existing(tx, group)?, users::existing(tx, user)?);
            add(tx, actor, &group, Member::User(&user))
        })
        .await
    }

    /// Takes a user out of a group; false when they were not in it directly. Rights as for adding.
    pub async fn remove_member(&self, actor: &Actor, group: Uuid, user: Uuid, now: Timestamp) -> Result<bool> {
        self.administer(actor, now, move |tx, actor| {
            let (group, user) = (groups::existing(tx, group)?, users::existing(tx, user)?);
            remove(tx, actor, &group, Member::User(&user))
        })
        .await
    }

    /// Makes the members of `child` members of `parent`; false when it was so already. A cycle is refused. Right:
    /// change-members of both, full when a role is gained through `parent`.
    pub async fn nest_group(&self, actor: &Actor, parent: Uuid, child: Uuid, now: Timestamp) -> Result<bool> {
        // In turn: two units that each see no cycle could make one together.
        self.restructure(actor, now, move |tx, actor| {
            let (parent, child) = (groups::existing(tx, parent)?, groups::existing(tx, child)?);
            add(tx, actor, &parent, Member::Group(&child))
        })
        .await
    }

    /// Undoes [`Directory::nest_group`]; false when it was not so. Right: change-members of `parent`, full when a role is
    /// gained through it.
    pub async fn unnest_group(&self, actor: &Actor, parent: Uuid, child: Uuid, now: Timestamp) -> Result<bool> {
        self.restructure(actor, now, move |tx, actor| {
            let (parent, child) = (groups::existing(tx, parent)?, groups::existing(tx, child)?);
            remove(tx, actor, &parent, Member::Group(&child))
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
        self.restructure(actor, now, move |tx, actor| {
            let group = groups::existing(tx, group)?;
            change.carry_out(tx, actor, &group)
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
        for (users, children, operate) in [
            (&self.add_users, &self.add_groups, add as Operation),
            (&self.remove_users, &self.remove_groups, remove),
        ] {
            for user in users {
                let user = users::existing(tx, *user)?;
                operate(tx, actor, group, Member::User(&user))?;
            }
            for child in children {
                let child = groups::existing(tx, *child)?;
                operate(tx, actor, group, Member::Group(&child))?;
            }
        }
        Ok(())
    }
}

/// [`add`] or [`remove`].
type Operation = fn(&mut Tx<'_>, &Actor, &Group, Member<'_>) -> Result<bool>;

/// Who may be in a group.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Member<'a> {
    User(&'a User),
    /// With everybody in it.
    Group(&'a Group),
}

impl<'a> Member<'a> {
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
        }
    }

    pub(crate) fn id(self) -> Uuid {
        match self {
            Self::User(user) => user.id,
            Self::Group(group) => group.id,
        }
    }

    pub(crate) fn name(self) -> &'a str {
        match self {
            Self::User(user) => user.name.as_str(),
            Self::Group(group) => group.name.as_str(),
        }
    }
}

/// Puts a member into a group, with every check; false when it was in it already. A group in a unit that has taken its turn.
pub(crate) fn add(tx: &mut Tx<'_>, actor: &Actor, group: &Group, member: Member<'_>) -> Result<bool> {
    let _adding_takes_no_administrator = guard::membership(tx, actor, group)?;
    let sql = match member {
        Member::User(_) => {
            "INSERT INTO group_users (group_id, user_id, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
        }
        Member::Group(child) => {
            // What lies below a managed group is managed: a manager may not pull other groups in.
            actor.require(Right::ChangeMembers(child.id))?;
            check_acyclic(tx, group, child)?;
            check_levels(tx, group, child)?;
            "INSERT INTO group_groups (parent_id, child_id, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
        }
    };
    if tx.execute(sql, &[group.id.into(), member.id().into(), tx.now().into()])? == 0 {
        return Ok(false);
    }
    tell(tx, actor, "group.member.add", group, member)
}

/// Takes a member out of a group, with every check; false when it was not in it directly.
pub(crate) fn remove(tx: &mut Tx<'_>, actor: &Actor, group: &Group, member: Member<'_>) -> Result<bool> {
    let admins = guard::membership(tx, actor, group)?;
    let sql = match member {
        Member::User(_) => "DELETE FROM group_users WHERE group_id = $1 AND user_id = $2",
        Member::Group(_) => "DELETE FROM group_groups WHERE parent_id = $1 AND child_id = $2",
    };
    if tx.execute(sql, &[group.id.into(), member.id().into()])? == 0 {
        return Ok(false);
    }
    admins.keep_one(tx)?;
    tell(tx, actor, "group.member.remove", group, member)
}

/// The event of a change, and to the caches whose groups it changed.
fn tell(tx: &mut Tx<'_>, actor: &Actor, action: &'static str, group: &Group, member: Member<'_>) -> Result<bool> {
    event::member(tx, actor, action, group, member)?;
    tx.announce(match member {
        Member::User(user) => Change::of(Topic::People, user.id),
        Member::Group(_) => Change::of(Topic::Groups, group.id),
    });
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
