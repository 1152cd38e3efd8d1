//! The store in memory.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Ending, Key, SessionStore, Stored};
use crate::LoginError;
use crate::network::Pending;

/// The store in memory, bounded; what is nearest to its end goes first when it is full. A restart forgets everything.
#[derive(Default)]
pub struct Memory(Mutex<Rows>);

#[derive(Default)]
struct Rows {
    attempts: HashMap<Key, Attempt>,
    sessions: HashMap<Key, Row>,
    /// Who has which sessions, by subject and by session of the provider.
    owners: HashMap<Key, HashSet<Key>>,
    endings: HashMap<Key, Ending>,
    /// Names that were used, and until when they are remembered.
    used: HashMap<Key, i64>,
}

struct Attempt {
    sealed: Vec<u8>,
    expires: i64,
}

struct Row {
    session: Stored,
    leased_until: i64,
}

impl Memory {
    /// Most logins under way at once.
    pub const MAX_ATTEMPTS: usize = 20_000;
    /// Most sessions at once.
    pub const MAX_SESSIONS: usize = 50_000;
    /// Most endings and used names at once.
    const MAX_NAMES: usize = 50_000;

    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn rows(&self) -> MutexGuard<'_, Rows> {
        // Every change below is complete before anything could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    fn remove(&mut self, key: &Key) -> Option<Stored> {
        let session = self.sessions.remove(key)?.session;
        for owner in [Some(session.subject), session.provider_session].into_iter().flatten() {
            if let Some(theirs) = self.owners.get_mut(&owner) {
                theirs.remove(key);
                if theirs.is_empty() {
                    self.owners.remove(&owner);
                }
            }
        }
        Some(session)
    }

    fn is_ended(&self, session: &Stored) -> bool {
        let is_later = |ending: &Ending| ending.at >= session.issued;
        self.endings.get(&session.subject).is_some_and(is_later)
            || session
                .provider_session
                .is_some_and(|sid| self.endings.contains_key(&sid))
    }

    fn make_room_for_session(&mut self, now: i64) {
        if self.sessions.len() < Memory::MAX_SESSIONS {
            return;
        }
        let ends: Vec<_> = self
            .sessions
            .iter()
            .map(|(key, row)| (row.session.expires, *key))
            .collect();
        for key in surplus(ends, now) {
            self.remove(&key);
        }
    }
}

/// Those whose time is over, and of the others the sixteenth that is nearest to it.
fn surplus(mut ends: Vec<(i64, Key)>, now: i64) -> impl Iterator<Item = Key> {
    ends.sort_unstable();
    let over = ends.partition_point(|(expires, _)| *expires <= now);
    let count = over.max(ends.len() / 16 + 1);
    ends.into_iter().take(count).map(|(_, key)| key)
}

fn make_room<T>(rows: &mut HashMap<Key, T>, most: usize, expires: impl Fn(&T) -> i64, now: i64) {
    if rows.len() >= most {
        let ends = rows.iter().map(|(key, row)| (expires(row), *key)).collect();
        for key in surplus(ends, now) {
            rows.remove(&key);
        }
    }
}

fn done<T: Send + 'static>(value: T) -> Pending<'static, Result<T, LoginError>> {
    Box::pin(std::future::ready(Ok(value)))
}

impl SessionStore for Memory {
    fn begin(&self, key: Key, sealed: Vec<u8>, expires: i64, now: i64) -> Pending<'_, Result<(), LoginError>> {
        let attempts = &mut self.rows().attempts;
        make_room(attempts, Self::MAX_ATTEMPTS, |attempt| attempt.expires, now);
        attempts.insert(key, Attempt { sealed, expires });
        done(())
    }

    fn take(&self, key: Key, now: i64) -> Pending<'_, Result<Option<Vec<u8>>, LoginError>> {
        let taken = self.rows().attempts.remove(&key);
        done(
            taken
                .filter(|attempt| now < attempt.expires)
                .map(|attempt| attempt.sealed),
        )
    }

    fn insert(&self, key: Key, session: Stored, now: i64) -> Pending<'_, Result<bool, LoginError>> {
        let mut rows = self.rows();
        if rows.is_ended(&session) {
            return done(false);
        }
        rows.make_room_for_session(now);
        for owner in [Some(session.subject), session.provider_session].into_iter().flatten() {
            rows.owners.entry(owner).or_default().insert(key);
        }
        let row = Row {
            session,
            leased_until: 0,
        };
        rows.sessions.insert(key, row);
        done(true)
    }

    fn find(&self, key: Key, now: i64) -> Pending<'_, Result<Option<Stored>, LoginError>> {
        let rows = self.rows();
        let found = rows.sessions.get(&key).map(|row| &row.session);
        done(found.filter(|session| now < session.expires).cloned())
    }

    fn replace(&self, key: Key, session: Stored) -> Pending<'_, Result<bool, LoginError>> {
        let mut rows = self.rows();
        let row = rows.sessions.get_mut(&key);
        let Some(row) = row.filter(|row| row.session.version == session.version) else {
            return done(false);
        };
        row.session.sealed = session.sealed;
        row.session.expires = session.expires;
        row.session.version += 1;
        row.leased_until = 0;
        done(true)
    }

    fn extend(&self, key: Key, expires: i64) -> Pending<'_, Result<(), LoginError>> {
        if let Some(row) = self.rows().sessions.get_mut(&key) {
            row.session.expires = expires;
        }
        done(())
    }

    fn lease(&self, key: Key, until: i64, now: i64) -> Pending<'_, Result<bool, LoginError>> {
        let mut rows = self.rows();
        let row = rows.sessions.get_mut(&key);
        let Some(row) = row.filter(|row| row.leased_until <= now) else {
            return done(false);
        };
        row.leased_until = until;
        done(true)
    }

    fn release(&self, key: Key) -> Pending<'_, Result<(), LoginError>> {
        if let Some(row) = self.rows().sessions.get_mut(&key) {
            row.leased_until = 0;
        }
        done(())
    }

    fn end(&self, key: Key, now: i64) -> Pending<'_, Result<Option<Stored>, LoginError>> {
        let ended = self.rows().remove(&key);
        done(ended.filter(|session| now < session.expires))
    }

    fn end_all(&self, ending: Ending, now: i64) -> Pending<'_, Result<u64, LoginError>> {
        let mut rows = self.rows();
        if now < ending.until {
            make_room(&mut rows.endings, Self::MAX_NAMES, |ending| ending.until, now);
            let known = rows.endings.entry(ending.whose).or_insert(ending);
            known.at = known.at.max(ending.at);
            known.until = known.until.max(ending.until);
        }
        let mut count = 0;
        for key in rows.owners.get(&ending.whose).cloned().unwrap_or_default() {
            let is_later = |row: &Row| row.session.subject == ending.whose && row.session.issued > ending.at;
            if rows.sessions.get(&key).is_some_and(is_later) {
                continue;
            }
            let ended = rows.remove(&key);
            count += u64::from(ended.is_some_and(|session| now < session.expires));
        }
        done(count)
    }

    fn is_first_use(&self, name: Key, until: i64, now: i64) -> Pending<'_, Result<bool, LoginError>> {
        let used = &mut self.rows().used;
        make_room(used, Self::MAX_NAMES, |until| *until, now);
        let is_first = used.get(&name).is_none_or(|until| *until <= now);
        if is_first {
            used.insert(name, until);
        }
        done(is_first)
    }
}
