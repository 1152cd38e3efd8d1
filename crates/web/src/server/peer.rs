//! Who is at the other end of a connection, as far as the transport can say.

use std::net::{IpAddr, Ipv4Addr};

/// The other end of a connection, put into each request's extensions by the accept loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// A TCP connection from this address.
    Tcp(IpAddr),
    /// The Unix socket; the user id comes from the kernel (`SO_PEERCRED`).
    Local {
        /// The caller's user id on this host.
        uid: u32,
    },
}

/// The client behind the peer, once the trusted proxies' word has been taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The address that throttling and the audit count.
    pub address: IpAddr,
}

impl Client {
    /// The address of a caller on this host.
    pub const LOCAL: Self = Self {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
}
