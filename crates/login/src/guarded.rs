//! The library's own way into the network, for requests that are no part of a login and go where somebody's settings say.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use url::Url;

use crate::LoginError;
pub use crate::addresses::{Reach, is_this_machine};
pub use crate::config::is_private_name;
use crate::network::{Http, HttpAnswer, HttpRequest, Limits, Network, Pending, require_usable};

/// Three ways into the network, each made when the first request goes there. They follow no redirects, and judge the address that a
/// name has at the moment of connecting: link-local, multicast and reserved addresses are never asked, private and loopback ones only
/// within the reach of the way.
pub struct Guarded {
    public: Way,
    private_networks: Way,
    loopback: Way,
}

struct Way {
    ca_pem: Option<Arc<[u8]>>,
    limits: Limits,
    made: OnceLock<Network>,
}

impl Guarded {
    /// `ca_pem` are certificates that are trusted besides the machine's, `connect` is how long until there is a connection, `whole` how
    /// long for everything.
    ///
    /// # Errors
    /// Certificates that are none.
    pub fn new(ca_pem: Option<&[u8]>, connect: Duration, whole: Duration) -> Result<Self, LoginError> {
        require_usable(ca_pem)?;
        let ca_pem: Option<Arc<[u8]>> = ca_pem.map(Arc::from);
        let way = |reach| Way {
            ca_pem: ca_pem.clone(),
            limits: Limits {
                connect,
                answer: whole,
                whole,
                reach,
            },
            made: OnceLock::new(),
        };
        Ok(Self {
            public: way(Reach::Public),
            private_networks: way(Reach::PrivateNetworks),
            loopback: way(Reach::Loopback),
        })
    }

    /// The way that goes so far.
    pub fn within(&self, reach: Reach) -> &dyn Http {
        match reach {
            Reach::Public => &self.public,
            Reach::PrivateNetworks => &self.private_networks,
            Reach::Loopback => &self.loopback,
        }
    }
}

impl Way {
    fn network(&self) -> Result<&Network, LoginError> {
        if let Some(network) = self.made.get() {
            return Ok(network);
        }
        let made = Network::new(self.ca_pem.as_deref(), &self.limits)?;
        Ok(self.made.get_or_init(|| made))
    }
}

impl Http for Way {
    fn send(&self, request: HttpRequest) -> Pending<'_, Result<HttpAnswer, LoginError>> {
        Box::pin(async move { self.network()?.send(request).await })
    }
}

impl LoginError {
    /// Why an address of an application is not asked because of where it is, in words for whoever administers the application. `allow` is
    /// the command of the setting with the loud name, which is named where it would help. `None` for every other error.
    pub fn out_of_reach(&self, allow: &str) -> Option<String> {
        let Self::PrivateAddress { url, received } = self else {
            return None;
        };
        let parsed = Url::parse(url).ok();
        let host = parsed.as_ref().and_then(Url::host_str).unwrap_or(url);
        let is_never_asked = received
            .parse::<IpAddr>()
            .is_ok_and(|address| Reach::needed_for(address).is_none());
        Some(if is_never_asked {
            format!(
                "{host} is at {received}, which is never asked: link-local, multicast and reserved addresses are no application's"
            )
        } else {
            format!("{host} is at {received}, which is not public; if it is meant to be there: {allow}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_to_loopback_is_asked_by_the_way_that_goes_so_far_alone() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        let ways = Guarded::new(None, Duration::from_secs(5), Duration::from_secs(1)).unwrap();
        for reach in [Reach::Public, Reach::PrivateNetworks, Reach::Loopback] {
            let request = HttpRequest {
                url: url.clone(),
                ..HttpRequest::default()
            };
            let Err(error) = ways.within(reach).send(request).await else {
                panic!("{reach:?} was answered");
            };
            let is_refused = matches!(error, LoginError::PrivateAddress { .. });
            assert_eq!(is_refused, reach < Reach::Loopback, "{reach:?}: {error}");
            // What was asked has connected, and nobody answers it.
            let knocked = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
            assert_eq!(knocked.is_ok(), reach == Reach::Loopback, "{reach:?}");
        }
    }

    #[test]
    fn certificates_that_are_none_are_refused_when_the_ways_are_made() {
        for pem in [
            "no certificate",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let made = Guarded::new(Some(pem.as_bytes()), Duration::from_secs(1), Duration::from_secs(1));
            let error = made.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains("ca_pem"), "{pem}: {error}");
        }
    }
}
