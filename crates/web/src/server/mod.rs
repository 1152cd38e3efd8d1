//! The accept loop: TCP with or without TLS, and the Unix socket of the command line.
//!
//! Invariant: nothing here knows what a request means. A connection gets a [`Peer`] and the [`Front`].

mod accept;
mod connection;
mod front;
mod patience;
mod peer;
mod places;
mod proxies;
mod tls;
mod unix;

pub use accept::{Listener, Shutdown, serve};
pub use front::{Front, Prepared};
pub use peer::{Client, Peer};
pub use proxies::TrustedProxies;
pub use tls::{Certificate, CertificateFiles, TlsError};
pub use unix::UnixError;
