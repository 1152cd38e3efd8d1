//! Access tokens revoked on their own (RFC 7009), while their grant goes on.

use jiff::Timestamp;

use crate::{StoreError, Tx};

/// Revokes a token until it would have ended anyway.
pub fn revoke(tx: &mut Tx<'_>, jti: &str, expires: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO revoked_tokens (jti, expires_at) VALUES ($1, $2) ON CONFLICT (jti) DO NOTHING",
        &[jti.into(), expires.into()],
    )?;
    Ok(())
}

/// Whether a token was revoked. [`crate::grants::is_live_for`] asks this and for the grant at once.
pub fn is_revoked(tx: &mut Tx<'_>, jti: &str) -> Result<bool, StoreError> {
    let found = tx.one("SELECT 1 FROM revoked_tokens WHERE jti = $1", &[jti.into()], |_| Ok(()))?;
    Ok(found.is_some())
}
