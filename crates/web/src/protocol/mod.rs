//! The protocol endpoints: HTTP in front of the provider's rules, and the store behind them.

mod addresses;
pub(crate) mod alias;
pub(crate) mod authorize;
mod bearer;
pub(crate) mod check_session;
pub(crate) mod client;
mod client_keys;
pub(crate) mod cors;
mod error;
mod grant;
pub(crate) mod introspect;
pub(crate) mod logged_out;
pub(crate) mod logout;
pub(crate) mod metadata;
pub(crate) mod par;
mod possession;
pub(crate) mod published;
pub(crate) mod registration;
mod request_objects;
mod requests;
pub(crate) mod revoke;
mod stolen;
pub(crate) mod token;
mod token_assertion;
mod token_code;
mod token_decoupled;
mod token_exchange;
mod token_refresh;
pub(crate) mod userinfo;

pub use bearer::SeenTokens;
pub use client_keys::ClientKeys;
pub(crate) use error::{Trouble, refused};
pub use metadata::Documents;
pub use request_objects::RequestObjects;
