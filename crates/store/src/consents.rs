//! What people have agreed to share with which application.

use jiff::Timestamp;
use uuid::Uuid;

use crate::sessions::words;
use crate::{StoreError, Tx};

/// A remembered consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// To which application.
    pub app_id: Uuid,
    /// The scopes agreed to.
    pub scopes: Vec<String>,
    /// When, last.
    pub at: Timestamp,
}

/// What a user agreed to for one application.
pub fn find(tx: &mut Tx<'_>, user_id: Uuid, app_id: Uuid) -> Result<Option<Consent>, StoreError> {
    tx.one(
        "SELECT app_id, scopes, given_at FROM consents WHERE user_id = $1 AND app_id = $2",
        &[user_id.into(), app_id.into()],
        consent,
    )
}

/// What a user agreed to, newest first.
pub fn of_user(tx: &mut Tx<'_>, user_id: Uuid) -> Result<Vec<Consent>, StoreError> {
    tx.all(
        "SELECT app_id, scopes, given_at FROM consents WHERE user_id = $1 ORDER BY given_at DESC, app_id",
        &[user_id.into()],
        consent,
    )
}

/// Remembers a consent at the unit's time, in place of an earlier one.
pub fn remember(tx: &mut Tx<'_>, user_id: Uuid, app_id: Uuid, scopes: &[String]) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO consents (user_id, app_id, scopes, given_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id, app_id) DO UPDATE SET scopes = excluded.scopes, given_at = excluded.given_at",
        &[user_id.into(), app_id.into(), (&scopes.join(" ")).into(), now.into()],
    )?;
    Ok(())
}

/// Whether there is a consent, which cannot be withdrawn any more before this unit ends.
///
/// Whoever withdraws it comes before, and there is nothing to hold, or waits for this unit and then revokes what it has
/// granted. The update changes nothing; it locks the row on both engines with the same text.
pub fn hold(tx: &mut Tx<'_>, user_id: Uuid, app_id: Uuid) -> Result<bool, StoreError> {
    let held = tx.execute(
        "UPDATE consents SET given_at = given_at WHERE user_id = $1 AND app_id = $2",
        &[user_id.into(), app_id.into()],
    )?;
    Ok(held == 1)
}

/// Takes a consent back. `false` when there was none.
pub fn withdraw(tx: &mut Tx<'_>, user_id: Uuid, app_id: Uuid) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "DELETE FROM consents WHERE user_id = $1 AND app_id = $2",
        &[user_id.into(), app_id.into()],
    )?;
    Ok(changed == 1)
}

/// Forgets every consent of a user who is removed; how many.
pub fn forget_user(tx: &mut Tx<'_>, user_id: Uuid) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM consents WHERE user_id = $1", &[user_id.into()])
}

/// Forgets every consent for an application that is removed; how many.
pub fn forget_app(tx: &mut Tx<'_>, app_id: Uuid) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM consents WHERE app_id = $1", &[app_id.into()])
}

fn consent(row: &crate::Row<'_>) -> Result<Consent, StoreError> {
    Ok(Consent {
        app_id: row.get(0)?,
        scopes: words(&row.get::<String>(1)?),
        at: row.get(2)?,
    })
}
