//! Deleting users: closed at once, restorable for some days, then gone for good.

use doorward_mail::{Letter, Message, Outbox};
use doorward_oidc::Refusal;
use doorward_store::{Change, StoreError, Topic, Tx, settings};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    Actor, Directory, Right, User, Via,
    directory::Result,
    ending,
    error::{DELETION_NOT_OFFERED, NOT_BEING_DELETED, PROTECTED_BY_ROLE},
    event, former_names, guard,
    letters::addressee,
    links, roles, users,
};

/// Days until a deleted person is gone for good, unless set otherwise.
pub const DEFAULT_DELETION_GRACE_DAYS: u32 = 14;
/// The longest that may be set.
pub const MAX_DELETION_GRACE_DAYS: u32 = 365;

const GRACE: &str = "deletion_grace_days";
const OWN: &str = "own_deletion";

/// Days until a deleted person is gone for good; 0 for at once.
///
/// # Errors
/// What the store says.
pub fn deletion_grace_days(tx: &mut Tx<'_>) -> Result<u32, StoreError> {
    match settings::get(tx, GRACE)? {
        Some(text) => text
            .parse()
            .map_err(|_| StoreError::Damaged(format!("the setting {GRACE}: {text:?} is no number of days"))),
        None => Ok(DEFAULT_DELETION_GRACE_DAYS),
    }
}

/// Sets them. The caller has checked the right and the number, and records the event.
///
/// # Errors
/// What the store says.
pub fn set_deletion_grace_days(tx: &mut Tx<'_>, days: u32) -> Result<(), StoreError> {
    settings::set(tx, GRACE, &days.to_string())
}

/// Whether people may ask for the deletion of their own account; not unless set.
///
/// # Errors
/// What the store says.
pub fn may_delete_own(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    Ok(settings::get(tx, OWN)?.as_deref() == Some("on"))
}

/// Sets it. The caller has checked the right and records the event.
///
/// # Errors
/// What the store says.
pub fn set_may_delete_own(tx: &mut Tx<'_>, may: bool) -> Result<(), StoreError> {
    settings::set(tx, OWN, if may { "on" } else { "off" })
}

/// What came of deleting somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// Closed now, gone for good then.
    Planned(Timestamp),
    /// Gone for good.
    Done,
}

impl Directory {
    /// Deletes a user. A person is closed at once (sessions, grants and links end) and gone for good after the days of grace, until
    /// when [`Directory::restore_user`] brings them back; `at_once` waits for nothing, and neither does a service account. The id is
    /// never used again: a later user of the same name is somebody else. Rights as for editing. Deleting again changes no date.
    pub async fn delete_user(&self, actor: &Actor, id: Uuid, at_once: bool, now: Timestamp) -> Result<Deletion> {
        let outbox = self.outbox().clone();
        self.administer(actor, now, move |tx, actor| {
            by_administrator(tx, actor, &outbox, id, at_once)
        })
        .await
    }

    /// Brings a user back who is being deleted. What was ended stays ended; memberships, factors and passkeys are as before.
    /// Rights as for editing.
    pub async fn restore_user(&self, actor: &Actor, id: Uuid, now: Timestamp) -> Result<User> {
        self.administer(actor, now, move |tx, actor| {
            actor.require(Right::ChangePeople)?;
            let user = users::existing(tx, id)?;
            guard::may_change(tx, actor, &user)?;
            let restored = tx.execute(
                "UPDATE users SET deletion_at = NULL, updated_at = $2 WHERE id = $1 AND deletion_at IS NOT NULL",
                &[id.into(), tx.now().into()],
            )?;
            if restored == 0 {
                return Err(
                    Refusal::response(&NOT_BEING_DELETED, format!("{} is not being deleted", user.name)).into(),
                );
            }
            event::user(tx, actor, "user.restore", &user)?;
            tx.announce(Change::of(Topic::People, id));
            users::existing(tx, id)
        })
        .await
    }

    /// People delete their own account, in a session of theirs, where the server's settings allow it. Not those who administer: the
    /// last of them could be gone, and what they answer for is another's to take over first.
    pub async fn delete_own(&self, user: Uuid, session: Uuid, now: Timestamp) -> Result<Deletion> {
        let outbox = self.outbox().clone();
        self.write(now, move |tx| {
            let person = users::existing(tx, user)?;
            if !may_delete_own(tx)? || !person.is_person() || person.closed(tx.now()).is_some() {
                return Err(Refusal::page(
                    &DELETION_NOT_OFFERED,
                    format!("{} asked for the deletion of the own account", person.name),
                )
                .with_remedy("An administrator deletes it, or allows it: `doorward setting edit --own-deletion on`.")
                .into());
            }
            // Among all that change roles: nobody becomes an administrator meanwhile.
            guard::take_turn(tx)?;
            if !roles::of_user(tx, user)?.is_empty() {
                return Err(
                    Refusal::page(&PROTECTED_BY_ROLE, format!("{} holds a role", person.name))
                        .with_remedy("Another full administrator withdraws it first: `doorward admin revoke`.")
                        .into(),
                );
            }
            let actor = Actor {
                id: Some(user),
                name: person.name.to_string(),
                roles: Vec::new(),
                managed_groups: Vec::new(),
                via: Via::Session(session),
            };
            delete(tx, &actor, &outbox, &person, false)
        })
        .await
    }

    /// Removes for good whose days of grace are over, at most `most` of them; how many.
    pub(crate) async fn remove_deleted(&self, most: i64, now: Timestamp) -> Result<usize> {
        let due: Vec<Uuid> = self
            .read(move |tx| {
                let sql = "SELECT id FROM users WHERE deletion_at <= $1 ORDER BY deletion_at LIMIT $2";
                tx.all(sql, &[now.into(), most.into()], |row| row.get(0))
            })
            .await?;
        for id in &due {
            let (id, outbox) = (*id, self.outbox().clone());
            self.write(now, move |tx| {
                // Restored since it was looked at, or removed by another node. Asked with an update, which waits for whoever is
                // restoring them just now.
                let sql = "UPDATE users SET deletion_at = deletion_at WHERE id = $1 AND deletion_at <= $2";
                if tx.execute(sql, &[id.into(), tx.now().into()])? == 0 {
                    return Ok(());
                }
                let user = users::existing(tx, id)?;
                remove(tx, &Actor::server(), &outbox, &user)
            })
            .await?;
        }
        Ok(due.len())
    }
}

/// Deletes a user; see [`Directory::delete_user`].
pub(crate) fn by_administrator(
    tx: &mut Tx<'_>,
    actor: &Actor,
    outbox: &Outbox,
    id: Uuid,
    at_once: bool,
) -> Result<Deletion> {
    // Without the right, whether the user exists is not said either.
    actor.require(Right::ChangePeople)?;
    let user = users::existing(tx, id)?;
    let admins = guard::user(tx, actor, &user)?;
    let done = delete(tx, actor, outbox, &user, at_once)?;
    admins.keep_one(tx)?;
    Ok(done)
}

fn delete(tx: &mut Tx<'_>, actor: &Actor, outbox: &Outbox, user: &User, at_once: bool) -> Result<Deletion> {
    let days = deletion_grace_days(tx)?;
    if at_once || days == 0 || !user.is_person() {
        remove(tx, actor, outbox, user)?;
        return Ok(Deletion::Done);
    }
    if let Some(at) = user.deletion {
        return Ok(Deletion::Planned(at));
    }
    let grace = SignedDuration::from_hours(i64::from(days) * 24);
    let at = tx.now().checked_add(grace).unwrap_or(Timestamp::MAX);
    tx.execute(
        "UPDATE users SET deletion_at = $2, updated_at = $3 WHERE id = $1",
        &[user.id.into(), at.into(), tx.now().into()],
    )?;
    ending::end_access(tx, user.id, None)?;
    links::end_all(tx, user.id)?;
    event::user_with(tx, actor, "user.delete", user, serde_json::json!({ "gone": at }))?;
    if let Some(to) = addressee(user) {
        let message = Message::DeletionPlanned { at };
        outbox.put(tx, &Letter { to, message })?;
    }
    tx.announce(Change::of(Topic::People, user.id));
    Ok(Deletion::Planned(at))
}

fn remove(tx: &mut Tx<'_>, actor: &Actor, outbox: &Outbox, user: &User) -> Result<()> {
    ending::forget(tx, user.id)?;
    tx.execute("DELETE FROM users WHERE id = $1", &[user.id.into()])?;
    former_names::note(tx, &user.name)?;
    event::user(tx, actor, "user.remove", user)?;
    if let Some(to) = addressee(user) {
        let message = Message::AccountDeleted;
        outbox.put(tx, &Letter { to, message })?;
    }
    tx.announce(Change::of(Topic::People, user.id));
    Ok(())
}
