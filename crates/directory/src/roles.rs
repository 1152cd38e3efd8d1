//! Granting and withdrawing roles, and what follows from them.

use doorward_oidc::Refusal;
use doorward_store::{Change, Row, StoreError, Topic, Tx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Actor, Directory, Right, Role, RoleGrant, RoleHolder, directory::Result, error::NO_SUCH_ROLE_GRANT, event, groups,
    guard, users,
};

/// A grant with the names that belong to it.
const GRANTS: &str = "SELECT r.id, r.role, r.managed_group, r.user_id, r.group_id, r.granted_at, u.name, g.name, m.name \
     FROM role_grants r LEFT JOIN users u ON u.id = r.user_id LEFT JOIN user_groups g ON g.id = r.group_id \
     LEFT JOIN user_groups m ON m.id = r.managed_group";

impl Directory {
    /// Grants a role; granting it again changes nothing. Right: full.
    pub async fn grant_role(&self, actor: &Actor, role: Role, holder: RoleHolder, now: Timestamp) -> Result<RoleGrant> {
        let id = self.new_id(now);
        self.restructure(actor, now, move |tx, actor| {
            grant(tx, actor, id, role, holder)?;
            granted(tx, role, holder)
        })
        .await
    }

    /// Withdraws a role. Right: full; the last full administrator stays.
    pub async fn withdraw_role(&self, actor: &Actor, role: Role, holder: RoleHolder, now: Timestamp) -> Result<()> {
        self.restructure(actor, now, move |tx, actor| withdraw(tx, actor, role, holder))
            .await
    }

    /// All granted roles, oldest first.
    pub async fn roles(&self) -> Result<Vec<RoleGrant>> {
        self.scan(|tx| Ok(all(tx)?)).await
    }
}

impl RoleHolder {
    /// The id of the user or group.
    pub fn id(self) -> Uuid {
        match self {
            Self::User(id) | Self::Group(id) => id,
        }
    }
}

/// Grants a role; false when it was held already. Right: full.
pub(crate) fn grant(tx: &mut Tx<'_>, actor: &Actor, id: Uuid, role: Role, holder: RoleHolder) -> Result<bool> {
    actor.require(Right::Full)?;
    guard::take_turn(tx)?;
    let holder_name = name_of(tx, holder)?;
    if let Some(group) = role.group() {
        groups::existing(tx, group)?;
    }
    if !insert(tx, id, role, holder)? {
        return Ok(false);
    }
    event::role(tx, actor, "role.grant", role, holder, &holder_name)?;
    announce(tx, holder);
    Ok(true)
}

fn granted(tx: &mut Tx<'_>, role: Role, holder: RoleHolder) -> Result<RoleGrant> {
    let grant = tx.one(
        &format!("{GRANTS} WHERE r.holder = $1 AND r.role = $2 AND r.scope = $3"),
        &[holder.id().into(), role.as_str().into(), scope(role).as_slice().into()],
        from_row,
    )?;
    match grant {
        Some(grant) => Ok(grant),
        None => Err(not_granted(role, &name_of(tx, holder)?).into()),
    }
}

/// Withdraws a role; see [`Directory::withdraw_role`].
pub(crate) fn withdraw(tx: &mut Tx<'_>, actor: &Actor, role: Role, holder: RoleHolder) -> Result<()> {
    actor.require(Right::Full)?;
    let admins = guard::Administrators::look(tx)?;
    let holder_name = name_of(tx, holder)?;
    if !delete(tx, role, holder)? {
        return Err(not_granted(role, &holder_name).into());
    }
    admins.keep_one(tx)?;
    event::role(tx, actor, "role.withdraw", role, holder, &holder_name)?;
    announce(tx, holder);
    Ok(())
}

/// All granted roles, oldest first.
pub(crate) fn all(tx: &mut Tx<'_>) -> Result<Vec<RoleGrant>, StoreError> {
    tx.all(&format!("{GRANTS} ORDER BY r.id"), &[], from_row)
}

/// Stores a grant; false when it was there.
pub(crate) fn insert(tx: &mut Tx<'_>, id: Uuid, role: Role, holder: RoleHolder) -> Result<bool, StoreError> {
    let (user, group) = match holder {
        RoleHolder::User(user) => (Some(user), None),
        RoleHolder::Group(group) => (None, Some(group)),
    };
    let inserted = tx.execute(
        "INSERT INTO role_grants (id, role, holder, scope, user_id, group_id, managed_group, granted_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        &[
            id.into(),
            role.as_str().into(),
            holder.id().into(),
            scope(role).as_slice().into(),
            user.into(),
            group.into(),
            role.group().into(),
            tx.now().into(),
        ],
    )?;
    Ok(inserted > 0)
}

/// Removes a grant; false when there was none.
pub(crate) fn delete(tx: &mut Tx<'_>, role: Role, holder: RoleHolder) -> Result<bool, StoreError> {
    let removed = tx.execute(
        "DELETE FROM role_grants WHERE holder = $1 AND role = $2 AND scope = $3",
        &[holder.id().into(), role.as_str().into(), scope(role).as_slice().into()],
    )?;
    Ok(removed > 0)
}

/// Roles granted to a user themselves.
pub(crate) fn own(tx: &mut Tx<'_>, user: Uuid) -> Result<Vec<Role>, StoreError> {
    let sql = "SELECT role, managed_group FROM role_grants WHERE user_id = $1";
    let mut roles = tx.all(sql, &[user.into()], |row| self::role(row, 0, 1))?;
    roles.sort_unstable();
    Ok(roles)
}

/// Roles of a user: their own and those of all their groups, sorted, each once.
pub(crate) fn of_user(tx: &mut Tx<'_>, user: Uuid) -> Result<Vec<Role>, StoreError> {
    let mut roles = tx.all(
        "WITH RECURSIVE mine (id) AS (SELECT group_id FROM group_users WHERE user_id = $1 \
         UNION SELECT n.parent_id FROM group_groups n JOIN mine ON n.child_id = mine.id) \
         SELECT role, managed_group FROM role_grants WHERE holder = $1 AND user_id = $1 \
         UNION SELECT r.role, r.managed_group FROM mine JOIN role_grants r ON r.holder = mine.id AND r.group_id = mine.id",
        &[user.into()],
        |row| role(row, 0, 1),
    )?;
    roles.sort_unstable();
    Ok(roles)
}

/// Groups that these roles manage, nested ones included, sorted, each once.
pub(crate) fn managed_groups(tx: &mut Tx<'_>, roles: &[Role]) -> Result<Vec<Uuid>, StoreError> {
    let mut managed = Vec::new();
    for group in roles.iter().filter_map(|role| role.group()) {
        managed.extend(tx.all(
            "WITH RECURSIVE below (id) AS (SELECT id FROM user_groups WHERE id = $1 \
             UNION SELECT n.child_id FROM group_groups n JOIN below ON n.parent_id = below.id) SELECT id FROM below",
            &[group.into()],
            |row| row.get::<Uuid>(0),
        )?);
    }
    managed.sort_unstable();
    managed.dedup();
    Ok(managed)
}

/// Whether members of this group gain a role: through itself or a group above it.
pub(crate) fn are_gained_in(tx: &mut Tx<'_>, group: Uuid) -> Result<bool, StoreError> {
    let found = tx.one(
        "WITH RECURSIVE above (id) AS (SELECT id FROM user_groups WHERE id = $1 \
         UNION SELECT n.parent_id FROM group_groups n JOIN above ON n.child_id = above.id) \
         SELECT COUNT(*) FROM above JOIN role_grants r ON r.holder = above.id AND r.group_id = above.id",
        &[group.into()],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.unwrap_or_default() > 0)
}

/// Whether somebody has the role of managing this group.
pub(crate) fn have_managers(tx: &mut Tx<'_>, group: Uuid) -> Result<bool, StoreError> {
    let sql = "SELECT COUNT(*) FROM role_grants WHERE managed_group = $1";
    Ok(tx
        .one(sql, &[group.into()], |row| row.get::<i64>(0))?
        .unwrap_or_default()
        > 0)
}

/// Whether a person has full rights whose account is open and without an end.
pub(crate) fn somebody_is_full(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    full_persons(tx, "")
}

/// The same, and can log in.
pub(crate) fn somebody_is_full_and_enrolled(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    full_persons(tx, " AND EXISTS (SELECT 1 FROM passwords p WHERE p.user_id = u.id)")
}

fn full_persons(tx: &mut Tx<'_>, and: &str) -> Result<bool, StoreError> {
    // Who is gone at a date is not who keeps the server in somebody's hands.
    let stays = "u.disabled = 0 AND u.deletion_at IS NULL AND u.expires_at IS NULL AND u.kind = 'person'";
    let sql = format!(
        "WITH RECURSIVE below (id) AS (SELECT group_id FROM role_grants WHERE role = 'full' AND group_id IS NOT NULL \
         UNION SELECT n.child_id FROM group_groups n JOIN below ON n.parent_id = below.id) \
         SELECT u.id FROM role_grants r JOIN users u ON u.id = r.user_id \
         WHERE r.role = 'full' AND {stays}{and} \
         UNION SELECT u.id FROM below JOIN group_users m ON m.group_id = below.id JOIN users u ON u.id = m.user_id \
         WHERE {stays}{and} LIMIT 1"
    );
    Ok(tx.one(&sql, &[], |_| Ok(()))?.is_some())
}

/// Who is told of a change of a holder's roles.
pub(crate) fn announce(tx: &mut Tx<'_>, holder: RoleHolder) {
    tx.announce(match holder {
        RoleHolder::User(user) => Change::of(Topic::People, user),
        RoleHolder::Group(group) => Change::of(Topic::Groups, group),
    });
}

fn name_of(tx: &mut Tx<'_>, holder: RoleHolder) -> Result<String> {
    Ok(match holder {
        RoleHolder::User(user) => users::existing(tx, user)?.name.into(),
        RoleHolder::Group(group) => groups::existing(tx, group)?.name.into(),
    })
}

/// The managed group, or nothing: part of the unique key, where NULL would not compare.
fn scope(role: Role) -> Vec<u8> {
    role.group().map(|group| group.as_bytes().to_vec()).unwrap_or_default()
}

fn not_granted(role: Role, holder: &str) -> Refusal {
    Refusal::response(
        &NO_SUCH_ROLE_GRANT,
        format!("{holder} does not hold the role `{role}` directly"),
    )
    .with_remedy("`doorward admin list` shows who holds what, and through which group.")
}

fn role(row: &Row<'_>, word: usize, group: usize) -> Result<Role, StoreError> {
    let (word, group): (String, Option<Uuid>) = (row.get(word)?, row.get(group)?);
    Role::from_parts(&word, group).ok_or_else(|| StoreError::Damaged(format!("a role {word:?}")))
}

fn from_row(row: &Row<'_>) -> Result<RoleGrant, StoreError> {
    let holder = match (row.get::<Option<Uuid>>(3)?, row.get::<Option<Uuid>>(4)?) {
        (Some(user), None) => RoleHolder::User(user),
        (None, Some(group)) => RoleHolder::Group(group),
        _ => return Err(StoreError::Damaged("a role without one holder".to_owned())),
    };
    let names: (Option<String>, Option<String>) = (row.get(6)?, row.get(7)?);
    Ok(RoleGrant {
        id: row.get(0)?,
        role: role(row, 1, 2)?,
        holder,
        holder_name: names.0.or(names.1).unwrap_or_default(),
        group_name: row.get(8)?,
        created: row.get(5)?,
    })
}
