//! Adding, changing, removing and finding groups.

use doorward_oidc::Refusal;
use doorward_store::{Change, Row, StoreError, Topic, Tx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Actor, Directory, DirectoryError, Group, GroupEdit, GroupMembers, GroupName, MembershipChange, NewGroup, Right,
    directory::Result,
    error::{INVALID_GROUP, NAME_TAKEN, NO_SUCH_GROUP, shortened},
    event, guard, ids,
};

const MAX_DESCRIPTION_CHARS: usize = 1_000;

/// What [`from_row`] reads.
macro_rules! group_columns {
    () => {
        "id, name, description, created_at, updated_at"
    };
}
pub(crate) use group_columns;

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", group_columns!(), " FROM user_groups ", $rest)
    };
}

impl Directory {
    /// Adds a group. Right: change-people.
    pub async fn add_group(&self, actor: &Actor, new: NewGroup, now: Timestamp) -> Result<Group> {
        self.add_group_with(actor, new, MembershipChange::default(), now).await
    }

    /// The same with its first members: all of it or nothing. Rights also as for adding each of them.
    pub async fn add_group_with(
        &self,
        actor: &Actor,
        new: NewGroup,
        members: MembershipChange,
        now: Timestamp,
    ) -> Result<Group> {
        let group = fresh(&new, self.new_id(now), now)?;
        self.restructure(actor, now, move |tx, actor| add(tx, actor, &group, &members))
            .await
    }

    /// Changes a group. Right: change-people, or full when a role is gained through it.
    pub async fn edit_group(&self, actor: &Actor, id: Uuid, edit: GroupEdit, now: Timestamp) -> Result<Group> {
        self.administer(actor, now, move |tx, actor| change(tx, actor, id, &edit))
            .await
    }

    /// Removes a group; its members lose what they had through it. Rights as for editing.
    pub async fn remove_group(&self, actor: &Actor, id: Uuid, now: Timestamp) -> Result<()> {
        self.administer(actor, now, move |tx, actor| remove(tx, actor, id))
            .await
    }

    /// A group by id.
    pub async fn group(&self, id: Uuid) -> Result<Option<Group>> {
        self.read(move |tx| by_id(tx, id)).await
    }

    /// A group by name (any case) or by id as text.
    pub async fn find_group(&self, name: &str) -> Result<Option<Group>> {
        let name = name.to_owned();
        self.read(move |tx| {
            if let Some(group) = by_name(tx, &name)? {
                return Ok(Some(group));
            }
            match Uuid::parse_str(&name) {
                Ok(id) => by_id(tx, id),
                Err(_) => Ok(None),
            }
        })
        .await
    }

    /// What a group is connected to. Its users come from [`Directory::list_users`] with `group`.
    pub async fn group_members(&self, id: Uuid) -> Result<GroupMembers> {
        self.scan(move |tx| {
            existing(tx, id)?;
            let related = |tx: &mut Tx<'_>, sql| tx.all(sql, &[id.into()], from_row);
            let groups = related(
                tx,
                select!("WHERE id IN (SELECT child_id FROM group_groups WHERE parent_id = $1) ORDER BY name_key"),
            )?;
            let parents = related(
                tx,
                select!("WHERE id IN (SELECT parent_id FROM group_groups WHERE child_id = $1) ORDER BY name_key"),
            )?;
            let count = "SELECT COUNT(*) FROM group_users WHERE group_id = $1";
            let direct_users = tx.one(count, &[id.into()], |row| row.get(0))?.unwrap_or_default();
            Ok(GroupMembers {
                groups,
                parents,
                direct_users,
            })
        })
        .await
    }

    /// Groups a user is a direct member of, by name. All of them, nesting included, are in [`crate::Facts::groups`].
    pub async fn direct_groups(&self, user: Uuid) -> Result<Vec<Group>> {
        self.read(move |tx| {
            tx.all(
                select!("WHERE id IN (SELECT group_id FROM group_users WHERE user_id = $1) ORDER BY name_key"),
                &[user.into()],
                from_row,
            )
        })
        .await
    }
}

/// The group that a [`NewGroup`] describes.
pub(crate) fn fresh(new: &NewGroup, id: Uuid, now: Timestamp) -> Result<Group, Refusal> {
    Ok(Group {
        id,
        name: GroupName::parse(&new.name)?,
        description: description(&new.description)?,
        created: now,
        updated: now,
    })
}

/// Stores a new group. Right: change-people.
pub(crate) fn insert(tx: &mut Tx<'_>, actor: &Actor, group: &Group) -> Result<()> {
    actor.require(Right::ChangePeople)?;
    ids::check_free(tx, group.id)?;
    check_free(tx, group)?;
    tx.execute(
        "INSERT INTO user_groups (id, name, name_key, description, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $5)",
        &[
            group.id.into(),
            group.name.as_str().into(),
            (&group.name.key()).into(),
            (&group.description).into(),
            group.created.into(),
        ],
    )
    .map_err(taken_meanwhile)?;
    event::group(tx, actor, "group.add", group)?;
    tx.announce(Change::of(Topic::Groups, group.id));
    Ok(())
}

/// Stores a group with its first members, in a unit that has taken its turn.
pub(crate) fn add(tx: &mut Tx<'_>, actor: &Actor, group: &Group, members: &MembershipChange) -> Result<Group> {
    insert(tx, actor, group)?;
    members.carry_out(tx, actor, group)?;
    existing(tx, group.id)
}

/// Changes a group; see [`Directory::edit_group`].
pub(crate) fn change(tx: &mut Tx<'_>, actor: &Actor, id: Uuid, edit: &GroupEdit) -> Result<Group> {
    let before = existing(tx, id)?;
    let _renaming_takes_no_administrator = guard::group(tx, actor, &before)?;
    let mut after = before.clone();
    if let Some(name) = &edit.name {
        after.name = GroupName::parse(name)?;
    }
    if let Some(text) = &edit.description {
        after.description = description(text)?;
    }
    check_free(tx, &after)?;
    tx.execute(
        "UPDATE user_groups SET name = $2, name_key = $3, description = $4, updated_at = $5 WHERE id = $1",
        &[
            id.into(),
            after.name.as_str().into(),
            (&after.name.key()).into(),
            (&after.description).into(),
            tx.now().into(),
        ],
    )
    .map_err(taken_meanwhile)?;
    event::group_changed(tx, actor, &before, &after)?;
    tx.announce(Change::of(Topic::Groups, id));
    existing(tx, id)
}

/// Removes a group; see [`Directory::remove_group`].
pub(crate) fn remove(tx: &mut Tx<'_>, actor: &Actor, id: Uuid) -> Result<()> {
    let group = existing(tx, id)?;
    let admins = guard::group_removal(tx, actor, &group)?;
    tx.execute("DELETE FROM user_groups WHERE id = $1", &[id.into()])?;
    admins.keep_one(tx)?;
    event::group(tx, actor, "group.remove", &group)?;
    tx.announce(Change::of(Topic::Groups, id));
    Ok(())
}

/// Every group, by name.
pub(crate) fn all(tx: &mut Tx<'_>) -> Result<Vec<Group>, StoreError> {
    tx.all(select!("ORDER BY name_key"), &[], from_row)
}

pub(crate) fn from_row(row: &Row<'_>) -> Result<Group, StoreError> {
    Ok(Group {
        id: row.get(0)?,
        name: GroupName::stored(row.get(1)?),
        description: row.get(2)?,
        created: row.get(3)?,
        updated: row.get(4)?,
    })
}

pub(crate) fn by_id(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Group>, StoreError> {
    tx.one(select!("WHERE id = $1"), &[id.into()], from_row)
}

pub(crate) fn by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Group>, StoreError> {
    let key = name.to_ascii_lowercase();
    tx.one(select!("WHERE name_key = $1"), &[key.as_bytes().into()], from_row)
}

/// The group, or the refusal that there is none.
pub(crate) fn existing(tx: &mut Tx<'_>, id: Uuid) -> Result<Group> {
    by_id(tx, id)?.ok_or_else(|| Refusal::response(&NO_SUCH_GROUP, format!("no group has the id {id}")).into())
}

/// The group of that name, or the refusal that there is none.
pub(crate) fn named(tx: &mut Tx<'_>, name: &GroupName) -> Result<Group> {
    by_name(tx, name.as_str())?.ok_or_else(|| {
        Refusal::response(
            &NO_SUCH_GROUP,
            format!("there is no group {}", shortened(name.as_str())),
        )
        .with_remedy(format!("Add it first: `doorward group add {name}`."))
        .into()
    })
}

/// A group of a user.
pub(crate) struct Of {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    /// The user is in it, not only in one below it.
    pub(crate) is_direct: bool,
}

/// All groups of a user, through nesting too, by name. `UNION` keeps each group once, so the walk ends whatever the nesting
/// looks like.
pub(crate) fn of_user(tx: &mut Tx<'_>, user: Uuid) -> Result<Vec<Of>, StoreError> {
    tx.all(
        "WITH RECURSIVE mine (id) AS (SELECT group_id FROM group_users WHERE user_id = $1 \
         UNION SELECT n.parent_id FROM group_groups n JOIN mine ON n.child_id = mine.id) \
         SELECT g.id, g.name, CASE WHEN d.user_id IS NULL THEN 0 ELSE 1 END FROM mine JOIN user_groups g ON g.id = mine.id \
         LEFT JOIN group_users d ON d.group_id = mine.id AND d.user_id = $1 ORDER BY g.name_key",
        &[user.into()],
        |row| {
            Ok(Of {
                id: row.get(0)?,
                name: row.get(1)?,
                is_direct: row.get(2)?,
            })
        },
    )
}

fn check_free(tx: &mut Tx<'_>, group: &Group) -> Result<()> {
    match by_name(tx, group.name.as_str())?.filter(|other| other.id != group.id) {
        None => Ok(()),
        Some(other) => Err(
            Refusal::response(&NAME_TAKEN, format!("the group name {} is in use", other.name))
                .with_remedy(format!(
                    "Choose another name, or look at `doorward group show {}`.",
                    other.name
                ))
                .into(),
        ),
    }
}

fn taken_meanwhile(error: StoreError) -> DirectoryError {
    if error.is_duplicate() {
        Refusal::response(&NAME_TAKEN, "the name of the group has just been taken").into()
    } else {
        error.into()
    }
}

fn description(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.chars().count() > MAX_DESCRIPTION_CHARS {
        return Err(Refusal::response(
            &INVALID_GROUP,
            format!("the description has more than {MAX_DESCRIPTION_CHARS} characters"),
        ));
    }
    Ok(text.to_owned())
}
