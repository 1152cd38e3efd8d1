//! Passwords: what may be one, how it is kept, and the bounded queue that computes it.

mod hasher;
mod phc;

use doorward_oidc::Refusal;

pub(crate) use hasher::Standing;
pub use hasher::{Hasher, HasherSettings};
pub(crate) use phc::Phc;

use crate::{User, error::WEAK_PASSWORD};

/// Fewest characters of a password (NIST SP 800-63B §3.1.1.2 for passwords used beside nothing else asks for 15 from new systems,
/// and forbids composition rules; 8 is its floor).
pub const MIN_PASSWORD_CHARS: usize = 8;

/// Most bytes of a password: long enough for any passphrase, short enough to cost nothing before the queue.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// Refuses a password that is too short, too long, or what anybody would try first for this user.
pub(crate) fn check_new(password: &str, user: &User) -> Result<(), Refusal> {
    let refused = |detail: &str| Err(Refusal::response(&WEAK_PASSWORD, detail));
    if password.chars().count() < MIN_PASSWORD_CHARS {
        return refused("the password has fewer than 8 characters");
    }
    if password.len() > MAX_PASSWORD_BYTES {
        return refused("the password has more than 1,024 bytes");
    }
    let own = [
        Some(user.name.as_str()),
        Some(user.display_name.as_str()),
        user.email.as_deref(),
    ];
    if own
        .into_iter()
        .flatten()
        .any(|own| own.to_lowercase() == password.to_lowercase())
    {
        return refused("the password is the name or the e-mail address of the account");
    }
    Ok(())
}
