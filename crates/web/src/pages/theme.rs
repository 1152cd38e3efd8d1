//! Which of the two themes a page is shown in, when it is not the browser that decides.

use doorward_directory::Theme;

/// A theme that somebody chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shade {
    /// Dark letters on light ground.
    Light,
    /// Light letters on dark ground.
    Dark,
}

impl Shade {
    /// What a person's choice means; none when the browser decides.
    pub fn of(theme: Theme) -> Option<Self> {
        match theme {
            Theme::Browser => None,
            Theme::Light => Some(Self::Light),
            Theme::Dark => Some(Self::Dark),
        }
    }

    /// The word in the document, in the style sheet and in the cookie.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Of the cookie; anything else is as good as none.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Theme::from_word(word).and_then(Self::of)
    }
}
