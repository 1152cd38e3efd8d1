//! How many connections are open at the same time: in all, and for one address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::TrustedProxies;

/// Connections over the network at the most; further ones wait in the kernel's queue.
const NETWORK: usize = 4096;
/// Connections of the Unix socket, which has places of its own so that no stranger can take them.
pub(super) const LOCAL: usize = 256;
/// Open files that are not connections: database, sockets, certificate.
const OTHER_FILES: usize = 256;
/// Connections of one address, or of one network of IPv6, which is what a single customer has.
const PER_ADDRESS: usize = 256;

/// How many connections over the network there is room for, given what the system lets this process open.
pub(super) fn network() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let Some(files) = soft_limit(&limits) else {
        return NETWORK;
    };
    let places = files.saturating_sub(LOCAL + OTHER_FILES).clamp(64, NETWORK);
    if places < NETWORK {
        tracing::info!(
            open_files = files,
            places,
            "fewer connections than {NETWORK} fit: raise the limit of open files (LimitNOFILE=8192)"
        );
    }
    places
}

fn soft_limit(limits: &str) -> Option<usize> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Who has how many connections open.
#[derive(Debug)]
pub(super) struct Guests {
    proxies: TrustedProxies,
    open: Mutex<HashMap<IpAddr, usize>>,
}

impl Guests {
    /// Nobody is here. `proxies` bring many people's connections and are not counted.
    pub(super) fn new(proxies: TrustedProxies) -> Arc<Self> {
        Arc::new(Self {
            proxies,
            open: Mutex::default(),
        })
    }

    /// A place for a connection from `address` while the value lives; `None` when the address has too many. Loopback is
    /// not counted: that is a proxy on this machine.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Guest> {
        let address = address.to_canonical();
        if address.is_loopback() || self.proxies.trusts(address) {
            return Some(Guest(None));
        }
        let network = network_of(address);
        let mut open = self.open();
        let count = open.entry(network).or_default();
        if *count >= PER_ADDRESS {
            return None;
        }
        *count += 1;
        Some(Guest(Some((Arc::clone(self), network))))
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

/// One connection's place.
#[derive(Debug)]
pub(super) struct Guest(Option<(Arc<Guests>, IpAddr)>);

impl Drop for Guest {
    fn drop(&mut self) {
        let Some((guests, network)) = &self.0 else { return };
        let mut open = guests.open();
        if let Some(count) = open.get_mut(network) {
            *count -= 1;
            if *count == 0 {
                open.remove(network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guests() -> Arc<Guests> {
        Guests::new(TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]))
    }

    fn admitted(guests: &Arc<Guests>, addresses: impl Iterator<Item = String>) -> Vec<Guest> {
        addresses
            .filter_map(|address| guests.admit(address.parse().unwrap()))
            .collect()
    }

    #[test]
    fn one_address_cannot_take_every_place() {
        let guests = guests();
        let mut of_one = admitted(&guests, (0..1000).map(|_| "203.0.113.9".to_owned()));
        assert_eq!(of_one.len(), PER_ADDRESS);
        assert!(guests.admit("203.0.113.10".parse().unwrap()).is_some());
        of_one.pop();
        assert_eq!(
            admitted(&guests, (0..2).map(|_| "::ffff:203.0.113.9".to_owned())).len(),
            1
        );
        drop(of_one);
        assert!(guests.open().is_empty(), "who has left is forgotten");
    }

    #[test]
    fn the_addresses_of_one_customer_count_together() {
        let guests = guests();
        let of_one = admitted(&guests, (0..1000).map(|n| format!("2001:db8::{n:x}")));
        assert_eq!(of_one.len(), PER_ADDRESS);
        assert!(guests.admit("2001:db8:0:1::1".parse().unwrap()).is_some());
    }

    #[test]
    fn proxies_are_not_counted() {
        let guests = guests();
        for proxy in ["10.1.2.3", "127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(admitted(&guests, (0..1000).map(|_| proxy.to_owned())).len(), 1000);
        }
    }

    #[test]
    fn the_systems_limit_is_read() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
                      Max processes             127438               127438               processes \n\
                      Max open files            1024                 524288               files     \n";
        assert_eq!(soft_limit(limits), Some(1024));
        assert_eq!(soft_limit("Max open files  unlimited  unlimited  files"), None);
    }
}
