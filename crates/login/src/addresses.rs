//! Which addresses may be asked. What a provider's metadata name is the provider's choice, and a name may resolve to
//! something else at every look, so it is the resolved address that is judged, at the moment of connecting.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::config::is_private_name;

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

    /// To an address that somebody registered for an application. `is_said`: a setting with a loud name says that the application may be
    /// in a private network or on this machine, whatever the name looks like.
    ///
    /// Without it, what is written as this machine's address leads there, a name that looks private leads into private networks, and
    /// no other name leads further than to the public network. What is no address is asked by nobody, and is public.
    pub fn to_application(url: &str, is_said: bool) -> Self {
        let Ok(url) = Url::parse(url) else { return Self::Public };
        if is_said || is_this_machine(&url) {
            Self::Loopback
        } else if is_private_name(&url) {
            Self::PrivateNetworks
        } else {
            Self::Public
        }
    }

    /// How far one must reach for an address; `None` for what nobody's server can be at: link-local (where clouds keep credentials),
    /// multicast, reserved.
    pub(crate) fn needed_for(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(address) => kind_v4(address),
            IpAddr::V6(address) => kind_v6(address),
        }
    }
}

/// Whether an address is written as one of the machine that asks (RFC 6761 §6.3, RFC 1122 §3.2.1.3).
pub fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => {
            let mapped = address.to_ipv4();
            address.is_loopback()
                || address.is_unspecified()
                || mapped.is_some_and(|address| address.is_loopback() || address.is_unspecified())
        }
        None => false,
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
        if Reach::needed_for(address).is_some_and(|needed| needed <= self.reach || is_proxy()) {
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
    Reach::needed_for(address) == Some(Reach::Public)
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
        Reach::needed_for(text.parse().unwrap())
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
    fn addresses_of_applications_are_reached_by_what_is_written_unless_somebody_has_said_more() {
        use Reach::{Loopback, PrivateNetworks, Public};
        for (url, reach) in [
            ("https://netbox.example/", Public),
            ("https://netbox.lan/", Public),
            ("https://203.0.114.5/", Public),
            ("https://netbox/", PrivateNetworks),
            ("https://NetBox.Internal/", PrivateNetworks),
            ("https://netbox.home.arpa/", PrivateNetworks),
            ("http://10.0.0.5/", PrivateNetworks),
            ("http://0xa.0.5/", PrivateNetworks),
            ("http://[fd00::1]/", PrivateNetworks),
            ("http://[::ffff:10.0.0.5]/", PrivateNetworks),
            ("http://169.254.169.254/", PrivateNetworks),
            ("http://localhost:8000/", Loopback),
            ("http://a.LOCALHOST./", Loopback),
            ("http://127.8.8.8/", Loopback),
            ("http://2130706433/", Loopback),
            ("http://127.1./", Loopback),
            ("http://[::1]/", Loopback),
            ("http://[::ffff:127.0.0.1]/", Loopback),
            // What stands before the host, or looks like this machine further on, is not the host.
            ("https://localhost@netbox.example/", Public),
            ("https://localhost.netbox.example/", Public),
            ("https://notlocalhost.example/", Public),
            ("https://netbox.example/?http://localhost/", Public),
            ("https://localhost:127.0.0.1@10.0.0.5/", PrivateNetworks),
            // A dot at the end changes nothing.
            ("https://netbox./", PrivateNetworks),
            ("https://netbox.internal./", PrivateNetworks),
            ("https://netbox.example./", Public),
            ("netbox", Public),
            ("", Public),
        ] {
            assert_eq!(Reach::to_application(url, false), reach, "{url}");
            let said = if Url::parse(url).is_ok() { Loopback } else { Public };
            assert_eq!(Reach::to_application(url, true), said, "{url}");
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
