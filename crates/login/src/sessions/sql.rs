//! The store in SQL, written once for both engines.
//!
//! Every statement stands for itself and no transaction spans two, because the order of two is enough: who inserts a
//! session looks for an ending afterwards, who ends sessions writes the ending first. Whichever comes second sees the other.
//!
//! Parameters are numbered in the order of their first appearance: that is how SQLite counts them too.

use std::sync::atomic::{AtomicI64, Ordering};

use super::{Ending, Key, SessionStore, Stored};
use crate::LoginError;
use crate::network::Pending;

/// The tables, in words that mean the same on both engines (SQLite takes `BYTEA` as a column that leaves bytes alone).
pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS login_sessions (
    id BYTEA PRIMARY KEY,
    sealed BYTEA NOT NULL,
    version BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    provider_session BYTEA,
    issued BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    leased_until BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS login_sessions_subject ON login_sessions (subject);
CREATE INDEX IF NOT EXISTS login_sessions_provider_session ON login_sessions (provider_session);
CREATE INDEX IF NOT EXISTS login_sessions_expires ON login_sessions (expires);
CREATE TABLE IF NOT EXISTS login_attempts (id BYTEA PRIMARY KEY, sealed BYTEA NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX IF NOT EXISTS login_attempts_expires ON login_attempts (expires);
CREATE TABLE IF NOT EXISTS login_endings (id BYTEA PRIMARY KEY, said BIGINT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX IF NOT EXISTS login_endings_expires ON login_endings (expires);
CREATE TABLE IF NOT EXISTS login_used (id BYTEA PRIMARY KEY, expires BIGINT NOT NULL);
CREATE INDEX IF NOT EXISTS login_used_expires ON login_used (expires);
";

const BEGIN: &str = "INSERT INTO login_attempts (id, sealed, expires) VALUES ($1, $2, $3)";
const TAKE: &str = "DELETE FROM login_attempts WHERE id = $1 RETURNING expires, sealed";
const INSERT: &str = "INSERT INTO login_sessions \
    (id, sealed, version, subject, provider_session, issued, expires, leased_until) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)";
const ENDED: &str = "SELECT said FROM login_endings WHERE (id = $1 AND said >= $2) OR id = $3 LIMIT 1";
const FIND: &str = "SELECT version, issued, expires, sealed, subject, provider_session FROM login_sessions \
    WHERE id = $1 AND expires > $2";
const REPLACE: &str = "UPDATE login_sessions SET sealed = $1, expires = $2, version = version + 1, leased_until = 0 \
    WHERE id = $3 AND version = $4";
const EXTEND: &str = "UPDATE login_sessions SET expires = $1 WHERE id = $2";
const LEASE: &str = "UPDATE login_sessions SET leased_until = $1 WHERE id = $2 AND leased_until <= $3";
const RELEASE: &str = "UPDATE login_sessions SET leased_until = 0 WHERE id = $1";
const END: &str = "DELETE FROM login_sessions WHERE id = $1 \
    RETURNING version, issued, expires, sealed, subject, provider_session";
const SAY_ENDING: &str = "INSERT INTO login_endings (id, said, expires) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET \
    said = CASE WHEN excluded.said > login_endings.said THEN excluded.said ELSE login_endings.said END, \
    expires = CASE WHEN excluded.expires > login_endings.expires THEN excluded.expires ELSE login_endings.expires END";
const END_ALL: &str = "DELETE FROM login_sessions \
    WHERE ((subject = $1 AND issued <= $2) OR provider_session = $1) AND expires > $3";
const USE: &str = "INSERT INTO login_used (id, expires) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET \
    expires = excluded.expires WHERE login_used.expires <= $3";
/// What is over goes, at most once a minute.
const SWEEP: [&str; 4] = [
    "DELETE FROM login_attempts WHERE expires <= $1",
    "DELETE FROM login_sessions WHERE expires <= $1",
    "DELETE FROM login_endings WHERE expires <= $1",
    "DELETE FROM login_used WHERE expires <= $1",
];
/// Anybody can begin a login, so the number of those under way is bounded: the oldest go.
const BOUND: &str = "DELETE FROM login_attempts WHERE id IN \
    (SELECT id FROM login_attempts ORDER BY expires DESC LIMIT 1000000000 OFFSET $1)";
const MAX_ATTEMPTS: i64 = 100_000;
const BETWEEN_SWEEPS: i64 = 60;

/// What goes into a statement.
#[derive(Debug, Clone)]
pub(super) enum Parameter {
    Bytes(Vec<u8>),
    MaybeBytes(Option<Vec<u8>>),
    Number(i64),
}

/// What comes out: first numbers, then bytes, as many as the statement has columns of that kind.
pub(super) struct Row {
    pub(super) numbers: Vec<i64>,
    pub(super) bytes: Vec<Option<Vec<u8>>>,
}

/// One of the engines.
pub(super) trait Engine: Send + Sync + 'static {
    /// Runs a statement and gives how many rows it changed.
    fn execute(&self, sql: &'static str, parameters: Vec<Parameter>) -> Pending<'_, Result<u64, LoginError>>;
    /// Gives the one row of a statement, if there is one, whose first `numbers` columns are numbers.
    fn row(
        &self,
        sql: &'static str,
        parameters: Vec<Parameter>,
        numbers: usize,
    ) -> Pending<'_, Result<Option<Row>, LoginError>>;
}

/// The store over an engine.
pub(super) struct Sql<E> {
    engine: E,
    swept: AtomicI64,
}

impl<E: Engine> Sql<E> {
    pub(super) fn new(engine: E) -> Self {
        Self {
            engine,
            swept: AtomicI64::new(0),
        }
    }

    /// Clears what is over. It fails quietly: the next one does the same.
    async fn sweep(&self, now: i64) {
        let before = self.swept.load(Ordering::Relaxed);
        let is_due = now.saturating_sub(before) >= BETWEEN_SWEEPS;
        let is_ours = is_due
            && self
                .swept
                .compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if !is_ours {
            return;
        }
        let over = SWEEP.map(|sql| (sql, vec![Parameter::Number(now)]));
        let bound = [(BOUND, vec![Parameter::Number(MAX_ATTEMPTS)])];
        for (sql, parameters) in over.into_iter().chain(bound) {
            if let Err(error) = self.engine.execute(sql, parameters).await {
                tracing::warn!(%error, "what is over could not be cleared");
                return;
            }
        }
    }
}

fn id(key: &Key) -> Parameter {
    Parameter::Bytes(key.bytes().to_vec())
}

fn stored(row: Row) -> Option<Stored> {
    let [version, issued, expires] = row.numbers.try_into().ok()?;
    let [sealed, subject, provider_session] = <[Option<Vec<u8>>; 3]>::try_from(row.bytes).ok()?;
    let key = |bytes: Vec<u8>| Some(Key::from_bytes(bytes.try_into().ok()?));
    Some(Stored {
        sealed: sealed?,
        version,
        subject: key(subject?)?,
        provider_session: provider_session.and_then(key),
        issued,
        expires,
    })
}

impl<E: Engine> SessionStore for Sql<E> {
    fn begin(&self, key: Key, sealed: Vec<u8>, expires: i64, now: i64) -> Pending<'_, Result<(), LoginError>> {
        Box::pin(async move {
            self.sweep(now).await;
            let parameters = vec![id(&key), Parameter::Bytes(sealed), Parameter::Number(expires)];
            self.engine.execute(BEGIN, parameters).await.map(|_| ())
        })
    }

    fn take(&self, key: Key, now: i64) -> Pending<'_, Result<Option<Vec<u8>>, LoginError>> {
        Box::pin(async move {
            let taken = self.engine.row(TAKE, vec![id(&key)], 1).await?;
            let in_time = taken.filter(|row| row.numbers.first().is_some_and(|expires| now < *expires));
            Ok(in_time.and_then(|row| row.bytes.into_iter().flatten().next()))
        })
    }

    fn insert(&self, key: Key, session: Stored, now: i64) -> Pending<'_, Result<bool, LoginError>> {
        Box::pin(async move {
            self.sweep(now).await;
            let sid = Parameter::MaybeBytes(session.provider_session.map(|key| key.bytes().to_vec()));
            let parameters = vec![
                id(&key),
                Parameter::Bytes(session.sealed),
                Parameter::Number(session.version),
                id(&session.subject),
                sid.clone(),
                Parameter::Number(session.issued),
                Parameter::Number(session.expires),
            ];
            self.engine.execute(INSERT, parameters).await?;
            let endings = vec![id(&session.subject), Parameter::Number(session.issued), sid];
            if self.engine.row(ENDED, endings, 1).await?.is_none() {
                return Ok(true);
            }
            self.engine.row(END, vec![id(&key)], 3).await?;
            Ok(false)
        })
    }

    fn find(&self, key: Key, now: i64) -> Pending<'_, Result<Option<Stored>, LoginError>> {
        Box::pin(async move {
            let found = self.engine.row(FIND, vec![id(&key), Parameter::Number(now)], 3).await?;
            Ok(found.and_then(stored))
        })
    }

    fn replace(&self, key: Key, session: Stored) -> Pending<'_, Result<bool, LoginError>> {
        let parameters = vec![
            Parameter::Bytes(session.sealed),
            Parameter::Number(session.expires),
            id(&key),
            Parameter::Number(session.version),
        ];
        Box::pin(async move { Ok(self.engine.execute(REPLACE, parameters).await? == 1) })
    }

    fn extend(&self, key: Key, expires: i64) -> Pending<'_, Result<(), LoginError>> {
        let parameters = vec![Parameter::Number(expires), id(&key)];
        Box::pin(async move { self.engine.execute(EXTEND, parameters).await.map(|_| ()) })
    }

    fn lease(&self, key: Key, until: i64, now: i64) -> Pending<'_, Result<bool, LoginError>> {
        let parameters = vec![Parameter::Number(until), id(&key), Parameter::Number(now)];
        Box::pin(async move { Ok(self.engine.execute(LEASE, parameters).await? == 1) })
    }

    fn release(&self, key: Key) -> Pending<'_, Result<(), LoginError>> {
        Box::pin(async move { self.engine.execute(RELEASE, vec![id(&key)]).await.map(|_| ()) })
    }

    fn end(&self, key: Key, now: i64) -> Pending<'_, Result<Option<Stored>, LoginError>> {
        Box::pin(async move {
            let ended = self.engine.row(END, vec![id(&key)], 3).await?;
            Ok(ended.and_then(stored).filter(|session| now < session.expires))
        })
    }

    fn end_all(&self, ending: Ending, now: i64) -> Pending<'_, Result<u64, LoginError>> {
        let whose = id(&ending.whose);
        let said = vec![
            whose.clone(),
            Parameter::Number(ending.at),
            Parameter::Number(ending.until),
        ];
        Box::pin(async move {
            if now < ending.until {
                self.engine.execute(SAY_ENDING, said).await?;
            }
            let whose = vec![whose, Parameter::Number(ending.at), Parameter::Number(now)];
            self.engine.execute(END_ALL, whose).await
        })
    }

    fn is_first_use(&self, name: Key, until: i64, now: i64) -> Pending<'_, Result<bool, LoginError>> {
        let parameters = vec![id(&name), Parameter::Number(until), Parameter::Number(now)];
        Box::pin(async move { Ok(self.engine.execute(USE, parameters).await? == 1) })
    }
}
