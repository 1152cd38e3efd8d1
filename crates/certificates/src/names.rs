//! Names that certificates are for, and the names that a private authority may vouch for.

use std::fmt;
use std::net::IpAddr;

use doorward_oidc::{Refusal, shown};
use ipnet::IpNet;
use url::Host;

use crate::refusals::CERTIFICATE_NAME_INVALID;

/// Last labels that are nobody's on the internet: a home or company network may vouch for all below them.
const PRIVATE: &[&str] = &[
    "corp",
    "home",
    "internal",
    "intranet",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "private",
    "test",
];

/// What a certificate can be for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// A host name, lower case, in A-labels.
    Host(String),
    /// Every name of one more label below this one.
    Wildcard(String),
    /// An address.
    Address(IpAddr),
}

impl Name {
    /// Reads `sso.home.lan`, `*.home.lan`, `192.168.1.5` or `fd00::5`. Names in other alphabets become A-labels.
    ///
    /// # Errors
    /// [`CERTIFICATE_NAME_INVALID`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let invalid = |why: &str| {
            let detail = format!("expected a host name or an address, received `{}`: {why}", shown(text));
            Refusal::response(&CERTIFICATE_NAME_INVALID, detail)
        };
        let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(Self::Address(address));
        }
        let (is_wildcard, base) = match text.trim().strip_prefix("*.") {
            Some(base) => (true, base),
            None => (false, text.trim()),
        };
        let host = Host::parse(base).map_err(|error| invalid(&error.to_string()))?;
        let Host::Domain(host) = host else {
            return Err(invalid("write addresses with four numbers"));
        };
        if host.len() > 253 || !host.split('.').all(is_label) {
            return Err(invalid("labels are 1 to 63 letters, digits and inner hyphens"));
        }
        match is_wildcard {
            false => Ok(Self::Host(host)),
            true if host.contains('.') => Ok(Self::Wildcard(host)),
            true => Err(invalid("clients accept no wildcard directly below a top-level name")),
        }
    }

    /// Whether it is a host name that only a private network knows, or an address.
    pub fn is_private(&self) -> bool {
        match self {
            Self::Host(host) | Self::Wildcard(host) => {
                !host.contains('.')
                    || host.ends_with(".home.arpa")
                    || host.rsplit('.').next().is_some_and(|last| PRIVATE.contains(&last))
            }
            Self::Address(_) => true,
        }
    }
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => f.write_str(host),
            Self::Wildcard(base) => write!(f, "*.{base}"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Names that a private authority may vouch for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permitted {
    /// This name and every name below it.
    Domain(String),
    /// These addresses.
    Network(IpNet),
}

impl Permitted {
    /// Reads `home.lan`, `192.168.0.0/16` or an address.
    ///
    /// # Errors
    /// [`CERTIFICATE_NAME_INVALID`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if let Ok(network) = text.trim().parse::<IpNet>() {
            return Ok(Self::Network(network.trunc()));
        }
        match Name::parse(text)? {
            Name::Host(host) | Name::Wildcard(host) => Ok(Self::Domain(host)),
            Name::Address(address) => Ok(Self::Network(address.into())),
        }
    }

    /// What an authority for a server at `host` may vouch for unless told otherwise: its neighbours in a private network,
    /// but nothing that may be a stranger's. `sso.home.lan` gives `home.lan`, `sso.lan` gives `lan`; a public name stays
    /// itself, because what is above it can be everybody's (`co.uk`, `duckdns.org`).
    pub fn around(host: &Name) -> Self {
        match host {
            Name::Address(address) => Self::Network((*address).into()),
            Name::Host(name) | Name::Wildcard(name) => {
                let parent = name.split_once('.').map(|(_, parent)| parent);
                Self::Domain(parent.filter(|_| host.is_private()).unwrap_or(name).to_owned())
            }
        }
    }

    /// Whether it covers this name.
    pub fn covers(&self, name: &Name) -> bool {
        match (self, name) {
            (Self::Domain(domain), Name::Host(host) | Name::Wildcard(host)) => {
                host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
            }
            (Self::Network(network), Name::Address(address)) => network.contains(address),
            _ => false,
        }
    }
}

impl fmt::Display for Permitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Domain(domain) => f.write_str(domain),
            Self::Network(network) => network.fmt(f),
        }
    }
}

/// As they stand in a row.
pub(crate) fn joined<T: fmt::Display>(list: &[T]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    #[test]
    fn names_are_read_and_written_alike() {
        for text in ["sso.home.lan", "*.home.lan", "192.168.1.5", "fd00::5", "sso"] {
            assert_eq!(name(text).to_string(), text);
        }
        assert_eq!(name("Straße.example").to_string(), "xn--strae-oqa.example");
        assert_eq!(name("[fd00::5]").to_string(), "fd00::5");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in [
            "",
            "*",
            "*.lan",
            "-a.lan",
            "a..lan",
            "a b.lan",
            "https://a.lan",
            "a.*.lan",
            "under_score.lan",
            "1.2.3",
        ] {
            assert!(Name::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_authority_vouches_for_neighbours_and_no_strangers() {
        let around = |text: &str| Permitted::around(&name(text)).to_string();
        assert_eq!(around("sso.home.lan"), "home.lan");
        assert_eq!(around("sso.lan"), "lan");
        assert_eq!(around("sso.example.com"), "sso.example.com");
        assert_eq!(around("example.co.uk"), "example.co.uk");
        assert_eq!(around("example.com"), "example.com");
        assert_eq!(around("sso"), "sso");
        assert_eq!(around("192.168.1.5"), "192.168.1.5/32");
    }

    #[test]
    fn a_domain_covers_what_is_below_it_and_no_name_that_ends_alike() {
        let home = Permitted::parse("home.lan").unwrap();
        assert!(
            home.covers(&name("home.lan")) && home.covers(&name("a.b.home.lan")) && home.covers(&name("*.home.lan"))
        );
        assert!(!home.covers(&name("myhome.lan")) && !home.covers(&name("lan")) && !home.covers(&name("10.0.0.1")));
        let network = Permitted::parse("192.168.0.0/16").unwrap();
        assert!(network.covers(&name("192.168.7.1")) && !network.covers(&name("10.0.0.1")));
    }
}
