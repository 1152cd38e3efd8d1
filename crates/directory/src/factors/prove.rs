//! Proving a second factor: paid from a budget before it is looked at, so that nobody tries a million codes.

use std::time::Duration;

use doorward_mail::Notice;
use doorward_oidc::Refusal;
use doorward_store::{StoreError, Tx};
use uuid::Uuid;

use super::{Seals, browser, recovery, totp};
use crate::{
    Budget, Level,
    budget::Account,
    error::{FACTOR_THROTTLED, WRONG_FACTOR},
    letters, users,
};

/// Of one person, in browsers in which they have not proved a second factor before: a try in five minutes, so that whoever
/// has the password guesses a six-digit code (three are good at a time) within a year with a chance of one in three at the
/// most, and leaves a hundred thousand events.
const STRANGERS: Budget = Budget {
    tries: 6,
    interval: Duration::from_mins(5),
};
/// Of one person in one browser in which they have.
const KNOWN: Budget = Budget {
    tries: 10,
    interval: Duration::from_mins(1),
};

/// The code of the refusal of a wrong one, for pages.
pub const WRONG_CODE: &str = "wrong_factor";

/// What somebody typed.
#[derive(Debug, Clone)]
pub enum Presented {
    /// Six digits of an app.
    Totp(String),
    /// A recovery code.
    Recovery(String),
    /// Neither; a wrong try all the same.
    Neither,
}

impl Presented {
    /// Tells them apart by their form.
    pub fn parse(typed: &str) -> Self {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).take(16).collect();
        if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Totp(digits);
        }
        recovery::parsed(typed).map_or(Self::Neither, Self::Recovery)
    }
}

/// A factor that was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proven {
    /// The word in events and traces: `totp`, `recovery`, `passkey`.
    pub factor: &'static str,
    /// What it adds to `amr` (RFC 8176).
    pub amr: &'static [&'static str],
    /// Whether a browser may be remembered for it.
    pub is_memorable: bool,
}

impl Proven {
    /// How strong a login is that was proved with a password and this.
    pub fn level(&self) -> Level {
        let amr: Vec<String> = self.amr.iter().map(ToString::to_string).collect();
        Level::of_amr(&amr)
    }
}

/// A recovery code is a one-time password too; `amr` has no closer word.
const TOTP: Proven = Proven {
    factor: "totp",
    amr: &["otp", "mfa"],
    is_memorable: true,
};
const RECOVERY: Proven = Proven {
    factor: "recovery",
    amr: &["otp", "mfa"],
    // Whoever needs one has lost something; what is remembered should rest on what they have.
    is_memorable: false,
};

/// A passkey that stays on one device, beside a first factor.
pub const HARDWARE_PASSKEY: Proven = Proven {
    factor: "passkey",
    amr: &["hwk", "user", "mfa"],
    is_memorable: true,
};
/// A passkey that may be synced, beside a first factor.
pub const SYNCED_PASSKEY: Proven = Proven {
    factor: "passkey",
    amr: &["swk", "user", "mfa"],
    is_memorable: true,
};

/// What came of a try. To be committed in each case: a wrong try has been paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Right, and used up.
    Right(Proven),
    /// Wrong, used before, or there is no such factor.
    Wrong,
    /// Nothing was looked at: too many wrong tries.
    Spent {
        /// When the next one is.
        retry_after: Duration,
    },
}

impl Outcome {
    /// The refusal for trace and event; `None` when it is right.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Right(_) => None,
            Self::Wrong => Some(
                Refusal::page(&WRONG_FACTOR, "the code is wrong, too old, or was used before").with_remedy(
                    "Codes of an app need a right clock on both sides. Who has lost the app and the recovery codes: \
                     `doorward user reset-factors <user>`.",
                ),
            ),
            Self::Spent { retry_after } => Some(Refusal::page(
                &FACTOR_THROTTLED,
                format!(
                    "the budget of wrong codes is spent, the next try comes in {} s",
                    retry_after.as_secs().max(1)
                ),
            )),
        }
    }
}

fn account(tx: &mut Tx<'_>, cookie: Option<&str>, user: Uuid) -> Result<Account, StoreError> {
    Ok(match browser::proven(tx, cookie, user)? {
        Some(browser) => Account::of_factor_in(browser, user, KNOWN),
        None => Account::of_factor(user, STRANGERS),
    })
}

/// Pays for one try of a factor; `Some` when the budget is spent. For factors that are proved elsewhere; a right try gives
/// nothing back here.
pub fn charge(tx: &mut Tx<'_>, cookie: Option<&str>, user: Uuid) -> Result<Option<Duration>, StoreError> {
    Ok(account(tx, cookie, user)?.pay(tx)?.map(|spent| spent.retry_after))
}

/// Tries what somebody typed.
pub fn prove(
    tx: &mut Tx<'_>,
    seals: &Seals,
    cookie: Option<&str>,
    user: Uuid,
    presented: &Presented,
) -> Result<Outcome, StoreError> {
    let account = account(tx, cookie, user)?;
    if let Some(spent) = account.pay(tx)? {
        return Ok(Outcome::Spent {
            retry_after: spent.retry_after,
        });
    }
    let right = match presented {
        Presented::Totp(code) => totp::take(tx, seals, user, code)?.then_some(TOTP),
        Presented::Recovery(code) => recovery::take(tx, seals, user, code)?.then_some(RECOVERY),
        Presented::Neither => None,
    };
    Ok(match right {
        Some(proven) => {
            if proven == RECOVERY {
                used_recovery_code(tx, seals, user)?;
            }
            // Only its own price: a right code must not make wrong ones undone for whoever tries beside.
            account.give_back(tx)?;
            Outcome::Right(proven)
        }
        None => Outcome::Wrong,
    })
}

/// Whoever finds that a code of theirs was used, and it was not them, has something to do.
fn used_recovery_code(tx: &mut Tx<'_>, seals: &Seals, user: Uuid) -> Result<(), StoreError> {
    let Some(person) = users::by_id(tx, user)? else {
        return Ok(());
    };
    super::note(tx, &person, "factor.use", "recovery")?;
    let left = recovery::left(tx, user)?;
    letters::tell(tx, &seals.outbox, &person, Notice::RecoveryCodeUsed { left })?;
    Ok(())
}
