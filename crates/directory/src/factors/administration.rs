//! What administrators do with factors: see which there are, and take them away from somebody who has lost them.

use doorward_audit::{Event, events};
use doorward_mail::Notice;
use doorward_store::{Change, StoreError, Topic, Tx};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::{Enrolled, browser, enrolled, recovery, totp};
use crate::{Actor, Directory, directory::Result, ending, guard, letters, passkeys, users};

impl Directory {
    /// What somebody has beside a password.
    pub async fn enrolled(&self, user: Uuid) -> Result<Enrolled> {
        self.read(move |tx| enrolled(tx, user)).await
    }

    /// In how many browsers they asked not to be asked for their second factor again.
    pub async fn remembered_browsers(&self, user: Uuid) -> Result<u32> {
        self.read(move |tx| browser::remembered(tx, user)).await
    }

    /// Lets every browser of somebody ask for the second factor again, where it was remembered. Their factors and sessions
    /// stay. Right: change-people, or full for a user with a role. How many browsers were remembered.
    pub async fn forget_browsers(&self, actor: &Actor, user: Uuid, now: Timestamp) -> Result<u64> {
        self.administer(actor, now, move |tx, actor| {
            actor.require(crate::Right::ChangePeople)?;
            let person = users::existing(tx, user)?;
            guard::may_change(tx, actor, &person)?;
            let forgotten = browser::ask_again(tx, user)?;
            if forgotten > 0 {
                let event = Event::new("factor.forget_browsers", actor.into())
                    .about("user", Some(user), person.name.as_str())
                    .with_data(json!({ "browsers": forgotten }));
                events::record(tx, &event)?;
            }
            Ok(forgotten)
        })
        .await
    }

    /// Takes every second factor away from somebody, and ends what they are logged in to: they have lost them, or somebody
    /// else has them. Policy decides what they are asked for at the next login. Right: change-people, or full for a user with
    /// a role. What they had.
    pub async fn reset_factors(&self, actor: &Actor, user: Uuid, now: Timestamp) -> Result<Enrolled> {
        let outbox = self.outbox().clone();
        self.administer(actor, now, move |tx, actor| {
            actor.require(crate::Right::ChangePeople)?;
            let person = users::existing(tx, user)?;
            guard::may_change(tx, actor, &person)?;
            let had = enrolled(tx, user)?;
            remove_all(tx, user)?;
            passkeys::remove_all(tx, actor, &person)?;
            ending::end_access(tx, user, None)?;
            let event = Event::new("factor.reset", actor.into())
                .about("user", Some(user), person.name.as_str())
                .with_data(json!({
                    "totp": had.totp.is_some(),
                    "passkeys": had.passkeys,
                    "recovery_codes": had.recovery_codes,
                }));
            events::record(tx, &event)?;
            letters::tell(tx, &outbox, &person, Notice::FactorsReset)?;
            tx.announce(Change::of(Topic::People, user));
            Ok(had)
        })
        .await
    }
}

/// Everything that stands for a second factor of this person.
fn remove_all(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    totp::remove(tx, user)?;
    recovery::remove(tx, user)?;
    browser::forget_all(tx, user)
}
