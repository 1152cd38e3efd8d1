//! A certificate from an ACME authority (RFC 8555).

mod challenge;
mod http;
mod refused;
mod settings;
mod walk;

pub use settings::{AcmeSettings, LETS_ENCRYPT, Proof};

pub(crate) use challenge::{HTTP, TLS_ALPN, certificate as challenge_certificate};
pub(crate) use walk::obtain;
