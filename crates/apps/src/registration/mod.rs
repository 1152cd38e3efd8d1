//! Applications that register themselves (RFC 7591) and manage what they registered (RFC 7592): whether they may, with which
//! tokens, and what becomes of them.
//!
//! Nobody vouches for such an application: people are asked before it learns anything, PKCE is demanded, it has no tile on the
//! start page, it lets in whom the policy says, and it goes when nobody has used it.

mod clients;
mod metadata;
mod policy;
mod tokens;

pub use clients::{Registered, RegistrationSweep, RegistrationUse};
pub use metadata::ClientMetadata;
pub use policy::{ClientRegistration, ClientRegistrationEdit, RegistrationMode};
pub use tokens::{InitialAccessToken, NewInitialAccessToken};

pub(crate) use policy::{change, load as load_policy, named};
