//! The queue: rows of letters, written with what causes them.

use std::sync::Arc;

use doorward_jose::Random;
use doorward_oidc::Refusal;
use doorward_store::{Change, MasterKey, Row, StoreError, Topic, Tx, new_id};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Letter, MailError, Rendered,
    error::{MAIL_IS_OFF, NO_SUCH_LETTER},
    render,
};

/// A letter that says nothing about its end is tried for this long.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(48);
/// How long a node has to send a letter that it claimed; then another may.
const CLAIMED_FOR: SignedDuration = SignedDuration::from_mins(5);
/// The first wait after a failure; each further one is twice as long.
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// No wait is longer.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// How long one that was given up can be looked at and sent again.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24 * 14);

/// Whose letters these are: what stands in every one of them.
#[derive(Debug, Clone)]
pub struct House {
    /// The name of the pages.
    pub name: String,
    /// The public URL.
    pub url: String,
    /// Whom people ask, if anybody was named.
    pub contact: Option<String>,
    /// Background of the button, `#rrggbb`.
    pub accent: String,
    /// Letters on the button, `#rrggbb`.
    pub on_accent: String,
}

/// Takes letters. Cheap to clone. [`Outbox::off`], the default, takes none.
#[derive(Clone, Default)]
pub struct Outbox {
    inner: Option<Arc<Inner>>,
}

struct Inner {
    house: House,
    master: Arc<MasterKey>,
    random: Arc<dyn Random>,
}

impl Outbox {
    /// There is no mail server.
    pub fn off() -> Self {
        Self::default()
    }

    /// Letters in the name of this house, their content sealed with `master`.
    pub fn new(house: House, master: Arc<MasterKey>, random: Arc<dyn Random>) -> Self {
        Self {
            inner: Some(Arc::new(Inner { house, master, random })),
        }
    }

    /// Whether letters are sent at all: pages offer mail only then.
    pub fn is_on(&self) -> bool {
        self.inner.is_some()
    }

    /// The complete URL of a path of this server, for links in letters; the path alone when there is no mail server.
    pub fn url(&self, path: &str) -> String {
        match &self.inner {
            Some(inner) => format!("{}{path}", inner.house.url),
            None => path.to_owned(),
        }
    }

    /// Refused as `mail_is_off` when there is no mail server.
    pub fn require(&self) -> Result<(), Refusal> {
        if self.is_on() {
            return Ok(());
        }
        Err(
            Refusal::response(&MAIL_IS_OFF, "the configuration file has no [mail]").with_remedy(
                "Set [mail] host and from in the configuration file and start the server again, or hand over a link: \
                 `doorward user link <user>`.",
            ),
        )
    }

    /// Stores a letter in the unit of work that causes it: it is sent if that unit is committed, and only then. `false` when
    /// there is no mail server; nothing is stored then.
    pub fn put(&self, tx: &mut Tx<'_>, letter: &Letter) -> Result<bool, StoreError> {
        let Some(inner) = &self.inner else { return Ok(false) };
        let now = tx.now();
        let id = new_id(now, &*inner.random);
        let content = serde_json::to_vec(&render::render(letter, &inner.house))
            .map_err(|error| StoreError::Damaged(format!("a letter that cannot be written down: {error}")))?;
        let sealed = inner.master.seal(&*inner.random, &place(id), &content);
        let give_up = letter.message.useful_until().unwrap_or_else(|| later(now, TRIED_FOR));
        tx.execute(
            "INSERT INTO letters (id, kind, recipient, content, state, tries, due_at, give_up_at, created_at) \
             VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $6, $5)",
            &[
                id.into(),
                letter.message.kind().into(),
                (&letter.to.address).into(),
                (&sealed).into(),
                now.into(),
                give_up.into(),
            ],
        )?;
        tx.announce(Change::of(Topic::Mail, id));
        Ok(true)
    }

    /// The words that a letter would have.
    pub fn preview(letter: &Letter, house: &House) -> Rendered {
        render::render(letter, house)
    }

    /// The words of a letter, without storing it.
    pub(crate) fn render(&self, letter: &Letter) -> Result<Rendered, Refusal> {
        self.require()?;
        let house = self.inner.as_ref().map(|inner| &inner.house);
        Ok(house.map(|house| render::render(letter, house)).unwrap_or_default())
    }

    pub(crate) fn random(&self) -> Option<&dyn Random> {
        self.inner.as_ref().map(|inner| &*inner.random)
    }

    fn open(&self, id: Uuid, sealed: &[u8]) -> Result<Rendered, StoreError> {
        let damaged = |what: String| StoreError::Damaged(format!("the letter {id}: {what}"));
        let inner = self
            .inner
            .as_ref()
            .ok_or_else(|| damaged("there is no key to open it".to_owned()))?;
        let plain = inner
            .master
            .open(&place(id), sealed)
            .map_err(|error| damaged(error.to_string()))?;
        serde_json::from_slice(plain.expose()).map_err(|error| damaged(error.to_string()))
    }

    /// Claims a letter that is due: of several nodes, one gets it. What cannot be opened is given up.
    pub(crate) fn claim(&self, tx: &mut Tx<'_>, me: Uuid) -> Result<Option<Claimed>, StoreError> {
        let now = tx.now();
        let due = tx.all(
            "SELECT id FROM letters WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, id LIMIT 16",
            &[now.into()],
            |row| row.get::<Uuid>(0),
        )?;
        for id in due {
            let claimed = tx.one(
                "UPDATE letters SET claim = $2, due_at = $3, tries = tries + 1 \
                 WHERE id = $1 AND state = 'waiting' AND due_at <= $4 RETURNING kind, recipient, content, tries, give_up_at",
                &[id.into(), me.into(), later(now, CLAIMED_FOR).into(), now.into()],
                |row| {
                    Ok((
                        row.get::<String>(0)?,
                        row.get::<String>(1)?,
                        row.get::<Vec<u8>>(2)?,
                        row.get::<i64>(3)?,
                        row.get::<Timestamp>(4)?,
                    ))
                },
            )?;
            let Some((kind, recipient, sealed, tries, give_up)) = claimed else {
                continue;
            };
            match self.open(id, &sealed) {
                Ok(content) => {
                    return Ok(Some(Claimed {
                        id,
                        kind,
                        recipient,
                        content,
                        tries,
                        give_up,
                        claim: me,
                    }));
                }
                Err(error) => give_up_on(tx, id, &error.to_string())?,
            }
        }
        Ok(None)
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox").field("on", &self.is_on()).finish()
    }
}

/// A letter that this node sends now.
pub(crate) struct Claimed {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) recipient: String,
    pub(crate) content: Rendered,
    pub(crate) give_up: Timestamp,
    tries: i64,
    claim: Uuid,
}

impl Claimed {
    /// It has arrived at the mail server: nothing is kept of it.
    pub(crate) fn sent(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.execute("DELETE FROM letters WHERE id = $1", &[self.id.into()])?;
        Ok(())
    }

    /// It was not taken: tried again after a while. `false` when there is no time left for that.
    pub(crate) fn postpone(&self, tx: &mut Tx<'_>, problem: &str) -> Result<bool, StoreError> {
        let due = later(tx.now(), wait_after(self.tries));
        if due >= self.give_up {
            self.give_up(tx, problem)?;
            return Ok(false);
        }
        tx.execute(
            "UPDATE letters SET claim = NULL, due_at = $3, problem = $4 WHERE id = $1 AND claim = $2",
            &[self.id.into(), self.claim.into(), due.into(), problem.into()],
        )?;
        Ok(true)
    }

    /// It will never be taken.
    pub(crate) fn give_up(&self, tx: &mut Tx<'_>, problem: &str) -> Result<(), StoreError> {
        give_up_on(tx, self.id, problem)
    }
}

fn give_up_on(tx: &mut Tx<'_>, id: Uuid, problem: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE letters SET state = 'given-up', claim = NULL, due_at = $2, problem = $3 WHERE id = $1",
        &[id.into(), tx.now().into(), problem.into()],
    )?;
    Ok(())
}

fn wait_after(tries: i64) -> SignedDuration {
    let doublings = u32::try_from(tries.clamp(1, 12) - 1).unwrap_or_default();
    FIRST_WAIT
        .checked_mul(1 << doublings)
        .unwrap_or(LONGEST_WAIT)
        .min(LONGEST_WAIT)
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Where a sealed letter belongs.
fn place(id: Uuid) -> Vec<u8> {
    let mut place = b"letters.content:".to_vec();
    place.extend_from_slice(id.as_bytes());
    place
}

/// How a letter in the queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It will be sent.
    Waiting,
    /// It will not be sent any more, unless somebody says so.
    GivenUp,
}

/// A letter in the queue, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Names it.
    pub id: Uuid,
    /// What it is: [`crate::Message::kind`].
    pub kind: String,
    /// The address.
    pub recipient: String,
    /// How it stands.
    pub state: State,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next; when it was given up.
    pub due: Timestamp,
    /// What went wrong last.
    pub problem: Option<String>,
    /// When it was written.
    pub created: Timestamp,
}

/// Letters that have not arrived, oldest first: at most `limit` behind `after`.
pub fn queue(tx: &mut Tx<'_>, after: Option<Uuid>, limit: u32) -> Result<Vec<Queued>, StoreError> {
    tx.all(
        "SELECT id, kind, recipient, state, tries, due_at, problem, created_at FROM letters WHERE id > $1 ORDER BY id LIMIT $2",
        &[after.unwrap_or_default().into(), limit.into()],
        queued,
    )
}

/// How many letters wait, and how many were given up.
pub fn count(tx: &mut Tx<'_>) -> Result<(u64, u64), StoreError> {
    let mut number = |state: &str| -> Result<u64, StoreError> {
        let found = tx.one(
            "SELECT COUNT(*) FROM letters WHERE state = $1",
            &[state.into()],
            |row| row.get::<i64>(0),
        )?;
        Ok(found.unwrap_or_default().unsigned_abs())
    };
    Ok((number("waiting")?, number("given-up")?))
}

/// Sends a letter now, whatever has happened to it: one that was given up gets its time anew. Gives the letter as it was.
pub fn retry(tx: &mut Tx<'_>, id: Uuid) -> Result<Queued, MailError> {
    let letter = existing(tx, id)?;
    let now = tx.now();
    tx.execute(
        "UPDATE letters SET state = 'waiting', tries = 0, due_at = $2, give_up_at = $3 WHERE id = $1",
        &[id.into(), now.into(), later(now, TRIED_FOR).into()],
    )?;
    tx.announce(Change::of(Topic::Mail, id));
    Ok(letter)
}

/// Takes a letter out of the queue. Gives it as it was.
pub fn remove(tx: &mut Tx<'_>, id: Uuid) -> Result<Queued, MailError> {
    let letter = existing(tx, id)?;
    tx.execute("DELETE FROM letters WHERE id = $1", &[id.into()])?;
    Ok(letter)
}

/// Forgets letters that were given up long ago, a bounded number at once.
pub(crate) fn sweep(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let before = tx.now().checked_sub(KEPT_FOR).unwrap_or(Timestamp::MIN);
    tx.execute(
        "DELETE FROM letters WHERE id IN \
         (SELECT id FROM letters WHERE state = 'given-up' AND due_at <= $1 ORDER BY due_at LIMIT 500)",
        &[before.into()],
    )?;
    Ok(())
}

fn existing(tx: &mut Tx<'_>, id: Uuid) -> Result<Queued, MailError> {
    let found = tx.one(
        "SELECT id, kind, recipient, state, tries, due_at, problem, created_at FROM letters WHERE id = $1",
        &[id.into()],
        queued,
    )?;
    found.ok_or_else(|| {
        Refusal::response(&NO_SUCH_LETTER, format!("no letter in the queue has the id {id}"))
            .with_remedy("`doorward mail queue` lists what is there.")
            .into()
    })
}

fn queued(row: &Row<'_>) -> Result<Queued, StoreError> {
    let state: String = row.get(3)?;
    Ok(Queued {
        id: row.get(0)?,
        kind: row.get(1)?,
        recipient: row.get(2)?,
        state: match state.as_str() {
            "waiting" => State::Waiting,
            "given-up" => State::GivenUp,
            other => return Err(StoreError::Damaged(format!("a letter in the state {other:?}"))),
        },
        tries: u32::try_from(row.get::<i64>(4)?).unwrap_or(u32::MAX),
        due: row.get(5)?,
        problem: row.get(6)?,
        created: row.get(7)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_the_last_and_none_is_longer_than_an_hour() {
        let minutes: Vec<i64> = (1..=8).map(|tries| wait_after(tries).as_mins()).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(wait_after(i64::MAX), LONGEST_WAIT);
    }
}
