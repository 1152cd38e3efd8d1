//! Budgets of wrong tries. Each has some free tries and gets one back per interval; what is stored is the one moment until
//! which it counts as spent (the generic cell rate algorithm), so a budget is one small row, and a row of the past is the same
//! as none. Nobody is ever locked out: a spent budget allows one more try after at most one interval.
//!
//! A try is paid before the password is computed and given back when it was right: otherwise a thousand tries at once
//! would all be free.

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use aws_lc_rs::digest;
use doorward_store::{StoreError, Tx};
use jiff::Timestamp;
use uuid::Uuid;

/// How many wrong tries are free, and how fast they come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Free tries in a row; at least 1.
    pub tries: u32,
    /// After this long, one more.
    pub interval: Duration,
}

/// The budgets of password logins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// Of one account, for all browsers that have not logged in to it before. Default: 20 tries, one a minute.
    pub account: Budget,
    /// Of one address (an IPv6 network of 64 bits), for the same browsers. Default: 200 tries, one in two seconds.
    pub address: Budget,
    /// Of one account in one browser that has logged in to it before; strangers cannot touch it. Default: 20 tries, one in ten
    /// seconds.
    pub browser: Budget,
}

impl Default for Budgets {
    fn default() -> Self {
        let budget = |tries, seconds| Budget {
            tries,
            interval: Duration::from_secs(seconds),
        };
        Self {
            account: budget(20, 60),
            address: budget(200, 2),
            browser: budget(20, 10),
        }
    }
}

/// One budget of somebody or something, with what a try from it is charged to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    key: [u8; 16],
    budget: Budget,
    /// For the trace.
    pub(crate) name: &'static str,
}

/// What counts as one address: an IPv6 network of 64 bits, or an IPv4 address.
fn network(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).octets().to_vec(),
    }
}

/// A spent budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) retry_after: Duration,
    pub(crate) name: &'static str,
}

impl Account {
    /// What strangers pay for an account. By what was typed, without any domain, so that an account that does not exist behaves
    /// like one that does, and so does each of its forms.
    pub(crate) fn of_login(login: &str, budget: Budget) -> Self {
        let name = login.split('@').next().unwrap_or_default().to_lowercase();
        Self::new("account", name.as_bytes(), budget)
    }

    pub(crate) fn of_address(address: IpAddr, budget: Budget) -> Self {
        Self::new("address", &network(address), budget)
    }

    pub(crate) fn of_browser(browser: Uuid, user: Uuid, budget: Budget) -> Self {
        Self::new("browser", &[*browser.as_bytes(), *user.as_bytes()].concat(), budget)
    }

    /// What somebody pays who is logged in and tries passwords for the account.
    pub(crate) fn of_change(user: Uuid, budget: Budget) -> Self {
        Self::new("change", user.as_bytes(), budget)
    }

    /// What a letter with a new password costs whoever was named.
    pub(crate) fn of_reset(login: &str, budget: Budget) -> Self {
        Self::new("reset", login.to_lowercase().as_bytes(), budget)
    }

    /// What it costs whoever asks.
    pub(crate) fn of_reset_address(address: IpAddr, budget: Budget) -> Self {
        Self::new("reset-address", &network(address), budget)
    }

    /// What is paid for tries of second factors of a person, wherever it is that they did not prove one before.
    pub(crate) fn of_factor(user: Uuid, budget: Budget) -> Self {
        Self::new("factor", user.as_bytes(), budget)
    }

    /// The same in one browser in which they did.
    pub(crate) fn of_factor_in(browser: Uuid, user: Uuid, budget: Budget) -> Self {
        Self::new(
            "factor in a browser",
            &[*browser.as_bytes(), *user.as_bytes()].concat(),
            budget,
        )
    }

    /// What a letter to an address that they name costs a person.
    pub(crate) fn of_address_change(user: Uuid, budget: Budget) -> Self {
        Self::new("address-change", user.as_bytes(), budget)
    }

    /// What asking to register costs an address of the network.
    pub(crate) fn of_registrations_from(address: IpAddr, budget: Budget) -> Self {
        Self::new("registration-address", &network(address), budget)
    }

    /// What all who ask to register pay together.
    pub(crate) fn of_registrations(budget: Budget) -> Self {
        Self::new("registrations", &[], budget)
    }

    /// What the letter costs that goes to whoever was named. Many mail servers give `name+anything` to `name`: they share one.
    pub(crate) fn of_registration(address: &str, budget: Budget) -> Self {
        let address = address.to_lowercase();
        let (local, domain) = address.rsplit_once('@').unwrap_or((address.as_str(), ""));
        let mailbox = local.split('+').next().unwrap_or_default();
        Self::new("registration", format!("{mailbox}@{domain}").as_bytes(), budget)
    }

    /// What codes of devices cost a person who types them.
    pub(crate) fn of_user_codes(user: Uuid, budget: Budget) -> Self {
        Self::new("user-codes", user.as_bytes(), budget)
    }

    /// What they cost an address of the network.
    pub(crate) fn of_user_codes_from(address: IpAddr, budget: Budget) -> Self {
        Self::new("user-codes-address", &network(address), budget)
    }

    /// What a user name costs that somebody tries who registers.
    pub(crate) fn of_names(registration: Uuid, budget: Budget) -> Self {
        Self::new("registration-names", registration.as_bytes(), budget)
    }

    fn new(name: &'static str, of: &[u8], budget: Budget) -> Self {
        // Hashed, because people type passwords into the field for the name.
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(name.as_bytes());
        context.update(&[0]);
        context.update(of);
        let mut key = [0; 16];
        key.iter_mut()
            .zip(context.finish().as_ref())
            .for_each(|(to, from)| *to = *from);
        Self { key, budget, name }
    }

    fn interval(&self) -> i64 {
        i64::try_from(self.budget.interval.as_millis()).unwrap_or(i64::MAX / 4)
    }

    /// How far ahead the budget may be spent and still allow a try.
    fn tolerance(&self) -> i64 {
        self.interval()
            .saturating_mul(i64::from(self.budget.tries.max(1) - 1))
            .min(i64::MAX / 4)
    }

    /// Whether a try would be allowed; for a refusal that costs no write.
    pub(crate) fn look(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Spent>, StoreError> {
        let sql = "SELECT spent_until FROM login_budgets WHERE id = $1";
        let spent_until = tx.one(sql, &[(&self.key).into()], |row| row.get::<i64>(0))?;
        let left = spent_until.unwrap_or_default() - self.tolerance() - now.as_millisecond();
        Ok((left > 0).then(|| Spent {
            retry_after: Duration::from_millis(left.unsigned_abs()),
            name: self.name,
        }))
    }

    /// Pays for one try in one conditional statement, so that no two tries pay with the same one.
    pub(crate) fn pay(&self, tx: &mut Tx<'_>) -> Result<Option<Spent>, StoreError> {
        let now = tx.now();
        let millis = now.as_millisecond();
        let paid = tx.execute(
            "INSERT INTO login_budgets (id, spent_until) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET spent_until = \
             CASE WHEN login_budgets.spent_until > $3 THEN login_budgets.spent_until + $4 ELSE $2 END \
             WHERE login_budgets.spent_until <= $5",
            &[
                (&self.key).into(),
                millis.saturating_add(self.interval()).into(),
                millis.into(),
                self.interval().into(),
                millis.saturating_add(self.tolerance()).into(),
            ],
        )?;
        if paid > 0 {
            Ok(None)
        } else {
            Ok(Some(self.look(tx, now)?.unwrap_or(self.spent_now())))
        }
    }

    fn spent_now(&self) -> Spent {
        Spent {
            retry_after: Duration::from_secs(1),
            name: self.name,
        }
    }

    /// Gives the price of a right try back.
    pub(crate) fn give_back(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let sql = "UPDATE login_budgets SET spent_until = spent_until - $2 WHERE id = $1";
        tx.execute(sql, &[(&self.key).into(), self.interval().into()])?;
        Ok(())
    }

    /// Makes the budget whole again.
    pub(crate) fn reset(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        tx.execute("DELETE FROM login_budgets WHERE id = $1", &[(&self.key).into()])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Budget = Budget {
        tries: 3,
        interval: Duration::from_secs(10),
    };

    #[test]
    fn an_account_and_its_forms_share_one_budget() {
        let plain = Account::of_login("alice", BUDGET);
        assert_eq!(plain.key, Account::of_login("Alice@example.com", BUDGET).key);
        assert_ne!(plain.key, Account::of_login("bob", BUDGET).key);
    }

    #[test]
    fn a_mailbox_and_its_tags_share_one_budget() {
        let of = |address: &str| Account::of_registration(address, BUDGET).key;
        assert_eq!(of("nina@example.com"), of("Nina+a+b@Example.com"));
        assert_ne!(of("nina@example.com"), of("nina@example.org"));
        assert_ne!(of("nina@example.com"), of("nin+a@example.com"));
    }

    #[test]
    fn an_ipv6_network_is_one_address_and_a_mapped_ipv4_is_itself() {
        let of = |text: &str| Account::of_address(text.parse().unwrap(), BUDGET).key;
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff::4"));
        assert_ne!(of("2001:db8:1:2::3"), of("2001:db8:1:3::3"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
