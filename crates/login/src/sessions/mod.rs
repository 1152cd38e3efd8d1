//! What is remembered: logins under way, people who are logged in, and what was ended before its time.
//!
//! A [`SessionStore`] keeps rows and knows nothing about people: names of rows are hashes, and what is in them is sealed
//! under a key that only the browser's cookie gives (`seal`). What the rows mean is in `vault`.

mod key;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
mod seal;
mod session;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;
mod vault;

pub use key::Key;
pub use memory::Memory;
#[cfg(feature = "postgres")]
pub use postgres::connect_postgres;
pub use session::Session;
#[cfg(feature = "sqlite")]
pub use sqlite::open_sqlite;

pub(crate) use session::Held;
pub(crate) use vault::{Found, SaidBy, Vault, Whose, after};

use crate::LoginError;
use crate::network::Pending;

/// A session as a store keeps it: nothing in it says who it is about.
#[derive(Clone, PartialEq, Eq)]
pub struct Stored {
    /// The session, sealed under the cookie's secret.
    pub sealed: Vec<u8>,
    /// Counts how often it was replaced: of two who replace the same version, one does.
    pub version: i64,
    /// Hash of issuer and subject: ends all sessions of a person.
    pub subject: Key,
    /// Hash of issuer and `sid`: ends what belongs to one session of the provider.
    pub provider_session: Option<Key>,
    /// When the provider said who it is (`iat` of the ID token, NumericDate): an [`Ending`] of that time or later concerns it.
    pub issued: i64,
    /// NumericDate.
    pub expires: i64,
}

/// An order of the provider to end sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Which: the [`Stored::subject`] or the [`Stored::provider_session`] of those that end.
    pub whose: Key,
    /// When it was said (NumericDate): a login of the same person that the provider completed later is another one.
    pub at: i64,
    /// Until when it is remembered, for logins that are under way now; not at all when that is not after now.
    pub until: i64,
}

/// Keeps sessions and logins under way. Implement it for a database of your own; [`Memory`], `open_sqlite`
/// and `connect_postgres` are here. All times are NumericDate, and the clock is the caller's: rows whose time is over are not given.
///
/// Every method is atomic as its words say, also between processes that share the store.
pub trait SessionStore: Send + Sync + 'static {
    /// Keeps a login under way until `expires`.
    fn begin(&self, key: Key, sealed: Vec<u8>, expires: i64, now: i64) -> Pending<'_, Result<(), LoginError>>;
    /// Gives a login under way and forgets it: of two callers one gets it.
    fn take(&self, key: Key, now: i64) -> Pending<'_, Result<Option<Vec<u8>>, LoginError>>;
    /// Keeps a new session, unless an [`Ending`] that concerns it was said at or after [`Stored::issued`]; `false` then.
    fn insert(&self, key: Key, session: Stored, now: i64) -> Pending<'_, Result<bool, LoginError>>;
    /// Finds a session.
    fn find(&self, key: Key, now: i64) -> Pending<'_, Result<Option<Stored>, LoginError>>;
    /// Replaces what is sealed in a session that still is at `session.version`, counts the version up and gives the lease
    /// back; `false` when it is not at that version any more, or gone. The hashes and `issued` stay as they are.
    fn replace(&self, key: Key, session: Stored) -> Pending<'_, Result<bool, LoginError>>;
    /// Moves the end of a session.
    fn extend(&self, key: Key, expires: i64) -> Pending<'_, Result<(), LoginError>>;
    /// Takes the right to refresh a session until `until`, unless somebody has it: of two callers one gets it.
    fn lease(&self, key: Key, until: i64, now: i64) -> Pending<'_, Result<bool, LoginError>>;
    /// Gives that right back early.
    fn release(&self, key: Key) -> Pending<'_, Result<(), LoginError>>;
    /// Ends a session and gives it back.
    fn end(&self, key: Key, now: i64) -> Pending<'_, Result<Option<Stored>, LoginError>>;
    /// Ends all sessions that this concerns, also those whose login is not complete yet; gives how many there were. Concerned
    /// are those with this [`Stored::provider_session`], and those with this [`Stored::subject`] that were
    /// [`Stored::issued`] until then.
    fn end_all(&self, ending: Ending, now: i64) -> Pending<'_, Result<u64, LoginError>>;
    /// Whether nobody has used this name before; it is remembered until `until`. Of two callers one gets `true`.
    fn is_first_use(&self, name: Key, until: i64, now: i64) -> Pending<'_, Result<bool, LoginError>>;
}
