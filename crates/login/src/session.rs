//! What is remembered: logins under way, and people who are logged in.

use std::sync::Arc;
use std::time::Duration;

use doorward_jose::sha256;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::LoginError;
use crate::attempt::{ATTEMPT_KEPT, Attempt};
use crate::network::Pending;

/// The name under which something is kept: the SHA-256 of a random value that only the browser has, so that whoever
/// reads the store can not be anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key([u8; 32]);

impl Key {
    pub(crate) fn of(value: &str) -> Self {
        Self(sha256(value.as_bytes()))
    }

    /// The 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A person who is logged in.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub(crate) sub: String,
    pub(crate) claims: Map<String, Value>,
    pub(crate) id_token: String,
    /// NumericDate.
    pub(crate) expires: i64,
}

impl Session {
    /// The person's identifier at the issuer.
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// The provider's name for its session, when it said one.
    pub fn sid(&self) -> Option<&str> {
        self.claims.get("sid").and_then(Value::as_str)
    }

    /// When it ends at the latest, NumericDate.
    pub const fn expires(&self) -> i64 {
        self.expires
    }
}

/// Keeps sessions and logins under way. Implement it to share them between processes.
pub trait SessionStore: Send + Sync + 'static {
    /// Keeps a login under way for a day. It may be answered in the first ten minutes of it; later it begins anew.
    fn begin(&self, key: Key, attempt: Attempt) -> Pending<'_, Result<(), LoginError>>;
    /// Gives a login under way and forgets it, in one step: of two callers one gets it.
    fn take(&self, key: Key) -> Pending<'_, Result<Option<Attempt>, LoginError>>;
    /// Keeps a session until it ends.
    fn insert(&self, key: Key, session: Arc<Session>) -> Pending<'_, Result<(), LoginError>>;
    /// Finds a session.
    fn find(&self, key: Key) -> Pending<'_, Result<Option<Arc<Session>>, LoginError>>;
    /// Ends a session and gives it back.
    fn end(&self, key: Key) -> Pending<'_, Result<Option<Arc<Session>>, LoginError>>;
}

/// The store in memory, bounded: the least recently used go first when it is full.
pub struct Memory {
    attempts: Cache<Key, Attempt>,
    sessions: Cache<Key, Arc<Session>>,
}

impl Memory {
    /// Most logins under way at once.
    pub const MAX_ATTEMPTS: u64 = 20_000;
    /// Most sessions at once.
    pub const MAX_SESSIONS: u64 = 50_000;

    /// An empty store whose sessions last `lifetime` at most.
    pub fn new(lifetime: Duration) -> Self {
        Self {
            attempts: Cache::builder()
                .max_capacity(Self::MAX_ATTEMPTS)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(ATTEMPT_KEPT)
                .build(),
            sessions: Cache::builder()
                .max_capacity(Self::MAX_SESSIONS)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(lifetime)
                .build(),
        }
    }
}

impl SessionStore for Memory {
    fn begin(&self, key: Key, attempt: Attempt) -> Pending<'_, Result<(), LoginError>> {
        self.attempts.insert(key, attempt);
        Box::pin(async { Ok(()) })
    }

    fn take(&self, key: Key) -> Pending<'_, Result<Option<Attempt>, LoginError>> {
        let taken = self.attempts.remove(&key);
        Box::pin(async { Ok(taken) })
    }

    fn insert(&self, key: Key, session: Arc<Session>) -> Pending<'_, Result<(), LoginError>> {
        self.sessions.insert(key, session);
        Box::pin(async { Ok(()) })
    }

    fn find(&self, key: Key) -> Pending<'_, Result<Option<Arc<Session>>, LoginError>> {
        let found = self.sessions.get(&key);
        Box::pin(async { Ok(found) })
    }

    fn end(&self, key: Key) -> Pending<'_, Result<Option<Arc<Session>>, LoginError>> {
        let ended = self.sessions.remove(&key);
        Box::pin(async { Ok(ended) })
    }
}
