//! Whether an account of a directory may be used, and until when.
//!
//! Sources: MS-ADTS §2.2.16 (`userAccountControl`), MS-ADA1 §2.2 (`accountExpires`); RFC 2307 §3 and shadow(5) (`shadowExpire`);
//! draft-behera-ldap-password-policy-10 §5.3.3 (`pwdAccountLockedTime`).

use jiff::{SignedDuration, Timestamp};

use super::Entry;

/// `ADS_UF_ACCOUNT_DISABLE`.
const DISABLED: u32 = 2;
/// Seconds from 1601-01-01, where Windows counts from, to 1970-01-01.
const FROM_1601: i64 = 11_644_473_600;

/// Active Directory's flag, 389's and FreeIPA's `nsAccountLock`, or a lock.
pub(super) fn is_disabled(entry: &Entry) -> bool {
    let flags = entry
        .text(&["useraccountcontrol"])
        .and_then(|text| text.parse::<u32>().ok());
    flags.is_some_and(|flags| flags & DISABLED != 0)
        || entry
            .text(&["nsaccountlock"])
            .is_some_and(|text| text.eq_ignore_ascii_case("true"))
        || is_locked(entry)
}

/// Locked by the rules of the directory. Whether the lock would have ended by itself stands in rules that are elsewhere.
pub(super) fn is_locked(entry: &Entry) -> bool {
    entry.text(&["pwdaccountlockedtime"]).is_some()
}

/// When the account ends, the earliest where several say it.
pub(super) fn ends(entry: &Entry) -> Option<Timestamp> {
    let number = |name: &str| entry.text(&[name]).and_then(|text| text.parse::<i64>().ok());
    // In units of 100 ns; 0 and the largest number are never.
    let windows = number("accountexpires")
        .filter(|ticks| *ticks > 0 && *ticks < i64::MAX)
        .and_then(|ticks| at((ticks / 10_000_000).checked_sub(FROM_1601)?));
    // In days; the account is closed from the beginning of that day on. Less than 0 is never.
    let shadow = number("shadowexpire")
        .filter(|days| *days >= 0)
        .and_then(|days| at(days.checked_mul(86_400)?));
    windows.into_iter().chain(shadow).min()
}

fn at(seconds: i64) -> Option<Timestamp> {
    Timestamp::UNIX_EPOCH
        .checked_add(SignedDuration::from_secs(seconds))
        .ok()
}
