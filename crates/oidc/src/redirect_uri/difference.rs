//! Where two redirect URIs part, in words that a person can act on.

use std::fmt;

/// The first place where a received redirect URI leaves the registered one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Position in characters, the first is 1.
    pub position: usize,
    /// What is there.
    pub what: Divergence,
}

/// What differs at the position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Divergence {
    /// The received URI lacks this text, and agrees again after it.
    Missing(String),
    /// The received URI has this text in addition, and agrees again after it.
    Extra(String),
    /// Different text in the same place.
    Changed {
        /// What is registered there.
        expected: String,
        /// What came.
        received: String,
    },
}

impl Difference {
    /// Compares character by character; `None` when both are equal.
    pub fn between(expected: &str, received: &str) -> Option<Self> {
        if expected == received {
            return None;
        }
        let start = common(expected.chars(), received.chars());
        let expected_rest: Vec<char> = expected.chars().skip(start).collect();
        let received_rest: Vec<char> = received.chars().skip(start).collect();
        let end = common(expected_rest.iter().rev(), received_rest.iter().rev());
        // A replaced word is shown whole: `localhost` for `vault` says more than `localhos` for `vaul`.
        let same_tail = received_rest.iter().skip(received_rest.len() - end);
        let word = same_tail.take_while(|c| !"/:?&=#.".contains(**c)).count();
        let is_replaced = expected_rest.len() > end && received_rest.len() > end;
        let end = if is_replaced { end - word } else { end };
        let middle = |rest: &[char]| rest.iter().take(rest.len() - end).collect::<String>();
        let what = match (middle(&expected_rest), middle(&received_rest)) {
            (missing, extra) if extra.is_empty() => Divergence::Missing(missing),
            (missing, extra) if missing.is_empty() => Divergence::Extra(extra),
            (expected, received) => Divergence::Changed { expected, received },
        };
        Some(Self {
            position: start + 1,
            what,
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.position;
        match &self.what {
            Divergence::Missing(text) => write!(f, "a missing `{}` at character {at}", shown(text)),
            Divergence::Extra(text) => write!(f, "an extra `{}` at character {at}", shown(text)),
            Divergence::Changed { expected, received } => write!(
                f,
                "`{}` instead of `{}` at character {at}",
                shown(received),
                shown(expected)
            ),
        }
    }
}

/// How unlike two URIs are: the length of what lies between their common beginning and their common end, where a
/// difference in case or a slash at the end weighs least.
pub(super) fn distance(expected: &str, received: &str) -> (usize, usize) {
    let folded = |uri: &str| uri.trim_end_matches('/').to_ascii_lowercase();
    (
        between(&folded(expected), &folded(received)),
        between(expected, received),
    )
}

fn between(expected: &str, received: &str) -> usize {
    match Difference::between(expected, received).map(|difference| difference.what) {
        None => 0,
        Some(Divergence::Missing(text) | Divergence::Extra(text)) => text.chars().count(),
        Some(Divergence::Changed { expected, received }) => expected.chars().count() + received.chars().count(),
    }
}

fn common<T: PartialEq>(a: impl Iterator<Item = T>, b: impl Iterator<Item = T>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

/// Foreign text for a sentence: cut, and escaped so that it cannot act on a terminal.
fn shown(text: &str) -> String {
    let mut cut: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    if text.chars().nth(80).is_some() {
        cut.push('…');
    }
    cut
}
