//! Passwords: what may be one, how it is kept, and the bounded queue that computes it.

mod common;
mod form;
mod hasher;
mod phc;

use doorward_jose::Secret;
use doorward_oidc::Refusal;

pub use common::CommonPasswords;
pub(crate) use hasher::Standing;
pub use hasher::{Hasher, HasherSettings};
pub(crate) use phc::Phc;

use crate::{
    PasswordRules, User,
    error::{COMMON_PASSWORD, GUESSABLE_PASSWORD, PASSWORD_TOO_SHORT, WEAK_PASSWORD},
};

/// Fewest characters of a password (NIST SP 800-63B §3.1.1.2 for passwords used beside nothing else asks for 15 from new systems,
/// and forbids composition rules; 8 is its floor).
pub const MIN_PASSWORD_CHARS: usize = 8;

/// Most bytes of a password: long enough for any passphrase, short enough to cost nothing before the queue.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// A password that its account may have, in its one form.
#[derive(Debug)]
pub(crate) struct NewPassword(Secret<String>);

impl NewPassword {
    /// Refuses a password that is too short, too long, or what anybody would try first, for this user or for anyone.
    /// `rules` are what policy asks besides.
    pub(crate) fn accept(
        typed: &Secret<String>,
        user: &User,
        common: &CommonPasswords,
        rules: PasswordRules,
    ) -> Result<Self, Refusal> {
        let opaque = prepared(typed);
        let password = opaque.expose();
        let weak = |detail: &str| Err(Refusal::response(&WEAK_PASSWORD, detail));
        if password.chars().count() < MIN_PASSWORD_CHARS {
            return weak("the password has fewer than 8 characters");
        }
        if password.len() > MAX_PASSWORD_BYTES {
            return weak("the password has more than 1,024 bytes");
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
            return weak("the password is the name or the e-mail address of the account");
        }
        if common.contains(password) {
            return Err(Refusal::response(
                &COMMON_PASSWORD,
                "the password is on the list of common ones",
            ));
        }
        if password.chars().count() < rules.min {
            return Err(Refusal::response(
                &PASSWORD_TOO_SHORT,
                format!("policy asks for at least {} characters", rules.min),
            ));
        }
        if rules.strength > 0 && strength(password, &own) < rules.strength {
            return Err(Refusal::response(
                &GUESSABLE_PASSWORD,
                format!("policy asks for a strength of {} of 4 (zxcvbn)", rules.strength),
            ));
        }
        Ok(Self(opaque))
    }

    /// To be hashed.
    pub(crate) fn into_inner(self) -> Secret<String> {
        self.0
    }
}

/// How hard a password is to guess for somebody who knows whose it is, 0 to 4.
fn strength(password: &str, own: &[Option<&str>]) -> u8 {
    // Each word of a full name, and the address before its `@`, by itself too: people build passwords from them.
    let words = own
        .iter()
        .flatten()
        .flat_map(|own| own.split(|c: char| !c.is_alphanumeric()));
    let mut known: Vec<&str> = own.iter().flatten().copied().chain(words).collect();
    known.retain(|word| !word.is_empty());
    zxcvbn::zxcvbn(password, &known).score().into()
}

/// What somebody typed, in the one form in which passwords are hashed.
pub(crate) fn prepared(typed: &Secret<String>) -> Secret<String> {
    Secret::new(form::opaque(typed.expose()))
}
