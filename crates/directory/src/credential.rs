//! Rows of passwords, and what replacing one brings with it.

use doorward_jose::Secret;
use doorward_mail::{Notice, Outbox};
use doorward_oidc::Refusal;
use doorward_store::{Change, StoreError, Topic, Tx};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Actor, Directory, DirectoryError, LoginRefusal, Proof, User, browser, directory::Result, ending,
    error::NOT_A_PERSON, event, guard, letters::tell, links, password::NewPassword, users,
};

impl Directory {
    /// Sets a password on somebody's behalf: ends their sessions, revokes their grants and links. Rights as for editing.
    pub async fn set_password(&self, actor: &Actor, user: Uuid, new: Secret<String>, now: Timestamp) -> Result<()> {
        // The rights are checked before anything is computed, and again in the unit that writes.
        let asking = actor.clone();
        let person = self
            .scan(move |tx| {
                let actor = guard::current(tx, &asking)?;
                let person = users::existing(tx, user)?;
                guard::may_change(tx, &actor, &person)?;
                Ok(person)
            })
            .await?;
        need_person(&person)?;
        let outbox = self.outbox().clone();
        let phc = self.hash(self.accepted(&new, &person).await?).await?;
        self.administer(actor, now, move |tx, actor| {
            let person = users::existing(tx, user)?;
            guard::may_change(tx, actor, &person)?;
            replace(tx, user, &phc)?;
            tell(tx, &outbox, &person, Notice::PasswordChanged)?;
            event::user(tx, actor, "user.password.set", &person)
        })
        .await
    }

    /// The new password of this user, refused when it may not be one.
    pub(crate) async fn accepted(&self, typed: &Secret<String>, user: &User) -> Result<NewPassword> {
        let rules = self.password_rules(user.id).await?;
        Ok(NewPassword::accept(
            typed,
            user,
            &self.settings().common_passwords,
            rules,
        )?)
    }

    /// The PHC string of a new password, from the queue.
    pub(crate) async fn hash(&self, new: NewPassword) -> Result<String> {
        self.hasher().hash(new.into_inner(), self.salt()).await
    }

    pub(crate) fn salt(&self) -> [u8; 16] {
        let mut salt = [0; 16];
        self.random().fill(&mut salt);
        salt
    }

    pub(crate) async fn write_login<T: Send + 'static>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, LoginRefusal> + Send + 'static,
    ) -> Result<T, LoginRefusal> {
        self.store().write(now, work).await
    }
}

pub(crate) fn need_person(user: &User) -> Result<(), DirectoryError> {
    if user.is_person() {
        return Ok(());
    }
    Err(
        Refusal::response(&NOT_A_PERSON, format!("{} is a service account", user.name))
            .with_remedy(format!(
                "Give it an API token: `doorward service token add {}`.",
                user.name
            ))
            .into(),
    )
}

/// The hash of a user's password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredHash {
    pub(crate) phc: String,
    /// Whether it was made from the one form of the password; one that came from elsewhere was made from what was typed.
    pub(crate) prepared: bool,
}

pub(crate) fn hash(tx: &mut Tx<'_>, user: Uuid) -> Result<Option<StoredHash>, StoreError> {
    let sql = "SELECT phc, prepared FROM passwords WHERE user_id = $1";
    tx.one(sql, &[user.into()], |row| {
        Ok(StoredHash {
            phc: row.get(0)?,
            prepared: row.get(1)?,
        })
    })
}

/// Whether anybody whose password is computed still has a hash of another provider.
pub(crate) fn has_foreign(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM passwords JOIN users ON users.id = passwords.user_id \
               WHERE passwords.prepared = 0 AND users.disabled = 0 LIMIT 1";
    Ok(tx.one(sql, &[], |_| Ok(()))?.is_some())
}

/// The proof that somebody has who has just shown or set this user's password.
pub(crate) fn proof(tx: &mut Tx<'_>, user: Uuid) -> Result<Option<Proof>, StoreError> {
    tx.one(
        "SELECT set_at FROM passwords WHERE user_id = $1",
        &[user.into()],
        |row| Ok(Proof::with_password(user, row.get(0)?)),
    )
}

/// Whether the account is open; changes of the user wait for this unit, and it for them. PostgreSQL lets units run side by
/// side, and one that writes a session must not slip past one that ends them all.
pub(crate) fn lock_enabled(tx: &mut Tx<'_>, user: Uuid) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET last_login_at = last_login_at WHERE id = $1 AND disabled = 0 AND deletion_at IS NULL \
         AND (expires_at IS NULL OR expires_at > $2)";
    Ok(tx.execute(sql, &[user.into(), tx.now().into()])? > 0)
}

/// The user's row is this unit's until it ends, whatever it says: asked before it is read by a unit that writes back what it has
/// read, since another unit could otherwise change it in between and be undone.
pub(crate) fn lock(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    let sql = "UPDATE users SET last_login_at = last_login_at WHERE id = $1";
    tx.execute(sql, &[user.into()])?;
    Ok(())
}

/// A password that replaces another, or is the first: whatever the old one had opened ends.
pub(crate) fn replace(tx: &mut Tx<'_>, user: Uuid, phc: &str) -> Result<(), StoreError> {
    lock_enabled(tx, user)?;
    store(tx, user, phc)?;
    ending::end_access(tx, user, None)?;
    links::end_all(tx, user)?;
    browser::forget_all(tx, user)?;
    tx.announce(Change::of(Topic::People, user));
    Ok(())
}

/// A password that its owner changed: the session in which they did it stays, with the grants that end
/// with it. Others may have known the old one.
pub(crate) fn change_own(
    tx: &mut Tx<'_>,
    outbox: &Outbox,
    user: Uuid,
    phc: &str,
    keep_session: Option<Uuid>,
) -> Result<()> {
    lock_enabled(tx, user)?;
    store(tx, user, phc)?;
    ending::end_access(tx, user, keep_session)?;
    links::end_all(tx, user)?;
    let person = users::existing(tx, user)?;
    event::own(tx, "user.password.change", &person, "session")?;
    tell(tx, outbox, &person, Notice::PasswordChanged)?;
    tx.announce(Change::of(Topic::People, user));
    Ok(())
}

/// The same password with better parameters, or in its one form.
pub(crate) fn replace_hash(tx: &mut Tx<'_>, user: Uuid, phc: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE passwords SET phc = $2, prepared = 1 WHERE user_id = $1",
        &[user.into(), phc.into()],
    )?;
    Ok(())
}

/// A login is no change of the user: nothing is announced.
pub(crate) fn note_login(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE users SET last_login_at = $2 WHERE id = $1",
        &[user.into(), tx.now().into()],
    )?;
    Ok(())
}

fn store(tx: &mut Tx<'_>, user: Uuid, phc: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO passwords (user_id, phc, prepared, set_at) VALUES ($1, $2, 1, $3) \
         ON CONFLICT (user_id) DO UPDATE SET phc = $2, prepared = 1, set_at = $3",
        &[user.into(), phc.into(), tx.now().into()],
    )?;
    Ok(())
}
