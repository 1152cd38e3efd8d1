//! Enrolment and reset links: single use, time-limited, the newest one only.

use doorward_jose::Secret;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::User;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// A new person chooses the first password.
    Enrol,
    /// A person chooses a new password; sessions and grants end with it.
    Reset,
    /// The first administrator names themselves: the link of the first start.
    FirstAdmin,
}

impl LinkKind {
    /// The stored word: `enrol`, `reset`, `first-admin`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enrol => "enrol",
            Self::Reset => "reset",
            Self::FirstAdmin => "first-admin",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Enrol, Self::Reset, Self::FirstAdmin]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// A link just made: the only time its ticket is known.
#[derive(Debug)]
pub struct Link {
    /// Goes into the URL.
    pub ticket: Secret<String>,
    /// What it is for.
    pub kind: LinkKind,
    /// The user; none for the first administrator, who does not exist yet.
    pub user_id: Option<Uuid>,
    /// When it ends.
    pub expires: Timestamp,
}

/// What the page behind a valid link needs to know.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkPurpose {
    /// What it is for.
    pub kind: LinkKind,
    /// The user it is for; none for the first administrator.
    pub user: Option<User>,
    /// When it ends.
    pub expires: Timestamp,
}
