//! Whether an account of a directory may be used, and until when.
//!
//! Sources: MS-ADTS §2.2.16 (`userAccountControl`), MS-ADA1 §2.2 (`accountExpires`); RFC 2307 §3 and shadow(5) (`shadowExpire`);
//! draft-behera-ldap-password-policy-10 §5.3.3 (`pwdAccountLockedTime`); FreeIPA's schema (`krbPrincipalExpiration`).

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};

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

/// What one attribute says.
enum End {
    Never,
    At(Timestamp),
}

/// Reads what one attribute says; nothing when that is no date.
type Reader = fn(&str) -> Option<End>;

const READERS: [(&str, Reader); 3] = [
    ("accountexpires", windows),
    ("shadowexpire", shadow),
    ("krbprincipalexpiration", kerberos),
];

/// When the account ends, the earliest where several say it; or the attribute whose date cannot be read.
pub(super) fn ends(entry: &Entry) -> Result<Option<Timestamp>, &'static str> {
    let mut earliest = None;
    for (name, read) in READERS {
        let Some(text) = entry.text(&[name]) else { continue };
        if let End::At(end) = read(text).ok_or(name)? {
            earliest = earliest.into_iter().chain([end]).min();
        }
    }
    Ok(earliest)
}

/// In units of 100 ns; 0 and the largest number are never.
fn windows(text: &str) -> Option<End> {
    match text.parse::<i64>().ok()? {
        ..=0 | i64::MAX => Some(End::Never),
        ticks => at((ticks / 10_000_000).checked_sub(FROM_1601)?),
    }
}

/// In days; the account is closed from the beginning of that day on. Less than 0 is never.
fn shadow(text: &str) -> Option<End> {
    match text.parse::<i64>().ok()? {
        ..0 => Some(End::Never),
        days => at(days.checked_mul(86_400)?),
    }
}

/// Generalized Time (RFC 4517 §3.3.13) in the form that FreeIPA writes.
fn kerberos(text: &str) -> Option<End> {
    let there = DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
    Some(End::At(TimeZone::UTC.to_timestamp(there).ok()?))
}

fn at(seconds: i64) -> Option<End> {
    let end = Timestamp::UNIX_EPOCH
        .checked_add(SignedDuration::from_secs(seconds))
        .ok()?;
    Some(End::At(end))
}
