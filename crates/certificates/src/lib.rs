//! Certificates without thought: the server's own, from an ACME authority (RFC 8555) or from a private one that it keeps
//! itself.
//!
//! [`Certificates`] is the service. [`Certificates::round`] is its background work: it fetches or issues what is due and loads
//! what another node fetched; [`Certificates::current`] is what the TLS acceptor presents. Accounts, orders and certificates are
//! rows, keys are sealed, so that a cluster shares them and a restart goes on where it was. The private authority can vouch
//! for few names only, and its certificate says so (name constraints, RFC 5280 §4.2.1.10).
//!
//! Invariants: knows nothing of pages and requests; reads no clock; every administrative change takes an actor and checks its
//! right inside the unit of work.

mod acme;
mod authority;
mod client;
mod error;
mod install;
mod names;
mod refusals;
mod rows;
mod service;
mod status;
mod x509;

pub use acme::{AcmeSettings, LETS_ENCRYPT, Proof};
pub use authority::{Authority, Issued, NewAuthority, NewCertificate};
pub use client::ClientAuthorities;
pub use error::CertificatesError;
pub use install::{Install, install};
pub use names::{Name, Permitted};
pub use refusals::*;
pub use service::{Certificates, Source};
pub use status::{Problem, Served, Status};
