//! Accounts that end at a date: the person is told some days before, once, and what they had is ended when it has come.

use doorward_mail::{Letter, Message};
use doorward_oidc::Refusal;
use doorward_store::{Change, Topic, Tx};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{
    Actor, Directory, ExpiryEdit, UserKind, directory::Result, ending, error::INVALID_LIFETIME, event,
    letters::addressee, links, users,
};

/// How long before the end the person is told.
const TOLD_BEFORE: SignedDuration = SignedDuration::from_hours(24 * 7);
/// Accounts of one kind that one call looks for at a time, and how often it looks.
const BATCH: i64 = 100;
const BATCHES: usize = 10;

/// The date after an edit. One that has passed is a slip: to close an account now is to disable it.
pub(crate) fn edited(
    kind: UserKind,
    before: Option<Timestamp>,
    edit: ExpiryEdit,
    now: Timestamp,
) -> Result<Option<Timestamp>, Refusal> {
    match edit {
        ExpiryEdit::Keep => Ok(before),
        ExpiryEdit::Never => Ok(None),
        // What is there already may be said again, also when it has passed.
        ExpiryEdit::At(at) if at > now || before == Some(at) => Ok(Some(at)),
        ExpiryEdit::At(at) => Err(Refusal::response(
            &INVALID_LIFETIME,
            format!("expected a date in the future for the end of the account, received {at}"),
        )
        .with_remedy(format!(
            "To close an account now, disable it: `doorward {} disable <name>`.",
            kind.command()
        ))),
    }
}

impl Directory {
    /// Carries out what time has brought about: tells those whose account ends soon, ends what those have whose account has ended,
    /// and removes those whose days of grace are over. True when more is left than one call does.
    pub(crate) async fn close_accounts(&self, now: Timestamp) -> Result<bool> {
        for _ in 0..BATCHES {
            let done = self.end_expired(now).await? + self.tell_of_expiry(now).await?;
            if done + self.remove_deleted(BATCH, now).await? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn end_expired(&self, now: Timestamp) -> Result<usize> {
        // As the index has it of those about whom something is left to do.
        let sql = "SELECT id FROM users WHERE expires_at <= $1 AND expiry_step < 2 ORDER BY expires_at LIMIT $2";
        let due: Vec<Uuid> = self
            .read(move |tx| tx.all(sql, &[now.into(), BATCH.into()], |row| row.get(0)))
            .await?;
        for id in &due {
            let id = *id;
            self.write(now, move |tx| end(tx, id)).await?;
        }
        Ok(due.len())
    }

    async fn tell_of_expiry(&self, now: Timestamp) -> Result<usize> {
        let soon = now.checked_add(TOLD_BEFORE).unwrap_or(Timestamp::MAX);
        let due: Vec<Uuid> = self
            .read(move |tx| {
                let sql = "SELECT id FROM users WHERE expires_at > $1 AND expires_at <= $2 AND expiry_step < 2 \
                     AND expiry_step = 0 AND disabled = 0 AND deletion_at IS NULL ORDER BY expires_at LIMIT $3";
                tx.all(sql, &[now.into(), soon.into(), BATCH.into()], |row| row.get(0))
            })
            .await?;
        for id in &due {
            let (id, outbox) = (*id, self.outbox().clone());
            self.write(now, move |tx| {
                // In one conditional update: two nodes tell nobody twice.
                let sql = "UPDATE users SET expiry_step = 1 WHERE id = $1 AND expiry_step = 0";
                if tx.execute(sql, &[id.into()])? == 0 {
                    return Ok(());
                }
                let user = users::existing(tx, id)?;
                if let (Some(to), Some(at)) = (addressee(&user), user.expires) {
                    let message = Message::AccountExpires { at };
                    outbox.put(tx, &Letter { to, message })?;
                }
                Ok(())
            })
            .await?;
        }
        Ok(due.len())
    }
}

/// Ends what somebody has whose account has ended, once.
fn end(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
    let ended = tx.execute(
        "UPDATE users SET expiry_step = 2 WHERE id = $1 AND expires_at <= $2 AND expiry_step < 2",
        &[id.into(), tx.now().into()],
    )?;
    if ended == 0 {
        return Ok(());
    }
    let user = users::existing(tx, id)?;
    let access = ending::end_access(tx, id, None)?;
    links::end_all(tx, id)?;
    let data = serde_json::json!({ "sessions": access.sessions.len(), "grants": access.grants });
    event::user_with(tx, &Actor::server(), "user.expire", &user, data)?;
    tx.announce(Change::of(Topic::People, id));
    Ok(())
}
