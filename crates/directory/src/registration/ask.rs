//! Somebody asks to register. The page answers alike, and as fast, whether the address has an account: it stores one row and
//! looks nobody up. What becomes of it is said by mail alone.

use std::{net::IpAddr, time::Duration};

use doorward_mail::Lang;
use doorward_oidc::Refusal;
use doorward_store::{Change, Topic};
use jiff::Timestamp;

use super::{load, rows};
use crate::{
    Asked, Budget, Directory,
    budget::Account,
    directory::Result,
    error::{ADDRESS_NOT_ADMITTED, INVALID_USER, REGISTRATION_CLOSED},
    people::checked_email,
};

/// Letters to one address. More would be a way to annoy somebody.
const OF_MAIL_ADDRESS: Budget = Budget {
    tries: 3,
    interval: Duration::from_mins(10),
};
/// Requests from one address of the network, and tries there to use the links that came.
pub(super) const OF_ADDRESS: Budget = Budget {
    tries: 20,
    interval: Duration::from_mins(1),
};
/// Requests from everywhere together: many addresses of the network must not make this server a source of unwanted mail.
const OF_ALL: Budget = Budget {
    tries: 500,
    interval: Duration::from_secs(5),
};

impl Directory {
    /// Notes that somebody wants to register with an address. `language` is the browser's, `from` where it is. Refused when
    /// registration is closed, or not open for addresses like this: that says nothing of anybody.
    pub async fn ask_to_register(&self, address: &str, language: Lang, from: IpAddr, now: Timestamp) -> Result<Asked> {
        self.outbox().require()?;
        let address = checked_email(address.trim().to_owned())?
            .ok_or_else(|| Refusal::response(&INVALID_USER, "the e-mail address was left empty"))?;
        // Letters that only look alike once their case is folded would make two people one.
        if !address.is_ascii() {
            return Err(
                Refusal::response(&INVALID_USER, "the e-mail address has letters beyond ASCII")
                    .with_remedy(
                        "Use an address of plain letters; a domain with others has a form of those too: `xn--…`. Or an \
                     administrator adds the account: `doorward user add`.",
                    )
                    .into(),
            );
        }
        let id = self.new_id(now);
        let loud = [
            Account::of_registrations_from(from, OF_ADDRESS),
            Account::of_registrations(OF_ALL),
        ];
        let silent = Account::of_registration(&address, OF_MAIL_ADDRESS);
        let request = rows::Request {
            address,
            language: language.tag().to_owned(),
            came_from: from.to_string(),
        };
        self.write(now, move |tx| {
            let policy = load(tx)?;
            if !policy.open {
                return Err(Refusal::page(&REGISTRATION_CLOSED, "registration is not open")
                    .with_remedy("An administrator opens it: `doorward registration set --open true`.")
                    .into());
            }
            if !policy.admits(&request.address) {
                return Err(
                    Refusal::page(&ADDRESS_NOT_ADMITTED, "the address is of none of the allowed domains")
                        .with_remedy("`doorward registration show` lists them.")
                        .into(),
                );
            }
            for budget in loud {
                if let Some(spent) = budget.pay(tx)? {
                    return Ok(Asked::Later {
                        retry_after: spent.retry_after,
                    });
                }
            }
            // That it was asked for too often is not said either: it would tell that somebody else asked.
            if silent.pay(tx)?.is_none() {
                rows::note(tx, id, &request)?;
                tx.announce(Change::of(Topic::Mail, id));
            }
            Ok(Asked::Noted)
        })
        .await
    }
}
