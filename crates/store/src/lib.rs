//! The ground under every subject: units of work on SQLite or PostgreSQL, migrations, sealing, and the state of the
//! protocol (sessions, grants, codes, refresh families, keys).
//!
//! A unit of work is a closure over [`Tx`]; what it returns was committed and synced before [`Store::write`] returns.
//! One SQL text serves both engines: parameters are `$1`, `$2`, …; types are `TEXT`, `BIGINT` and `BLOB`.
//!
//! Invariants: nothing here knows what a token means or what an application may do; nothing reads the clock or draws
//! random numbers by itself.

mod change;
mod condition;
mod dialect;
mod ending;
mod error;
mod id;
mod master_file;
mod migrations;
mod postgres;
mod seal;
mod sqlite;
mod store;
mod ticket;
mod tx;
mod value;
mod writing;

pub mod app_sessions;
pub mod attempts;
pub mod codes;
pub mod consents;
pub mod data_keys;
pub mod decoupled;
pub mod grants;
pub mod ids;
pub mod logouts;
pub mod pushed_requests;
pub mod refresh;
pub mod replay;
pub mod revoked_tokens;
pub mod sessions;
pub mod settings;
pub mod signing_keys;
pub mod sweep;
pub mod turns;

#[cfg(feature = "testing")]
pub mod testing;

pub use change::{Change, Hook, Topic};
pub use condition::{Condition, condition};
pub use ending::Ending;
pub use error::StoreError;
pub use id::new_id;
pub use master_file::SealError;
pub use seal::MasterKey;
pub use store::{Location, Store};
pub use ticket::Ticket;
pub use tx::Tx;
pub use value::{Column, FromColumn, Row, Value};
