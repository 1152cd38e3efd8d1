//! Forwarded addresses and cookies: first line the peer, each further line one `X-Forwarded-For` and one `Cookie`.
//!
//! The files are compiled into this target, because the crate around them brings the whole web server.

use std::net::IpAddr;

use cookies::{Cookies, Kind};
use http::{HeaderMap, HeaderValue};
use server::{Peer, TrustedProxies};

#[allow(dead_code, reason = "this target needs a part of it")]
#[path = "../../crates/web/src/cookies.rs"]
mod cookies;

#[allow(dead_code, reason = "this target needs a part of it")]
#[path = "../../crates/web/src/server"]
mod server {
    mod peer;
    mod proxies;

    pub use peer::{Client, Peer};
    pub use proxies::TrustedProxies;
}

pub(crate) fn run(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let peer = lines
        .next()
        .and_then(|line| std::str::from_utf8(line).ok())
        .and_then(|line| line.parse::<IpAddr>().ok());
    let peer = peer.unwrap_or(IpAddr::from([10, 0, 0, 2]));
    let mut headers = HeaderMap::new();
    for line in lines.take(64) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append("x-forwarded-for", value.clone());
            headers.append("cookie", value);
        }
    }
    let nobody = TrustedProxies::new(Vec::new());
    assert_eq!(nobody.client(Peer::Tcp(peer), &headers).address, peer.to_canonical());

    let inside = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()]);
    let client = inside.client(Peer::Tcp(peer), &headers).address;
    let trusted = |address: IpAddr| match address {
        IpAddr::V4(address) => address.octets()[0] == 10,
        IpAddr::V6(address) => address.segments()[..2] == [0x2001, 0xdb8],
    };
    // A stranger's word counts for nothing.
    assert!(trusted(peer.to_canonical()) || client == peer.to_canonical());

    for secure in [true, false] {
        let cookies = Cookies::new(secure);
        if let Some(ticket) = cookies.read(&headers, Kind::Session) {
            let name = if secure {
                "__Host-doorward-session"
            } else {
                "doorward-session"
            };
            // Byte by byte, because a neighbour's cookie need not be text.
            let prefix = [name.as_bytes(), b"="].concat();
            let values: Vec<_> = headers
                .get_all("cookie")
                .iter()
                .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
                .filter_map(|pair| pair.trim_ascii_start().strip_prefix(prefix.as_slice()))
                .map(<[u8]>::trim_ascii_end)
                .collect();
            assert_eq!(values, [ticket.as_bytes()]);
        }
    }
}
