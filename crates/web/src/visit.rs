//! One request, as every handler sees it: when, from where, in which language, with which cookies.

use std::{convert::Infallible, sync::Arc};

use axum::extract::FromRequestParts;
use doorward_directory::Origin;
use http::{HeaderMap, header, request::Parts};
use jiff::Timestamp;

use crate::{
    Door,
    certificate::PresentedChain,
    cookies::Kind,
    pages::{Chrome, Lang, Shade, Viewer},
    protocol::alias::AskedIssuer,
    server::{Client, Peer},
};

/// A browser tells its name in at most this many bytes; the rest is cut off.
const MAX_USER_AGENT: usize = 300;

/// The request at hand. An axum extractor that cannot fail.
pub(crate) struct Visit {
    /// Read once; everything below gets it as a parameter.
    pub(crate) now: Timestamp,
    /// Where the client is, trusted proxies' word taken.
    pub(crate) client: Client,
    /// The language of the browser.
    pub(crate) lang: Lang,
    /// All headers.
    pub(crate) headers: HeaderMap,
    /// The certificate that the client presented, unread.
    pub(crate) certificate: Option<PresentedChain>,
    /// The issuer of an earlier provider that was asked.
    pub(crate) asked: Option<AskedIssuer>,
}

impl FromRequestParts<Arc<Door>> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Infallible> {
        let client = parts
            .extensions
            .get::<Peer>()
            .map_or(Client::LOCAL, |peer| door.proxies.client(*peer, &parts.headers));
        let accepted = parts
            .headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let is_from_proxy = parts
            .extensions
            .get::<Peer>()
            .is_some_and(|peer| door.proxies.is_one(*peer));
        let connection = parts.extensions.get::<PresentedChain>();
        let certificate = door
            .mtls
            .presented(connection, (&parts.uri, &parts.headers), is_from_proxy);
        Ok(Self {
            certificate,
            asked: parts.extensions.get::<AskedIssuer>().cloned(),
            now: door.clock.now(),
            client,
            lang: Lang::choose(None, accepted),
            headers: parts.headers.clone(),
        })
    }
}

impl Visit {
    /// Seconds since the epoch, as the protocol counts.
    pub(crate) fn seconds(&self) -> i64 {
        self.now.as_second()
    }

    /// One of our cookies.
    pub(crate) fn cookie(&self, door: &Door, kind: Kind) -> Option<&str> {
        door.cookies.read(&self.headers, kind)
    }

    /// What binds this browser's login attempts to it; see [`crate::cookies`].
    pub(crate) fn bindings(&self, door: &Door) -> Vec<&str> {
        door.cookies.bindings(&self.headers)
    }

    /// For the directory: where a password comes from.
    pub(crate) fn origin(&self, door: &Door) -> Origin {
        Origin {
            address: self.client.address,
            browser: self.cookie(door, Kind::Browser).map(str::to_owned),
        }
    }

    /// What the browser calls itself.
    pub(crate) fn user_agent(&self) -> &str {
        let agent = self
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        agent.get(..MAX_USER_AGENT).unwrap_or(agent)
    }

    /// What surrounds a page.
    pub(crate) fn chrome<'a>(&self, door: &'a Door, viewer: Option<Viewer<'a>>) -> Chrome<'a> {
        Chrome {
            lang: self.lang,
            brand: &door.brand,
            base: "",
            viewer,
            theme: match viewer {
                Some(viewer) => viewer.theme,
                None => self.cookie(door, Kind::Theme).and_then(Shade::from_word),
            },
            has_upstreams: door.upstreams.are_any(),
            has_mail: door.outbox.is_on(),
        }
    }

    /// Whether the browser says that a form came from our own page. Browsers that say nothing are judged by the
    /// form's token alone.
    pub(crate) fn is_same_origin(&self, door: &Door) -> bool {
        if let Some(site) = self.headers.get("sec-fetch-site") {
            return site == "same-origin" || site == "none";
        }
        match self.headers.get(header::ORIGIN) {
            Some(origin) => origin.as_bytes() == door.origin.as_bytes(),
            None => true,
        }
    }
}
