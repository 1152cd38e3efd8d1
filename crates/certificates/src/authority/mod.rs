//! The private authority: one root key, sealed, that vouches for a few names and signs nothing but servers' certificates.

mod making;
mod operations;

pub use operations::{Authority, Issued, NewAuthority, NewCertificate};

pub(crate) use making::key;
pub(crate) use operations::{check_permitted, missing, open_root};
