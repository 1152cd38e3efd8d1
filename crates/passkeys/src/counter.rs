//! The signature counter (Web Authentication §6.1.1): a copy of an authenticator betrays itself by counting for itself.

use crate::PasskeyError;

/// Whether `received` may follow `stored`: it went up, or the authenticator does not count (synced passkeys do not).
pub(crate) fn went_up(stored: u32, received: u32) -> Result<(), PasskeyError> {
    if received > stored || (received == 0 && stored == 0) {
        return Ok(());
    }
    Err(PasskeyError::CounterWentBack { stored, received })
}
