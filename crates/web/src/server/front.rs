//! What a connection hands its requests to: the router, and before it what is answered with bytes that are there already.

use std::sync::Arc;

use axum::Router;
use bytes::Bytes;
use http::{HeaderMap, Method, Response, Uri};

use super::Peer;
use crate::certificate::PresentedChain;

/// Answers that cost less than asking the router for them would.
pub trait Prepared: Send + Sync {
    /// The whole answer to a request without a body, or `None` when the router has to be asked.
    fn answer(&self, peer: Peer, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response<Bytes>>;
}

/// Router and prepared answers. Cheap to clone.
#[derive(Clone)]
pub struct Front {
    pub(super) router: Router,
    prepared: Option<Arc<dyn Prepared>>,
    /// What the connection's client presented.
    pub(super) certificate: Option<PresentedChain>,
}

impl Front {
    /// A router behind answers that are prepared.
    pub fn new(router: Router, prepared: Arc<dyn Prepared>) -> Self {
        Self {
            router,
            prepared: Some(prepared),
            certificate: None,
        }
    }

    /// The prepared answer, if there is one.
    pub(super) fn prepared<B: hyper::body::Body>(
        &self,
        peer: Peer,
        request: &http::Request<B>,
    ) -> Option<Response<Bytes>> {
        let prepared = self.prepared.as_ref()?;
        if !request.body().is_end_stream() {
            return None;
        }
        prepared.answer(peer, request.method(), request.uri(), request.headers())
    }
}

impl From<Router> for Front {
    fn from(router: Router) -> Self {
        Self {
            router,
            prepared: None,
            certificate: None,
        }
    }
}

impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Front").finish_non_exhaustive()
    }
}
