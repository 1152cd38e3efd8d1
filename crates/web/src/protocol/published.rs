//! Discovery and the keys, answered before the router: every relying party fetches them, and the way through routes and
//! layers costs more than the answer.

use std::{sync::Arc, time::Instant};

use axum::body::Bytes;
use doorward_provider::{alias, path};
use http::{HeaderMap, Method, Response, StatusCode, Uri};
use metrics::{Counter, Histogram};

use crate::{
    Door,
    server::{Peer, Prepared},
    telemetry,
};

/// The server's own documents while they are as they were when last made. Whatever else is asked for, and the first
/// question after a change, is the router's.
pub(crate) struct Published {
    door: Arc<Door>,
    discovery: Counts,
    jwks: Counts,
}

/// The series in which the router would count the same answers.
struct Counts {
    sent: Counter,
    not_modified: Counter,
    took: Histogram,
}

impl Published {
    pub(crate) fn new(door: Arc<Door>) -> Self {
        Self {
            door,
            discovery: Counts::new(path::DISCOVERY),
            jwks: Counts::new(path::JWKS),
        }
    }
}

impl Counts {
    fn new(route: &'static str) -> Self {
        Self {
            sent: telemetry::requests(route, "GET", StatusCode::OK),
            not_modified: telemetry::requests(route, "GET", StatusCode::NOT_MODIFIED),
            took: telemetry::duration(route),
        }
    }

    fn count(&self, status: StatusCode, began: Instant) {
        if status == StatusCode::NOT_MODIFIED {
            self.not_modified.increment(1);
        } else {
            self.sent.increment(1);
        }
        self.took.record(began.elapsed().as_secs_f64());
    }
}

impl Prepared for Published {
    fn answer(&self, peer: Peer, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response<Bytes>> {
        // The socket has the API and nothing else, and says so.
        if method != Method::GET || matches!(peer, Peer::Local { .. }) {
            return None;
        }
        let began = Instant::now();
        let (response, counts) = match uri.path() {
            path::DISCOVERY => (self.made()?.discovery.respond(headers), &self.discovery),
            path::JWKS => (self.made()?.jwks.respond(headers), &self.jwks),
            asked => (self.at_alias(peer, asked, uri, headers)?, &self.discovery),
        };
        counts.count(response.status(), began);
        Some(response)
    }
}

impl Published {
    fn at_alias(&self, peer: Peer, asked: &str, uri: &Uri, headers: &HeaderMap) -> Option<Response<Bytes>> {
        if !alias::may_be_below(asked) {
            return None;
        }
        let hosts: Vec<&str> = self.door.proxies.hosts(Some(peer), uri, headers).collect();
        Some(self.made()?.at_alias(&hosts, asked)?.respond(headers))
    }

    fn made(&self) -> Option<Arc<super::metadata::Made>> {
        self.door.documents.current(&self.door)
    }
}
