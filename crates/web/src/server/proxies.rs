//! Forwarded headers are believed from listed proxies only.

use std::net::IpAddr;

use http::{
    HeaderMap, Uri,
    header::{self, HeaderName},
};
use ipnet::IpNet;

use super::{Client, Peer};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// More hops than this is not a proxy chain but an attempt to make us work.
const MAX_HOPS: usize = 32;

/// The proxies whose `X-Forwarded-For` counts. Empty: nobody's.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Trusts exactly these networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether nobody is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `address` is one of them.
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether the other end of a connection is one of them.
    pub fn is_one(&self, peer: Peer) -> bool {
        matches!(peer, Peer::Tcp(address) if self.trusts(address))
    }

    /// The hosts that a request may be meant for: the one that a trusted proxy says it was asked for, and the one that it names.
    /// Proxies append to what the client sent: the last one counts.
    pub fn hosts<'a>(
        &self,
        peer: Option<Peer>,
        uri: &'a Uri,
        headers: &'a HeaderMap,
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let forwarded = peer
            .filter(|peer| self.is_one(*peer))
            .and_then(|_| headers.get_all(X_FORWARDED_HOST).iter().next_back())
            .and_then(|value| value.to_str().ok())
            .and_then(|hosts| hosts.rsplit(',').next())
            .map(str::trim);
        let named = uri
            .authority()
            .map(http::uri::Authority::as_str)
            .or_else(|| text(header::HOST));
        forwarded.into_iter().chain(named)
    }

    /// The client behind `peer`: from the right, the first address in `X-Forwarded-For` that is not itself a
    /// trusted proxy. A value that does not parse ends the walk at the last good hop, so that a client can not
    /// choose its own address by sending rubbish.
    pub fn client(&self, peer: Peer, headers: &HeaderMap) -> Client {
        let Peer::Tcp(direct) = peer else { return Client::LOCAL };
        let mut address = direct.to_canonical();
        if !self.trusts(address) {
            return Client { address };
        }
        // Bytes, because proxies append to whatever the client sent: what is right of a client's rubbish still counts.
        let values = headers.get_all(X_FORWARDED_FOR).iter().rev();
        let hops = values.flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b','));
        for hop in hops.take(MAX_HOPS) {
            let hop = std::str::from_utf8(hop).ok().map(str::trim);
            let Some(parsed) = hop.and_then(parse_hop) else { break };
            address = parsed;
            if !self.trusts(address) {
                break;
            }
        }
        Client { address }
    }
}

/// An address with or without a port, IPv6 with or without brackets.
fn parse_hop(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical());
    }
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some(socket.ip().to_canonical());
    }
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    inner.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(
                X_FORWARDED_FOR,
                http::HeaderValue::from_bytes(value.as_bytes()).unwrap(),
            );
        }
        headers
    }

    fn client(trusted: &[&str], peer: &str, forwarded: &[&str]) -> String {
        let proxies = TrustedProxies::new(trusted.iter().map(|t| t.parse().unwrap()).collect());
        proxies
            .client(Peer::Tcp(peer.parse().unwrap()), &headers(forwarded))
            .address
            .to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        assert_eq!(client(&[], "203.0.113.9", &["10.0.0.1"]), "203.0.113.9");
        assert_eq!(client(&["10.0.0.0/8"], "203.0.113.9", &["10.0.0.1"]), "203.0.113.9");
    }

    #[test]
    fn a_listed_proxy_is_believed_from_the_right() {
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.2", &["198.51.100.1, 203.0.113.9"]),
            "203.0.113.9"
        );
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.2", &["203.0.113.9, 10.0.0.3"]),
            "203.0.113.9"
        );
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.2", &["198.51.100.1", "[2001:db8::7]:443"]),
            "2001:db8::7"
        );
    }

    #[test]
    fn the_host_that_was_asked_for_is_a_listed_proxys_word_or_the_requests_own() {
        let hosts = |trusted: &[&str], peer: &str| {
            let proxies = TrustedProxies::new(trusted.iter().map(|t| t.parse().unwrap()).collect());
            let mut headers = HeaderMap::new();
            headers.insert("host", "inside:8080".parse().unwrap());
            headers.insert("x-forwarded-host", "stranger.example, old.example.com".parse().unwrap());
            let peer = Peer::Tcp(peer.parse().unwrap());
            let uri = Uri::from_static("/token");
            let hosts = proxies.hosts(Some(peer), &uri, &headers);
            hosts.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(hosts(&["10.0.0.0/8"], "10.0.0.2"), ["old.example.com", "inside:8080"]);
        assert_eq!(hosts(&["10.0.0.0/8"], "203.0.113.9"), ["inside:8080"]);
    }

    #[test]
    fn rubbish_ends_the_walk_at_the_last_good_hop() {
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.2", &["1.2.3.4, unknown, 10.0.0.3"]),
            "10.0.0.3"
        );
        assert_eq!(client(&["10.0.0.0/8"], "::ffff:10.0.0.2", &[""]), "10.0.0.2");
    }
    #[test]
    fn bytes_that_are_no_text_hide_nobody() {
        assert_eq!(
            client(&["10.0.0.0/8"], "10.0.0.2", &["grün, 203.0.113.9"]),
            "203.0.113.9"
        );
        let mut raw = headers(&[]);
        raw.append(
            X_FORWARDED_FOR,
            http::HeaderValue::from_bytes(b"\xff, 203.0.113.9").unwrap(),
        );
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let peer = Peer::Tcp("10.0.0.2".parse().unwrap());
        assert_eq!(proxies.client(peer, &raw).address.to_string(), "203.0.113.9");
    }
}
