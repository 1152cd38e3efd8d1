//! JOSE: keys, signatures, encryption and key sets, with strict verification policies. Knows nothing about OpenID.

mod random;
mod secret;

pub use random::{Random, SystemRandom};
pub use secret::Secret;
