//! The rules of the provider: what must hold for each request of OpenID Connect and OAuth 2, and what comes of it.
//!
//! Pure: no I/O, no clock, no dice of its own. Functions take parsed requests ([`doorward_oidc`]), the application, what
//! the directory says of the person, keys, the time and randomness, and return values that the web layer stores and
//! sends. Every check reports a step to a [`Steps`] collector, and every refusal is a value from [`REFUSALS`].
//!
//! Times are seconds since the epoch (NumericDate).

mod access;
pub mod access_token;
pub mod alias;
pub mod authorize;
pub mod client_authentication;
mod confirmation;
pub mod cors;
pub mod decoupled;
pub mod dpop;
pub mod extent;
pub mod introspection;
pub mod issue;
mod issued_id_token;
mod keyed;
mod keyring;
pub mod logout;
pub mod logout_token;
pub mod metadata;
mod refusals;
pub mod revocation;
pub mod rotation;
mod scope;
mod server;
mod session_state;
pub mod signed_request;
mod steps;
mod subject;
#[cfg(test)]
mod testing;
mod text;
pub mod token;
pub mod userinfo;

use doorward_jose::JoseError;
use doorward_oidc::Refusal;

pub use access::PERSON_DISABLED;
pub use access_token::AccessToken;
pub use confirmation::{CERTIFICATE_MISSING, Confirmation, TOKEN_KEY_NOT_SHOWN, certificate_missing, is_shown};
pub use extent::Extent;
pub use issue::{GrantFacts, Issued, Mint};
pub use keyed::Keyed;
pub use keyring::{KeyRing, RingKey};
pub use refusals::REFUSALS;
pub use server::{MutualTls, Server, path};
pub use session_state::session_state;
pub use steps::{Outcome, Step, Steps};
pub use subject::{PairwiseSalt, subject};

/// Why a request has no answer: it was refused, or the machine failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The request was refused; the client learns it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A key is missing or the library failed; the client learns `server_error` and nothing else.
    #[error(transparent)]
    Machine(#[from] JoseError),
}
