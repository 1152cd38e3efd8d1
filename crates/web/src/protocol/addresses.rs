//! How addresses that applications have are asked: for what they publish or sign (`jwks_uri`, `request_uri`). What they are told of logouts
//! goes another way, since that waits.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use doorward_login::{Guarded, Http, HttpAnswer, HttpRequest, LoginError, Reach};
use http::{HeaderMap, HeaderValue, header};

/// Somebody waits meanwhile.
pub(super) const PATIENCE: Duration = Duration::from_secs(4);

/// The two ways there, each made when the first application needs it: most servers have none that does.
pub(super) struct Addresses {
    ca_pem: Option<Vec<u8>>,
    public: OnceLock<Arc<dyn Http>>,
    private: OnceLock<Arc<dyn Http>>,
}

impl Addresses {
    /// Trusts the certificates in `ca_pem` besides the machine's.
    pub(super) fn new(ca_pem: Option<Vec<u8>>) -> Self {
        Self {
            ca_pem,
            public: OnceLock::new(),
            private: OnceLock::new(),
        }
    }

    /// What is at this address, without following redirects.
    pub(super) async fn get(
        &self,
        uri: &str,
        allow_private: bool,
        (accept, max_bytes): (&'static str, usize),
    ) -> Result<HttpAnswer, LoginError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        let request = HttpRequest {
            url: uri.to_owned(),
            max_bytes,
            headers,
            ..HttpRequest::default()
        };
        self.way(allow_private)?.send(request).await
    }

    fn way(&self, allow_private: bool) -> Result<&Arc<dyn Http>, LoginError> {
        let way = if allow_private { &self.private } else { &self.public };
        if let Some(http) = way.get() {
            return Ok(http);
        }
        let guarded = Guarded {
            ca_pem: self.ca_pem.clone(),
            reach: if allow_private { Reach::Loopback } else { Reach::Public },
            connect: PATIENCE,
            whole: PATIENCE,
        };
        let made = guarded.build()?;
        Ok(way.get_or_init(|| made))
    }
}
