//! The store with the seals: what a cookie's secret opens, and what it does not.

use std::sync::Arc;
use std::time::Duration;

use doorward_jose::Secret;

use super::seal::{self, Purpose};
use super::{Ending, Key, Session, Stored, session};
use crate::LoginError;
use crate::attempt::Attempt;
use crate::config::Config;

/// How long an [`Ending`] is remembered: longer than any login that was under way when it was said can take.
const ENDING_KEPT: i64 = 3600;
/// The part of the idle lifetime that may pass before a request is written down: not every one needs to be.
const IDLE_STEPS: i64 = 16;

/// A relying party's part of the store.
pub(crate) struct Vault<'a>(pub(crate) &'a Config);

/// A session that is there, with the secret that opened it.
#[derive(Clone)]
pub(crate) struct Found {
    pub(crate) session: Arc<Session>,
    pub(crate) key: Key,
    pub(crate) version: i64,
    token: Arc<Secret<String>>,
    expires: i64,
}

/// Whose sessions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose<'a> {
    /// All of a person.
    Subject(&'a str),
    /// Those that belong to one session of the provider.
    ProviderSession(&'a str),
}

/// Who says that sessions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SaidBy {
    /// The provider in a signed token, or the application: remembered, so that logins under way end too.
    Proof,
    /// A browser, which proves nothing: sessions that are there end, and names that strangers make up leave nothing behind.
    Anybody,
}

impl Vault<'_> {
    /// Keeps a login under way, sealed for the browser that has `binding`.
    pub(crate) async fn begin(
        &self,
        state: &str,
        binding: &str,
        attempt: &Attempt,
        kept: Duration,
    ) -> Result<(), LoginError> {
        let key = Key::of(state);
        let plain = to_json(attempt)?;
        let sealed = seal::seal(binding, Purpose::Attempt, &key, self.0.random.as_ref(), plain);
        let now = self.0.clock.now();
        self.0.sessions.begin(key, sealed, after(now, kept), now).await
    }

    /// Gives the login under way that belongs to `state` and forgets it, whether it opens or not; `None` when there is none.
    ///
    /// # Errors
    /// [`LoginError::Browser`] when another browser began it.
    pub(crate) async fn take(&self, state: &str, bindings: &[&str]) -> Result<Option<Attempt>, LoginError> {
        let key = Key::of(state);
        let Some(sealed) = self.0.sessions.take(key, self.0.clock.now()).await? else {
            return Ok(None);
        };
        let mut opened = bindings
            .iter()
            .filter_map(|binding| seal::open(binding, Purpose::Attempt, &key, &sealed));
        let opened = opened.next().ok_or(LoginError::Browser)?;
        // What another version of this library began is begun again.
        Ok(serde_json::from_slice(opened.expose()).ok())
    }

    /// Keeps a new session under the secret `token`; `false` when the provider ended it while its login was under way.
    pub(crate) async fn insert(&self, token: &str, session: &Session) -> Result<bool, LoginError> {
        let (key, now, config) = (Key::of(token), self.0.clock.now(), self.0);
        let stored = Stored {
            sealed: self.sealed(token, &key, session)?,
            version: 0,
            subject: session.subject(&config.client_id),
            provider_session: session.provider_session(&config.client_id),
            issued: session.issued.min(now),
            expires: self.expires(session, now),
        };
        config.sessions.insert(key, stored, now).await
    }

    /// The session that a cookie's value names and opens.
    pub(crate) async fn find(&self, token: &str) -> Result<Option<Found>, LoginError> {
        let key = Key::of(token);
        let Some(stored) = self.0.sessions.find(key, self.0.clock.now()).await? else {
            return Ok(None);
        };
        let session = opened(token, &key, &stored);
        if session.is_none() {
            tracing::warn!("a session in the store does not open: it is damaged, or of another version of the library");
        }
        Ok(session.map(|session| Found {
            session: Arc::new(session),
            key,
            version: stored.version,
            token: Arc::new(Secret::new(token.to_owned())),
            expires: stored.expires,
        }))
    }

    /// The same session as it is now.
    pub(crate) async fn again(&self, found: &Found) -> Result<Option<Found>, LoginError> {
        self.find(found.token.expose()).await
    }

    /// Says that somebody was here, for the idle lifetime.
    pub(crate) async fn extend(&self, found: &Found) -> Result<(), LoginError> {
        let Some(idle) = self.0.idle_lifetime else {
            return Ok(());
        };
        let wanted = self.expires(&found.session, self.0.clock.now());
        let step = (seconds(idle) / IDLE_STEPS).max(1);
        if wanted.saturating_sub(found.expires) < step {
            return Ok(());
        }
        self.0.sessions.extend(found.key, wanted).await
    }

    /// Puts a refreshed session in the place of `found`; `None` when that is not there any more in this version.
    pub(crate) async fn replace(&self, found: &Found, session: Session) -> Result<Option<Found>, LoginError> {
        let expires = self.expires(&session, self.0.clock.now());
        let stored = Stored {
            sealed: self.sealed(found.token.expose(), &found.key, &session)?,
            version: found.version,
            subject: session.subject(&self.0.client_id),
            provider_session: session.provider_session(&self.0.client_id),
            issued: session.issued,
            expires,
        };
        let is_replaced = self.0.sessions.replace(found.key, stored).await?;
        Ok(is_replaced.then(|| Found {
            session: Arc::new(session),
            version: found.version + 1,
            expires,
            ..found.clone()
        }))
    }

    /// Takes the right to refresh the session for so many seconds; `false` when somebody else has it.
    pub(crate) async fn lease(&self, found: &Found, seconds: i64) -> Result<bool, LoginError> {
        let now = self.0.clock.now();
        self.0.sessions.lease(found.key, now.saturating_add(seconds), now).await
    }

    /// Gives that right back.
    pub(crate) async fn release(&self, found: &Found) -> Result<(), LoginError> {
        self.0.sessions.release(found.key).await
    }

    /// Ends a session.
    pub(crate) async fn forget(&self, found: &Found) -> Result<(), LoginError> {
        self.0.sessions.end(found.key, self.0.clock.now()).await.map(|_| ())
    }

    /// Ends the session that a cookie's value names, and gives it.
    pub(crate) async fn end(&self, token: &str) -> Result<Option<Session>, LoginError> {
        let key = Key::of(token);
        let ended = self.0.sessions.end(key, self.0.clock.now()).await?;
        Ok(ended.and_then(|stored| opened(token, &key, &stored)))
    }

    /// Ends all sessions of somebody at `issuer`, as was said `at`. The provider's clock may be ahead of ours; its times are
    /// taken as ours at the latest, here and for sessions, so that they can be compared with times that we said.
    pub(crate) async fn end_all(
        &self,
        issuer: &str,
        whose: Whose<'_>,
        at: i64,
        said_by: SaidBy,
    ) -> Result<u64, LoginError> {
        let client_id = &self.0.client_id;
        let whose = match whose {
            Whose::Subject(sub) => session::subject(client_id, issuer, sub),
            Whose::ProviderSession(sid) => session::provider_session(client_id, issuer, sid),
        };
        let now = self.0.clock.now();
        let ending = Ending {
            whose,
            at: at.min(now),
            until: match said_by {
                SaidBy::Proof => now.saturating_add(ENDING_KEPT),
                SaidBy::Anybody => now,
            },
        };
        self.0.sessions.end_all(ending, now).await
    }

    /// Whether the name of a logout token is new; it is remembered `until` then.
    pub(crate) async fn is_first_use(&self, issuer: &str, jti: &str, until: i64) -> Result<bool, LoginError> {
        let name = Key::of_words(&["jti", &self.0.client_id, issuer, jti]);
        self.0.sessions.is_first_use(name, until, self.0.clock.now()).await
    }

    fn sealed(&self, token: &str, key: &Key, session: &Session) -> Result<Vec<u8>, LoginError> {
        let plain = to_json(session)?;
        Ok(seal::seal(token, Purpose::Session, key, self.0.random.as_ref(), plain))
    }

    /// The earlier of the session's end and of the end of its idle lifetime.
    fn expires(&self, session: &Session, now: i64) -> i64 {
        let idle = self.0.idle_lifetime.map_or(i64::MAX, |idle| after(now, idle));
        session.ends.min(idle)
    }
}

fn opened(token: &str, key: &Key, stored: &Stored) -> Option<Session> {
    let plain = seal::open(token, Purpose::Session, key, &stored.sealed)?;
    serde_json::from_slice(plain.expose()).ok()
}

fn to_json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, LoginError> {
    serde_json::to_vec(value).map_err(|error| LoginError::Sessions(error.to_string()))
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// The moment that is `duration` after `now`.
pub(crate) fn after(now: i64, duration: Duration) -> i64 {
    now.saturating_add(seconds(duration))
}
