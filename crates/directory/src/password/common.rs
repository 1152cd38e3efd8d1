//! Passwords that everybody tries first (NIST SP 800-63B §3.1.1.2 asks for a list of them).

use std::sync::Arc;

use super::form;

const EMBEDDED: &str = include_str!("../../data/common-passwords.txt");

/// Common passwords: one a line, in any case; empty lines and lines that begin with `#` do not count. The default is the
/// list that comes with Doorward. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct CommonPasswords {
    /// Already in the form in which they are looked for.
    own: Option<Arc<str>>,
}

impl CommonPasswords {
    /// The most that a list may have, in bytes: it is gone through for every new password.
    pub const MOST_BYTES: usize = 4 * 1024 * 1024;

    /// A list that takes the place of ours; `None` when there is not one password in it, which would be none at all by mistake.
    pub fn from_text(text: &str) -> Option<Self> {
        let words: Vec<String> = entries(text).map(|word| folded(&form::opaque(word))).collect();
        (!words.is_empty()).then(|| Self {
            own: Some(words.join("\n").into()),
        })
    }

    /// Whether the list has this password, which is in its one form, in whatever case.
    pub(crate) fn contains(&self, password: &str) -> bool {
        let wanted = folded(password);
        // Some 50 KB once per new password, beside 19 MiB for its hash: an index would only cost memory.
        entries(self.own.as_deref().unwrap_or(EMBEDDED)).any(|word| word == wanted)
    }
}

fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(|line| line.trim_end_matches('\r'))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn folded(password: &str) -> String {
    password.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MIN_PASSWORD_CHARS;

    #[test]
    fn the_list_that_comes_with_us_is_in_the_form_in_which_it_is_looked_for() {
        assert!(entries(EMBEDDED).count() >= 5_000);
        for word in entries(EMBEDDED) {
            assert_eq!(word, folded(&form::opaque(word)));
            assert!(
                word.chars().count() >= MIN_PASSWORD_CHARS,
                "{word} is refused as too short"
            );
        }
        let ours = CommonPasswords::default();
        for common in ["password", "PassWord", "iloveyou", "qwerty123"] {
            assert!(ours.contains(common), "{common}");
        }
        for other in ["correct horse", "", "passwort-für-heute", "# the 5,000"] {
            assert!(!ours.contains(other), "{other}");
        }
    }

    #[test]
    fn a_list_of_ones_own_takes_its_place() {
        let own = CommonPasswords::from_text("# ours\r\nCaf\u{e9}-Post 7\r\n\r\nacme2026\n").unwrap();
        for common in ["acme2026", "ACME2026", "caf\u{e9}-post 7"] {
            assert!(own.contains(common), "{common}");
        }
        assert!(!own.contains("password"), "it takes the place, it does not add");
        assert!(CommonPasswords::from_text("# nothing\n\n").is_none());
    }
}
