//! Matching of single values: exactly, or with `*` for any run of characters.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A pattern for a text. Which of the two it is, is said, not guessed: a group may have a star in its name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// Equal, with regard to case.
    Exact(String),
    /// Equal, where each `*` stands for any number of any characters.
    Glob(String),
}

impl Pattern {
    /// Whether a text fits.
    pub fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == text,
            Self::Glob(glob) => Self::glob_matches(glob, text),
        }
    }

    /// Whether a text fits a glob.
    pub(crate) fn glob_matches(glob: &str, text: &str) -> bool {
        glob_matches(glob, text)
    }

    /// Whether a claim's value fits: a string as it is, a number or a boolean as JSON writes it, a list when one of its
    /// members fits.
    pub fn matches_value(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.matches(text),
            Value::Array(items) => items.iter().any(|item| !item.is_array() && self.matches_value(item)),
            Value::Bool(_) | Value::Number(_) => self.matches(&value.to_string()),
            Value::Null | Value::Object(_) => false,
        }
    }
}

/// Without backtracking over the whole text: a pattern from outside may not cost more than its length times the text's.
fn glob_matches(glob: &str, text: &str) -> bool {
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        // The earliest place leaves the most for the parts that follow.
        match rest.find(part).and_then(|at| rest.get(at + part.len()..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}
