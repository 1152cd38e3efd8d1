//! Names of users and groups: what is allowed, and how they compare.

use std::fmt;

use doorward_oidc::Refusal;
use serde::{Deserialize, Serialize};

use crate::error;

/// Longest name, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// Checks what a name may consist of: 1 to 64 ASCII letters, digits, `.`, `_` and `-`, beginning with a letter or a digit.
/// No `@`, so that `alice@example.com` stays recognisable as a form of `alice`; ASCII, so that two names that look alike
/// are alike.
fn fault(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("it is empty".to_owned());
    }
    if name.len() > MAX_NAME_BYTES {
        return Some(format!(
            "it has {} bytes, at most {MAX_NAME_BYTES} are allowed",
            name.len()
        ));
    }
    if let Some((at, character)) = name
        .char_indices()
        .find(|(_, c)| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))
    {
        return Some(format!(
            "{character:?} at byte {at} is not a letter (a-z), a digit, `.`, `_` or `-`"
        ));
    }
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Some("it must begin with a letter or a digit".to_owned());
    }
    None
}

macro_rules! name_type {
    ($(#[$doc:meta])* $type:ident, $kind:expr, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            /// Reads a name, or says what is wrong with it and where.
            pub fn parse(name: &str) -> Result<Self, Refusal> {
                match fault(name) {
                    None => Ok(Self(name.to_owned())),
                    Some(fault) => Err(Refusal::response(
                        $kind,
                        format!(concat!($what, " name {:?} cannot be used: {}"), crate::error::shortened(name), fault),
                    )
                    .with_remedy("Use 1 to 64 letters (a-z), digits, `.`, `_` or `-`, beginning with a letter or a digit.")),
                }
            }

            /// As written.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The form in which names are compared, kept as bytes so that both engines sort it alike.
            pub(crate) fn key(&self) -> Vec<u8> {
                self.0.to_ascii_lowercase().into_bytes()
            }

            /// A name that the store held: it was checked when it was written.
            pub(crate) fn stored(name: String) -> Self {
                Self(name)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $type {
            type Error = Refusal;
            fn try_from(name: String) -> Result<Self, Refusal> {
                Self::parse(&name)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.0
            }
        }

        impl PartialEq<str> for $type {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }
    };
}

name_type!(
    /// The short name of a user: unique without regard to case, kept as written.
    UserName,
    &error::INVALID_USER_NAME,
    "the user"
);
name_type!(
    /// The name of a group: unique without regard to case, kept as written, as it travels in the `groups` claim.
    GroupName,
    &error::INVALID_GROUP_NAME,
    "the group"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_and_three_marks() {
        for good in ["a", "alice", "A.B-c_9", "9lives", &"x".repeat(64)] {
            assert!(UserName::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "-a",
            ".a",
            "_a",
            "a b",
            "a@b",
            "müller",
            "a/b",
            "a\0",
            &"x".repeat(65),
        ] {
            assert!(UserName::parse(bad).is_err(), "{bad:?}");
            assert!(GroupName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_refusal_points_at_the_first_wrong_character() {
        let refusal = UserName::parse("ali ce").unwrap_err();
        assert_eq!(refusal.kind.code, "invalid_user_name");
        assert!(refusal.detail.contains("' ' at byte 3"), "{}", refusal.detail);
    }

    #[test]
    fn names_compare_without_case_and_keep_their_writing() {
        let name = UserName::parse("Alice").unwrap();
        assert_eq!(name.key(), UserName::parse("aLICE").unwrap().key());
        assert_eq!(name.as_str(), "Alice");
    }
}
