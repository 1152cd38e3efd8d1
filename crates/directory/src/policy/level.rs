//! How strong a login is, and the names that protocols have for it.

use serde::{Deserialize, Serialize};

/// How strong a login is: what a policy asks for and what a session has reached. Ordered: each is also the ones before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// One factor: a password, or the word of an upstream.
    #[default]
    Any,
    /// Two factors, whichever.
    Second,
    /// With a passkey, which cannot be given away to a page that looks like ours.
    Passkey,
}

impl Level {
    /// Weakest first.
    pub const ALL: [Self; 3] = [Self::Any, Self::Second, Self::Passkey];

    /// The word on the command line and in the store: `any`, `second`, `passkey`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Second => "second",
            Self::Passkey => "passkey",
        }
    }

    /// The level of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }

    /// What a login with these methods has reached (RFC 8176): `mfa` says that there were two factors, `hwk` and `swk` that a
    /// key was proved.
    pub fn of_amr(amr: &[String]) -> Self {
        let has = |method: &str| amr.iter().any(|one| one == method);
        match (has("mfa"), has("hwk") || has("swk")) {
            (true, true) => Self::Passkey,
            (true, false) => Self::Second,
            (false, _) => Self::Any,
        }
    }

    /// The authentication context class in tokens: the profiles of REFEDS for one and for several factors, and `phr` of the
    /// OpenID Extended Authentication Profile for what resists phishing.
    pub fn acr(self) -> &'static str {
        match self {
            Self::Any => "https://refeds.org/profile/sfa",
            Self::Second => "https://refeds.org/profile/mfa",
            Self::Passkey => "phr",
        }
    }

    /// The level that an application means by a context class; `None` for one that is not ours.
    pub fn from_acr(acr: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.acr() == acr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_make_a_level() {
        let of = |amr: &[&str]| Level::of_amr(&amr.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(of(&["pwd"]), Level::Any);
        assert_eq!(of(&["pwd", "otp", "mfa"]), Level::Second);
        assert_eq!(of(&["pwd", "swk", "mfa"]), Level::Passkey);
        assert_eq!(of(&["swk", "user", "mfa"]), Level::Passkey);
        assert_eq!(of(&["swk"]), Level::Any, "a key without a second factor is one factor");
        assert_eq!(of(&[]), Level::Any);
    }

    #[test]
    fn a_level_is_also_the_ones_before_it() {
        assert!(Level::Passkey > Level::Second && Level::Second > Level::Any);
        for level in Level::ALL {
            assert_eq!(Level::from_word(level.as_str()), Some(level));
            assert_eq!(Level::from_acr(level.acr()), Some(level));
        }
        assert_eq!(Level::from_acr("urn:example:gold"), None);
    }
}
