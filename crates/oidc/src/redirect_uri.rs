//! Redirect URIs: what may be registered, and what matches it. Compared as bytes (RFC 9700 §2.1), with the one exception
//! that RFC 8252 §7.3 makes: the port of a loopback address is whatever the person's device had free.

mod difference;
mod registration;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use difference::{Difference, Divergence};

use crate::Refusal;

/// A redirect URI that passed registration. Its bytes are kept exactly as they were written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Largest redirect URI in bytes.
    pub const MAX_BYTES: usize = 2048;

    /// Checks a URI for registration: absolute, no fragment, no user information, no wildcard, and `https` unless it
    /// stays on the person's device (loopback `http`, or a private-use scheme that holds a dot, RFC 8252 §7.1).
    ///
    /// # Errors
    /// [`crate::catalogue::REDIRECT_URI_UNSUITABLE`] says which rule.
    pub fn register(uri: &str) -> Result<Self, Refusal> {
        registration::check(uri)?;
        Ok(Self(uri.to_owned()))
    }

    /// The URI as registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `received` is this URI: equal bytes, or equal but for the port when both are `http` on the same loopback
    /// host (`127.0.0.1`, `[::1]`, `localhost`; none stands for another).
    pub fn matches(&self, received: &str) -> bool {
        if self.0 == received {
            return true;
        }
        match (Loopback::parse(&self.0), Loopback::parse(received)) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => false,
        }
    }

    /// Whether it is `http` on a loopback host, so that any port matches.
    pub fn is_loopback(&self) -> bool {
        Loopback::parse(&self.0).is_some()
    }

    /// Scheme, host and port, for a `form-action` source or a CORS origin; `None` for a private-use scheme.
    pub fn origin(&self) -> Option<String> {
        let url = url::Url::parse(&self.0).ok()?;
        matches!(url.scheme(), "https" | "http").then(|| url.origin().ascii_serialization())
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = Refusal;
    fn try_from(uri: String) -> Result<Self, Refusal> {
        Self::register(&uri)
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.0
    }
}

/// `http` on a loopback host with its port left out: two equal values match (RFC 8252 §7.3).
#[derive(PartialEq, Eq)]
struct Loopback<'a> {
    host: &'a str,
    rest: &'a str,
}

impl<'a> Loopback<'a> {
    fn parse(uri: &'a str) -> Option<Self> {
        let after = uri.strip_prefix("http://")?;
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, rest) = after.split_at_checked(end)?;
        let host = ["127.0.0.1", "[::1]", "localhost"]
            .into_iter()
            .find_map(|host| authority.strip_prefix(host).map(|port| (host, port)));
        let (host, port) = host?;
        // A port is digits: `localhost:1@evil` and `localhost.evil` are other hosts.
        let is_port = match port.strip_prefix(':') {
            None => port.is_empty(),
            Some(digits) => {
                digits.len() <= 5
                    && digits
                        .parse::<u16>()
                        .is_ok_and(|_| digits.bytes().all(|b| b.is_ascii_digit()))
            }
        };
        is_port.then_some(Self { host, rest })
    }
}

/// The redirect URIs of one application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RedirectUris(Vec<RedirectUri>);

impl RedirectUris {
    /// Checks and collects; a URI that comes twice is kept once.
    ///
    /// # Errors
    /// The first URI that may not be registered.
    pub fn register<'a>(uris: impl IntoIterator<Item = &'a str>) -> Result<Self, Refusal> {
        let mut set = Self::default();
        for uri in uris {
            set.insert(RedirectUri::register(uri)?);
        }
        Ok(set)
    }

    /// Adds one unless it is there.
    pub fn insert(&mut self, uri: RedirectUri) {
        if !self.0.contains(&uri) {
            self.0.push(uri);
        }
    }

    /// Takes one out; whether it was there.
    pub fn remove(&mut self, uri: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|other| other.0 != uri);
        self.0.len() != before
    }

    /// The registered URI that `received` matches.
    pub fn find(&self, received: &str) -> Option<&RedirectUri> {
        self.0.iter().find(|uri| uri.matches(received))
    }

    /// The registered URI that looks most like `received`, with the first place where they differ. `None` when none is
    /// registered, or when one matches.
    pub fn closest(&self, received: &str) -> Option<(&RedirectUri, Difference)> {
        if self.find(received).is_some() {
            return None;
        }
        let nearest = self.0.iter().min_by_key(|uri| difference::distance(&uri.0, received))?;
        Difference::between(&nearest.0, received).map(|difference| (nearest, difference))
    }

    /// The only one, when there is exactly one (RFC 6749 §3.1.2.3: it may then be omitted by plain OAuth clients).
    pub fn only(&self) -> Option<&RedirectUri> {
        match self.0.as_slice() {
            [uri] => Some(uri),
            _ => None,
        }
    }

    /// In the order of registration.
    pub fn iter(&self) -> impl Iterator<Item = &RedirectUri> {
        self.0.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is registered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
