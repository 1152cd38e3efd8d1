//! What it costs to try the code of a device.

use std::{net::IpAddr, time::Duration};

use doorward_store::{StoreError, Tx};
use uuid::Uuid;

use crate::{Budget, budget::Account};

/// What it costs a person to try the code of a device (RFC 8628 §5.1): ten tries, one more each half minute; all people behind
/// one address together sixty, one more in ten seconds.
pub struct UserCodeBudget([Account; 2]);

impl UserCodeBudget {
    /// Of this person at this address.
    pub fn of(user: Uuid, address: IpAddr) -> Self {
        let budget = |tries, seconds| Budget {
            tries,
            interval: Duration::from_secs(seconds),
        };
        Self([
            Account::of_user_codes(user, budget(10, 30)),
            Account::of_user_codes_from(address, budget(60, 10)),
        ])
    }

    /// Pays for one try; how long to wait when the budget is spent.
    pub fn pay(&self, tx: &mut Tx<'_>) -> Result<Option<Duration>, StoreError> {
        let [person, address] = &self.0;
        if let Some(spent) = person.pay(tx)? {
            return Ok(Some(spent.retry_after));
        }
        let spent = address.pay(tx)?;
        if spent.is_some() {
            person.give_back(tx)?;
        }
        Ok(spent.map(|spent| spent.retry_after))
    }

    /// The code was right: the try cost nothing.
    pub fn give_back(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.0.iter().try_for_each(|account| account.give_back(tx))
    }
}
