//! Who may touch whom. The roles of administrators would be worth little if a lesser administrator could set the
//! password of a greater one, or join the group that makes one: so users and groups with a role, and every group through
//! whose membership a role is gained, are for full administrators only.

use doorward_oidc::Refusal;
use doorward_store::{StoreError, Tx};

use crate::{
    Actor, Group, Right, User,
    directory::Result,
    error::{LAST_ADMINISTRATOR, PROTECTED_BY_ROLE},
    roles, users,
};

/// The actor with the roles that count in this unit of work: those they came with and still hold.
pub(crate) fn current(tx: &mut Tx<'_>, actor: &Actor) -> Result<Actor, StoreError> {
    let Some(id) = actor.id else { return Ok(actor.clone()) };
    let mut now = actor.clone();
    let enabled = users::by_id(tx, id)?.is_some_and(|user| user.closed(tx.now()).is_none());
    let held = if enabled { roles::of_user(tx, id)? } else { Vec::new() };
    now.roles.retain(|role| held.contains(role));
    now.managed_groups = roles::managed_groups(tx, &now.roles)?;
    Ok(now)
}

/// Whether somebody with full rights is left after a change that may have taken them away.
#[must_use]
pub(crate) struct Administrators {
    had: bool,
}

impl Administrators {
    fn untouched() -> Self {
        Self { had: false }
    }

    /// Two units that each leave one administrator could together leave none, so they take turns.
    pub(crate) fn look(tx: &mut Tx<'_>) -> Result<Self, StoreError> {
        take_turn(tx)?;
        Ok(Self {
            had: roles::somebody_is_full(tx)?,
        })
    }

    /// Refuses the change when it took the last one.
    pub(crate) fn keep_one(self, tx: &mut Tx<'_>) -> Result<()> {
        if self.had && !roles::somebody_is_full(tx)? {
            return Err(Refusal::response(
                &LAST_ADMINISTRATOR,
                "nobody would have the role `full` whose account is open and has no date at which it ends",
            )
            .with_remedy("Grant it to somebody else first: `doorward admin grant full <user>`.")
            .into());
        }
        Ok(())
    }
}

/// May the actor change this user? Whether the user holds a role.
pub(crate) fn may_change(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<bool> {
    actor.require(Right::ChangePeople)?;
    if roles::of_user(tx, user.id)?.is_empty() {
        return Ok(false);
    }
    need_full(actor, || format!("the user {} holds a role", user.name))?;
    Ok(true)
}

/// May the actor change this user in a way that may take an administrator away?
pub(crate) fn user(tx: &mut Tx<'_>, actor: &Actor, user: &User) -> Result<Administrators> {
    Ok(if may_change(tx, actor, user)? {
        Administrators::look(tx)?
    } else {
        Administrators::untouched()
    })
}

/// May the actor change this group itself?
pub(crate) fn group(tx: &mut Tx<'_>, actor: &Actor, group: &Group) -> Result<Administrators> {
    gained_in(tx, actor, group, Right::ChangePeople)
}

/// May the actor remove this group? That also ends the role of managing it.
pub(crate) fn group_removal(tx: &mut Tx<'_>, actor: &Actor, removed: &Group) -> Result<Administrators> {
    actor.require(Right::ChangePeople)?;
    if roles::have_managers(tx, removed.id)? {
        need_full(actor, || {
            format!("somebody holds the role of managing the group {}", removed.name)
        })?;
    }
    group(tx, actor, removed)
}

/// May the actor change who is in this group?
pub(crate) fn membership(tx: &mut Tx<'_>, actor: &Actor, group: &Group) -> Result<Administrators> {
    gained_in(tx, actor, group, Right::ChangeMembers(group.id))
}

fn gained_in(tx: &mut Tx<'_>, actor: &Actor, group: &Group, right: Right) -> Result<Administrators> {
    actor.require(right)?;
    if roles::are_gained_in(tx, group.id)? {
        need_full(actor, || format!("members of the group {} gain a role", group.name))?;
        return Ok(Administrators::look(tx)?);
    }
    Ok(Administrators::untouched())
}

fn need_full(actor: &Actor, what: impl FnOnce() -> String) -> Result<(), Refusal> {
    if actor.has(Right::Full) {
        return Ok(());
    }
    Err(Refusal::response(
        &PROTECTED_BY_ROLE,
        format!("{}; {} lacks the right `full`", what(), actor.name),
    )
    .with_remedy("Ask a full administrator."))
}

/// Makes this unit wait for others that change the structure of groups and roles, and them for it.
pub(crate) fn take_turn(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE directory_turns SET taken = taken + 1 WHERE name = 'structure'",
        &[],
    )?;
    Ok(())
}
