//! Logins under way at an upstream, in the store: whichever node the browser comes back to finishes them, and a restart
//! in between loses none. The library seals them under `state`, which only the browser has.

use doorward_login::{Ending, Key, LoginError, Pending, SessionStore, Stored};
use doorward_store::{Store, StoreError, Tx, Value, replay};
use jiff::Timestamp;

/// Rows that one unit of work deletes at most.
const BATCH: i64 = 500;

/// Implements the part of [`SessionStore`] that the flow without sessions uses: sessions of this server are not the library's.
pub(crate) struct Attempts(pub(crate) Store);

fn failed(error: impl std::fmt::Display) -> LoginError {
    LoginError::Sessions(error.to_string())
}

fn no_sessions<T: Send>() -> Pending<'static, Result<T, LoginError>> {
    Box::pin(async { Err(failed("this store keeps logins under way and no sessions")) })
}

fn time(seconds: i64) -> Result<Timestamp, LoginError> {
    Timestamp::from_second(seconds).map_err(failed)
}

impl Attempts {
    async fn keep(&self, key: Key, sealed: Vec<u8>, expires: i64, now: i64) -> Result<(), LoginError> {
        let (expires, now) = (time(expires)?, time(now)?);
        let insert = "INSERT INTO upstream_attempts (digest, document, expires_at) VALUES ($1, $2, $3)";
        self.0
            .write::<_, StoreError>(now, move |tx| {
                tx.execute(insert, &[key.bytes().into(), (&sealed).into(), expires.into()])
            })
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn taken(&self, key: Key, now: i64) -> Result<Option<Vec<u8>>, LoginError> {
        // Strangers may ask for anything: a name that is not there must not cost the writer a unit.
        let look = "SELECT 1 FROM upstream_attempts WHERE digest = $1";
        let is_there = self
            .0
            .read::<_, StoreError>(move |tx| tx.one(look, &[key.bytes().into()], |row| row.get::<i64>(0)))
            .await
            .map_err(failed)?;
        if is_there.is_none() {
            return Ok(None);
        }
        let delete = "DELETE FROM upstream_attempts WHERE digest = $1 AND expires_at > $2 RETURNING document";
        self.0
            .write::<_, StoreError>(time(now)?, move |tx| {
                let now = tx.now();
                tx.one(delete, &[key.bytes().into(), now.into()], |row| row.get::<Vec<u8>>(0))
            })
            .await
            .map_err(failed)
    }

    async fn first(&self, key: Key, until: i64, now: i64) -> Result<bool, LoginError> {
        let until = time(until)?;
        self.0
            .write::<_, StoreError>(time(now)?, move |tx| {
                replay::claim(tx, "upstream", &format!("{:?}", key.bytes()), until)
            })
            .await
            .map_err(failed)
    }
}

impl SessionStore for Attempts {
    fn begin(&self, key: Key, sealed: Vec<u8>, expires: i64, now: i64) -> Pending<'_, Result<(), LoginError>> {
        Box::pin(self.keep(key, sealed, expires, now))
    }

    fn take(&self, key: Key, now: i64) -> Pending<'_, Result<Option<Vec<u8>>, LoginError>> {
        Box::pin(self.taken(key, now))
    }

    fn is_first_use(&self, key: Key, until: i64, now: i64) -> Pending<'_, Result<bool, LoginError>> {
        Box::pin(self.first(key, until, now))
    }

    fn insert(&self, _: Key, _: Stored, _: i64) -> Pending<'_, Result<bool, LoginError>> {
        no_sessions()
    }

    fn find(&self, _: Key, _: i64) -> Pending<'_, Result<Option<Stored>, LoginError>> {
        no_sessions()
    }

    fn replace(&self, _: Key, _: Stored) -> Pending<'_, Result<bool, LoginError>> {
        no_sessions()
    }

    fn extend(&self, _: Key, _: i64) -> Pending<'_, Result<(), LoginError>> {
        no_sessions()
    }

    fn lease(&self, _: Key, _: i64, _: i64) -> Pending<'_, Result<bool, LoginError>> {
        no_sessions()
    }

    fn release(&self, _: Key) -> Pending<'_, Result<(), LoginError>> {
        no_sessions()
    }

    fn end(&self, _: Key, _: i64) -> Pending<'_, Result<Option<Stored>, LoginError>> {
        no_sessions()
    }

    fn end_all(&self, _: Ending, _: i64) -> Pending<'_, Result<u64, LoginError>> {
        no_sessions()
    }
}

/// Deletes logins that were never finished, a bounded piece; whether more is left.
pub(crate) fn sweep(tx: &mut Tx<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let limit = Value::from(BATCH);
    let attempts = tx.execute(
        "DELETE FROM upstream_attempts WHERE digest IN \
         (SELECT digest FROM upstream_attempts WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        &[now.into(), limit],
    )?;
    let sessions = tx.execute(
        "DELETE FROM upstream_sessions WHERE session_id IN \
         (SELECT session_id FROM upstream_sessions WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        &[now.into(), limit],
    )?;
    let endings = tx.execute(
        "DELETE FROM upstream_endings WHERE digest IN \
         (SELECT digest FROM upstream_endings WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        &[now.into(), limit],
    )?;
    Ok(attempts.max(sessions).max(endings) >= BATCH.unsigned_abs())
}
