//! What people have beside a password, and proving it: one-time codes and recovery codes here, passkeys in their own module.
//!
//! Functions over [`Tx`], so that a login writes proof, session and event together or not at all.

mod administration;
mod browser;
mod prove;
mod recovery;
mod totp;

use doorward_audit::{Event, events};
use doorward_mail::{Notice, Outbox};
use doorward_store::{StoreError, Tx};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

pub use browser::{is_remembered, note_browser};
pub use prove::{HARDWARE_PASSKEY, Outcome, Presented, Proven, SYNCED_PASSKEY, WRONG_CODE, charge, prove};
pub use recovery::RECOVERY_CODES;
pub(crate) use totp::adopt as adopt_totp;
pub use totp::{TotpDigest, TotpDraft, TotpForm};

use crate::{Level, User, letters};

pub(crate) use browser::forget_all as forget_browsers;

/// What somebody has beside a password.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Enrolled {
    /// An app that makes one-time codes, and since when.
    pub totp: Option<Timestamp>,
    /// How many passkeys.
    pub passkeys: u32,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
}

impl Enrolled {
    /// How strong a login can be that is proved with a password and these.
    pub fn reaches(&self) -> Level {
        match (self.passkeys > 0, self.totp.is_some()) {
            (true, _) => Level::Passkey,
            (false, true) => Level::Second,
            (false, false) => Level::Any,
        }
    }

    /// Whether there is any second factor. Recovery codes alone are none: they stand in for one.
    pub fn is_any(&self) -> bool {
        self.totp.is_some() || self.passkeys > 0
    }
}

/// What this person has.
pub fn enrolled(tx: &mut Tx<'_>, user: Uuid) -> Result<Enrolled, StoreError> {
    Ok(Enrolled {
        totp: totp::since(tx, user)?,
        passkeys: passkeys(tx, user)?,
        recovery_codes: recovery::left(tx, user)?,
    })
}

/// How many passkeys this person can use.
fn passkeys(tx: &mut Tx<'_>, user: Uuid) -> Result<u32, StoreError> {
    let sql = "SELECT COUNT(*) FROM passkeys WHERE user_id = $1 AND copied_at IS NULL";
    let count: Option<i64> = tx.one(sql, &[user.into()], |row| row.get(0))?;
    Ok(count.and_then(|count| u32::try_from(count).ok()).unwrap_or_default())
}

/// Makes the drafted secret the person's, if `code` shows that their app has it. The recovery codes that they have from now
/// on, when they had none left; to be shown once. `None` when the code is wrong.
pub fn enrol_totp(
    tx: &mut Tx<'_>,
    seals: &Seals,
    user: &User,
    draft: &TotpDraft,
    code: &str,
) -> Result<Option<Vec<String>>, StoreError> {
    let Some(step) = draft.matching_step(code, tx.now()) else {
        return Ok(None);
    };
    totp::store(tx, seals, user.id, draft, step)?;
    note(tx, user, "factor.add", "totp")?;
    letters::tell(tx, &seals.outbox, user, Notice::FactorAdded)?;
    first_recovery_codes(tx, seals, user).map(Some)
}

/// Recovery codes for somebody who has just got a factor, if they have none left; to be shown once.
pub fn first_recovery_codes(tx: &mut Tx<'_>, seals: &Seals, user: &User) -> Result<Vec<String>, StoreError> {
    if recovery::left(tx, user.id)? > 0 {
        return Ok(Vec::new());
    }
    recovery::replace(tx, seals, user.id)
}

/// New recovery codes in place of the old ones; to be shown once.
pub fn new_recovery_codes(tx: &mut Tx<'_>, seals: &Seals, user: &User) -> Result<Vec<String>, StoreError> {
    note(tx, user, "factor.recovery", "recovery")?;
    recovery::replace(tx, seals, user.id)
}

/// Removes the app that makes codes. `false` when there is none.
pub fn remove_totp(tx: &mut Tx<'_>, seals: &Seals, user: &User) -> Result<bool, StoreError> {
    if !totp::remove(tx, user.id)? {
        return Ok(false);
    }
    note(tx, user, "factor.remove", "totp")?;
    letters::tell(tx, &seals.outbox, user, Notice::FactorRemoved)?;
    after_removal(tx, user.id)?;
    Ok(true)
}

/// To be called after a factor was removed: without any, recovery codes stand in for nothing, and remembered browsers were
/// remembered for what is gone.
pub fn after_removal(tx: &mut Tx<'_>, user: Uuid) -> Result<(), StoreError> {
    if !enrolled(tx, user)?.is_any() {
        recovery::remove(tx, user)?;
    }
    browser::forget_all(tx, user)
}

/// What somebody did with a factor of their own.
pub fn note(tx: &mut Tx<'_>, user: &User, action: &'static str, factor: &'static str) -> Result<(), StoreError> {
    let actor = doorward_audit::Actor::new(user.id, user.name.as_str(), "session");
    let event = Event::new(action, actor)
        .about("user", Some(user.id), user.name.as_str())
        .with_data(json!({ "factor": factor }));
    events::record(tx, &event)?;
    Ok(())
}

/// What seals secrets and draws them, and tells people.
#[derive(Clone)]
pub struct Seals {
    /// Seals.
    pub master: std::sync::Arc<doorward_store::MasterKey>,
    /// Draws.
    pub random: std::sync::Arc<dyn doorward_jose::Random>,
    /// Tells.
    pub outbox: Outbox,
}
