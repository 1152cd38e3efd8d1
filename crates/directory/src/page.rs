//! Listing in pages that stay fast at any size: each page starts where the last one ended.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::UserKind;

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The entries, in the listing's order.
    pub items: Vec<T>,
    /// Pass as `after` to get the next page; `None` on the last one.
    pub next: Option<String>,
}

/// Which users to list. Without `search` they come by name; with it by the word that matched.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserQuery {
    /// The beginning of a name, of an e-mail address, or of a word of the full name, in any case.
    pub search: Option<String>,
    /// Only this kind.
    pub kind: Option<UserKind>,
    /// Only direct members of this group, or with `nested` also members through groups below it.
    pub group: Option<Uuid>,
    /// See `group`.
    pub nested: bool,
    /// [`Page::next`] of the page before.
    pub after: Option<String>,
    /// Entries per page, 1..=500; 0 means 100.
    pub limit: u32,
}

/// Which groups to list, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupQuery {
    /// The beginning of a name, in any case.
    pub search: Option<String>,
    /// [`Page::next`] of the page before.
    pub after: Option<String>,
    /// Entries per page, 1..=500; 0 means 100.
    pub limit: u32,
}
