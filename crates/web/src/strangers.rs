//! What people who have proved nothing may make us write, per address.
//!
//! Login attempts and traces are durable rows that anybody can cause. Each address has a budget of them, kept in
//! memory in a table of constant size: a place holds the moment until which the budget of the addresses that hash to
//! it is spent (the generic cell rate algorithm). The hash is keyed afresh at each start, so nobody can choose whom
//! they share a place with.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use jiff::Timestamp;

/// Places of a table: an eighth of a megabyte.
const PLACES: usize = 1 << 14;
/// Rows in a row that are free: an office that comes to work behind one address. Then one more each 200 milliseconds.
const USUAL: Pace = Pace {
    free: 600,
    interval: 200,
};
/// Applications that register themselves without a token: a few at once, then one each ten minutes.
const REGISTRATIONS: Pace = Pace {
    free: 10,
    interval: 600_000,
};

/// How much is free, and how it comes back.
#[derive(Debug, Clone, Copy)]
struct Pace {
    free: i64,
    /// After this many milliseconds one more.
    interval: i64,
}

/// The budgets of all addresses.
#[derive(Debug)]
pub struct Strangers {
    attempts: Table,
    traces: Table,
    fetches: Table,
    registrations: Table,
}

impl Default for Strangers {
    fn default() -> Self {
        Self {
            attempts: Table::new(USUAL),
            traces: Table::new(USUAL),
            registrations: Table::new(REGISTRATIONS),
            fetches: Table::new(USUAL),
        }
    }
}

impl Strangers {
    /// Pays for a login attempt that will be stored; how long to wait when the budget is spent.
    pub(crate) fn pay_attempt(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        self.attempts.pay(address, now)
    }

    /// Pays for a request object that is fetched from an address of an application's; how long to wait when the budget is spent.
    pub(crate) fn pay_fetch(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        self.fetches.pay(address, now)
    }

    /// Pays for an application that registers itself and that no token lets in: each takes one of few places.
    pub(crate) fn pay_registration(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        self.registrations.pay(address, now)
    }

    /// Pays for a trace of somebody who is nobody yet; whether it may be kept.
    pub(crate) fn pay_trace(&self, address: IpAddr, now: Timestamp) -> bool {
        self.traces.pay(address, now).is_ok()
    }
}

#[derive(Debug)]
struct Table {
    places: Box<[AtomicI64]>,
    key: RandomState,
    pace: Pace,
}

impl Table {
    fn new(pace: Pace) -> Self {
        Self {
            places: (0..PLACES).map(|_| AtomicI64::new(0)).collect(),
            key: RandomState::new(),
            pace,
        }
    }

    /// This machine itself is not counted: behind a proxy that nobody has named as trusted, it is everybody.
    fn pay(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        let network = match address.to_canonical() {
            address if address.is_loopback() => return Ok(()),
            IpAddr::V4(v4) => u128::from(v4.to_bits()),
            IpAddr::V6(v6) => v6.to_bits() >> 64 << 64,
        };
        let place = usize::try_from(self.key.hash_one(network) % PLACES as u64).unwrap_or_default();
        let Some(place) = self.places.get(place) else {
            return Ok(());
        };
        let now = now.as_millisecond();
        let Pace { free, interval } = self.pace;
        let paid = place.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |spent_until| {
            let from = spent_until.max(now);
            (from - now <= (free - 1) * interval).then_some(from + interval)
        });
        paid.map(|_| ()).map_err(|spent_until| {
            let wait = spent_until - now - (free - 1) * interval;
            Duration::from_millis(wait.max(1).unsigned_abs())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + millis).unwrap()
    }

    fn pay(strangers: &Strangers, address: &str, now: Timestamp) -> Result<(), Duration> {
        strangers.pay_attempt(address.parse().unwrap(), now)
    }

    #[test]
    fn a_flood_from_one_network_ends_with_its_budget_and_harms_no_other() {
        let strangers = Strangers::default();
        let kept = (0..5000)
            .filter(|n| pay(&strangers, &format!("2001:db8:1:2::{n:x}"), at(0)).is_ok())
            .count();
        assert_eq!(kept, 600);
        assert_eq!(
            pay(&strangers, "2001:db8:1:2::1", at(0)),
            Err(Duration::from_millis(200))
        );
        assert_eq!(
            pay(&strangers, "2001:db8:1:2::1", at(200)),
            Ok(()),
            "one comes back each interval"
        );
        assert!(pay(&strangers, "2001:db8:1:2::1", at(200)).is_err());
        let others = (0..100)
            .filter(|n| pay(&strangers, &format!("192.0.2.{n}"), at(0)).is_ok())
            .count();
        assert!(others >= 98, "at most a chance neighbour shares the place");
        assert!(strangers.pay_trace("2001:db8:1:2::1".parse().unwrap(), at(0)));
        let fetched = |n: i64| strangers.pay_fetch("192.0.2.7".parse().unwrap(), at(n)).is_ok();
        assert_eq!(
            (0..5000).filter(|_| fetched(0)).count(),
            600,
            "of fetches each address has a budget of its own"
        );
        assert!(fetched(200) && !fetched(200));
    }

    #[test]
    fn registrations_without_a_token_are_few_and_cost_no_login() {
        let strangers = Strangers::default();
        let address = "192.0.2.7".parse().unwrap();
        let made = (0..100).filter(|_| strangers.pay_registration(address, at(0)).is_ok());
        assert_eq!(made.count(), 10);
        let wait = strangers.pay_registration(address, at(0)).unwrap_err();
        assert_eq!(wait, Duration::from_mins(10));
        assert!(strangers.pay_registration(address, at(600_000)).is_ok());
        assert!(strangers.pay_attempt(address, at(0)).is_ok());
    }

    #[test]
    fn the_machine_itself_is_not_counted() {
        let strangers = Strangers::default();
        assert!((0..5000).all(|_| pay(&strangers, "::ffff:127.0.0.1", at(0)).is_ok()));
    }
}
