//! Terms and conditions. The newest version is asked of people before anything else is given to them, until it is withdrawn or
//! a newer one takes its place. What was published never changes, and nobody's word is forgotten while they have an account.

mod accept;
mod publish;
mod rows;

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use publish::{ask, asked};
pub(crate) use rows::newest_accepted;

use crate::{Directory, Facts, Page, UserKind, directory::Result};

/// Entries on a page at the most.
const MOST: u32 = 500;

/// One version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Its number, counted from 1.
    pub version: u32,
    /// What it says, each language once, the first for readers of any other.
    pub texts: Vec<TermsText>,
    /// Since when people are asked.
    pub published: Timestamp,
    /// By whom.
    pub published_by: String,
    /// Since when nobody is asked any more.
    pub withdrawn: Option<Timestamp>,
}

/// What a version says in one language: its words, or where they can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsText {
    /// `en` or `de`, as the pages have them.
    pub language: String,
    /// The words, paragraphs parted by empty lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// An https address. Whoever publishes it keeps what is there as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Terms {
    /// In this language, or else in the first.
    pub fn in_language(&self, language: &str) -> Option<&TermsText> {
        let same = self.texts.iter().find(|text| text.language == language);
        same.or_else(|| self.texts.first())
    }

    /// Whether this person is to be asked: people are, programs are not.
    pub fn are_open(&self, facts: &Facts) -> bool {
        facts.user.kind == UserKind::Person && facts.accepted_terms < self.version
    }
}

/// A version and how many people have accepted it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsCount {
    /// The version.
    pub terms: Terms,
    /// People have accepted it who still have an account.
    pub accepted: u64,
    /// People are asked for it.
    pub in_force: bool,
}

/// Somebody's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsAcceptance {
    /// Its key; later ones are greater.
    pub id: Uuid,
    /// For which version.
    pub version: u32,
    /// Whose.
    pub user_id: Uuid,
    /// Their name as it is now.
    pub user: String,
    /// When.
    pub accepted: Timestamp,
    /// In which language they read it.
    pub language: String,
    /// From where.
    pub address: String,
}

/// Whose word is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AcceptedQuery {
    /// Only for this version.
    pub version: Option<u32>,
    /// Only of this person.
    pub user: Option<Uuid>,
    /// [`Page::next`] of the page before.
    pub before: Option<Uuid>,
    /// Entries per page, 1..=500.
    pub limit: u32,
}

impl Directory {
    /// What people are asked to accept, from a cache that every change clears; `None` when nothing is asked.
    pub async fn terms_in_force(&self) -> Result<Arc<Option<Terms>>> {
        self.terms_cache().get(self.read(rows::in_force)).await
    }

    /// Every version, the newest first.
    pub async fn terms(&self) -> Result<Vec<TermsCount>> {
        self.scan(|tx| {
            let all = rows::all(tx)?;
            let newest = all.first().map(|terms| terms.version);
            all.into_iter()
                .map(|terms| Ok(rows::counted(tx, terms, newest)?))
                .collect()
        })
        .await
    }

    /// One version. Refused as `no_such_terms`.
    pub async fn terms_version(&self, version: u32) -> Result<TermsCount> {
        self.scan(move |tx| {
            let terms = rows::existing(tx, version)?;
            let newest = rows::newest(tx)?;
            Ok(rows::counted(tx, terms, newest)?)
        })
        .await
    }

    /// Who has accepted what, the latest first. Right to be checked by the caller: read-people.
    pub async fn accepted_terms(&self, query: AcceptedQuery) -> Result<Page<TermsAcceptance>> {
        let limit = query.limit.clamp(1, MOST);
        let mut items = self
            .scan(move |tx| Ok(rows::accepted(tx, &query, limit.saturating_add(1))?))
            .await?;
        let asked = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > asked;
        items.truncate(asked);
        let next = items.last().filter(|_| more).map(|last| last.id.to_string());
        Ok(Page { items, next })
    }
}
