//! The library's own way into the network, for requests that are no part of a login and go where somebody's settings say.

use std::sync::Arc;
use std::time::Duration;

pub use crate::addresses::Reach;
pub use crate::config::is_private_name;
use crate::network::{Limits, Network};
use crate::{Http, LoginError};

/// What a [`Http`] of this library's may do. It follows no redirects, and judges the address that a name has at the moment of
/// connecting: link-local, multicast and reserved addresses are never asked, private and loopback ones only within its reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarded {
    /// Certificates in PEM that are trusted besides the machine's.
    pub ca_pem: Option<Vec<u8>>,
    /// How far it goes.
    pub reach: Reach,
    /// How long until there is a connection.
    pub connect: Duration,
    /// How long for everything.
    pub whole: Duration,
}

impl Guarded {
    /// Makes it.
    ///
    /// # Errors
    /// Certificates that are none.
    pub fn build(&self) -> Result<Arc<dyn Http>, LoginError> {
        Ok(Arc::new(Network::new(
            self.ca_pem.as_deref(),
            &Limits {
                connect: self.connect,
                answer: self.whole,
                whole: self.whole,
                reach: self.reach,
            },
        )?))
    }
}
