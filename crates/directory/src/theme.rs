//! How pages look to a person.

use serde::{Deserialize, Serialize};

/// The theme of the pages that a person sees while logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Whatever the browser prefers.
    #[default]
    Browser,
    /// Light, whatever the browser prefers.
    Light,
    /// Dark, whatever the browser prefers.
    Dark,
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Browser, Self::Light, Self::Dark];

    /// The word stored and shown: `browser`, `light` or `dark`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == word)
    }

    /// As the column has it: nothing for what the browser prefers.
    pub(crate) fn column(self) -> Option<&'static str> {
        (self != Self::Browser).then(|| self.as_str())
    }

    /// Of a later version's theme nothing is known: then the browser decides.
    pub(crate) fn of_column(word: Option<&str>) -> Self {
        word.and_then(Self::from_word).unwrap_or_default()
    }
}
