//! Which addresses may be asked. What a provider's metadata name is the provider's choice, and a name may resolve to
//! something else at every look, so it is the resolved address that is judged, at the moment of connecting.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A refused address.
#[derive(Debug, thiserror::Error)]
#[error("{host} is at {address}, which is not public")]
pub(crate) struct NotAllowed {
    pub(crate) host: String,
    pub(crate) address: IpAddr,
}

/// How far requests may go, by the address that a name turns out to have; each reaches what the one before it does. Link-local,
/// multicast and reserved addresses are within none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Addresses of the public network.
    Public,
    /// Private networks too (RFC 1918, RFC 4193 and the like), but not loopback addresses.
    PrivateNetworks,
    /// The loopback addresses of this machine too.
    Loopback,
}

impl Reach {
    /// To a provider, which may well run on this machine where it may be in a private network at all.
    pub(crate) fn of_provider(may_be_private: bool) -> Self {
        if may_be_private { Self::Loopback } else { Self::Public }
    }
}

/// Which addresses may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addresses {
    pub(crate) reach: Reach,
    /// Hosts of the proxies that the environment names: the operator's own, wherever they are.
    pub(crate) proxies: Vec<String>,
}

impl Addresses {
    pub(crate) fn check(&self, host: &str, address: IpAddr) -> Result<(), NotAllowed> {
        let is_proxy = || self.proxies.iter().any(|proxy| proxy == host);
        if kind(address).is_some_and(|needed| needed <= self.reach || is_proxy()) {
            return Ok(());
        }
        Err(NotAllowed {
            host: host.to_owned(),
            address,
        })
    }
}

impl Resolve for Addresses {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = self.clone();
        Box::pin(async move {
            let host = name.as_str();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
            // One private address among public ones is how rebinding begins: all or nothing.
            for address in &found {
                rule.check(host, address.ip())?;
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Whether an address is one of the public network.
pub(crate) fn is_public(address: IpAddr) -> bool {
    kind(address) == Some(Reach::Public)
}

/// How far one must reach for an address; `None` for what no provider can be at: link-local (where clouds keep credentials),
/// multicast, reserved.
fn kind(address: IpAddr) -> Option<Reach> {
    match address {
        IpAddr::V4(address) => kind_v4(address),
        IpAddr::V6(address) => kind_v6(address),
    }
}

fn kind_v4(address: Ipv4Addr) -> Option<Reach> {
    match address.octets() {
        [169, 254, ..] | [0 | 224..=255, ..] | [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => None,
        [127, ..] => Some(Reach::Loopback),
        // RFC 1918, RFC 6598 (shared), RFC 2544 (benchmarks).
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] | [198, 18 | 19, ..] => {
            Some(Reach::PrivateNetworks)
        }
        _ => Some(Reach::Public),
    }
}

fn kind_v6(address: Ipv6Addr) -> Option<Reach> {
    if let Some(inner) = address.to_ipv4_mapped() {
        return kind_v4(inner);
    }
    if address.is_loopback() {
        return Some(Reach::Loopback);
    }
    match address.segments() {
        // An IPv4 address inside of one of these is what is reached: 6to4 (RFC 3056), NAT64 (RFC 6052), compatible.
        [0x2002, high, low, ..] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0, 0, 0, 0, 0, 0, high, low] => {
            kind_v4(embedded(high, low))
        }
        // Unique local (RFC 4193), local-use NAT64 (RFC 8215).
        [0xfc00..=0xfdff, ..] | [0x64, 0xff9b, 1, ..] => Some(Reach::PrivateNetworks),
        // Global unicast is 2000::/3; documentation and Teredo inside of it are nobody's provider.
        [0x2001, 0 | 0xdb8, ..] => None,
        [0x2000..=0x3fff, ..] => Some(Reach::Public),
        _ => None,
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

/// The hosts of the proxies in the environment.
pub(crate) fn environment_proxies() -> Vec<String> {
    let names = [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
    ];
    let values = names.into_iter().filter_map(|name| std::env::var(name).ok());
    values
        .filter_map(|value| {
            let with_scheme = if value.contains("://") {
                value
            } else {
                format!("http://{value}")
            };
            let url = url::Url::parse(&with_scheme).ok()?;
            url.host_str().map(str::to_owned)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(text: &str) -> Option<Reach> {
        kind(text.parse().unwrap())
    }

    #[test]
    fn public_private_and_never_are_told_apart() {
        for public in [
            "8.8.8.8",
            "100.63.255.255",
            "172.32.0.1",
            "2600::1",
            "2a00:1450::1",
            "64:ff9b::808:808",
        ] {
            assert_eq!(kind_of(public), Some(Reach::Public), "{public}");
        }
        for private in [
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
        ] {
            assert_eq!(kind_of(private), Some(Reach::PrivateNetworks), "{private}");
        }
        for own in [
            "127.0.0.1",
            "127.0.1.1",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
        ] {
            assert_eq!(kind_of(own), Some(Reach::Loopback), "{own}");
        }
        for never in [
            "169.254.169.254",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
        ] {
            assert_eq!(kind_of(never), None, "{never}");
        }
    }

    #[test]
    fn proxies_of_the_operator_may_be_private_and_others_not() {
        let rule = Addresses {
            reach: Reach::Public,
            proxies: vec!["proxy.corp".to_owned()],
        };
        let private = "10.0.0.1".parse().unwrap();
        rule.check("proxy.corp", private).unwrap();
        assert_eq!(
            rule.check("sso.example", private).unwrap_err().to_string(),
            "sso.example is at 10.0.0.1, which is not public"
        );
    }

    #[test]
    fn whoever_may_go_to_private_networks_does_not_come_to_this_machine_by_a_name_that_leads_there() {
        let rule = |reach| Addresses {
            reach,
            proxies: Vec::new(),
        };
        for own in ["127.0.1.1", "::1", "::ffff:127.0.0.1"] {
            let own = own.parse().unwrap();
            rule(Reach::PrivateNetworks).check("netbox", own).unwrap_err();
            rule(Reach::Loopback).check("netbox", own).unwrap();
        }
        rule(Reach::PrivateNetworks)
            .check("netbox", "10.0.0.1".parse().unwrap())
            .unwrap();
    }
}
