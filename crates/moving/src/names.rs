//! Names of ours for names of others: letters (a-z), digits, `.`, `_` and `-`, at most 64, each once.

use std::collections::HashSet;

/// What fits behind is at most `-99999`.
const LONGEST: usize = 58;

/// Names that are given away, in the order of the document, so that the same document gives the same names again.
#[derive(Debug, Default)]
pub(crate) struct Names(HashSet<String>);

impl Names {
    /// The nearest name to `wanted` that nobody of this document has.
    pub(crate) fn give(&mut self, wanted: &str, otherwise: &str) -> String {
        let stem = plain(wanted, otherwise);
        if self.0.insert(stem.to_ascii_lowercase()) {
            return stem;
        }
        (2..=99_999_u32)
            .map(|number| format!("{stem}-{number}"))
            .find(|name| self.0.insert(name.to_ascii_lowercase()))
            .unwrap_or(stem)
    }
}

/// Whether a name can be one here as it is.
pub(crate) fn fits(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(is_plain)
        && uuid::Uuid::parse_str(name).is_err()
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

fn plain(wanted: &str, otherwise: &str) -> String {
    if fits(wanted) {
        return wanted.to_owned();
    }
    let text: String = wanted
        .chars()
        .map(|c| if is_plain(c) { c } else { '-' })
        .skip_while(|c| !c.is_ascii_alphanumeric())
        .take(LONGEST)
        .collect();
    let text = text.trim_end_matches('-');
    if text.is_empty() {
        otherwise.to_owned()
    } else if uuid::Uuid::parse_str(text).is_ok() {
        // Nobody is called like somebody's id.
        format!("{otherwise}-{text}").chars().take(LONGEST).collect()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_given_once_and_the_nearest_comes_first() {
        let mut names = Names::default();
        assert_eq!(names.give("Net Ops", "group"), "Net-Ops");
        assert_eq!(names.give("net-ops", "group"), "net-ops-2");
        assert_eq!(names.give("/", "group"), "group");
        assert_eq!(names.give("日本", "group"), "group-2");
        let long = names.give(&"x".repeat(300), "group");
        assert!(fits(&long) && fits(&names.give(&"x".repeat(300), "group")));
        assert!(
            names
                .give("0198c0de-0000-7000-8000-000000000001", "user")
                .starts_with("user-0198")
        );
    }
}
