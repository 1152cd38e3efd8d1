//! Terms and conditions, and who has accepted them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a version says in one language: either its words or where they can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TermsText {
    /// `en` or `de`, as the pages have them.
    pub language: String,
    /// The words, plain, paragraphs parted by empty lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// An https address. Whoever publishes it keeps what is there as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A version to publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTerms {
    /// Each language once; readers of any other get the first.
    pub texts: Vec<TermsText>,
}

/// A version in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TermsSummary {
    /// Its number, counted from 1.
    pub version: u32,
    /// People are asked for it.
    pub in_force: bool,
    /// The languages that it is in.
    pub languages: Vec<String>,
    /// When it was published.
    #[schema(value_type = String, format = DateTime)]
    pub published: Timestamp,
    /// By whom.
    pub published_by: String,
    /// When it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub withdrawn: Option<Timestamp>,
    /// How many people with an account have accepted it.
    pub accepted: u64,
}

/// A version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Terms {
    /// As in the list.
    #[serde(flatten)]
    pub about: TermsSummary,
    /// What it says.
    pub texts: Vec<TermsText>,
}

/// Somebody's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TermsAcceptance {
    /// Whose, by name.
    pub user: String,
    /// Whose, by id.
    #[schema(value_type = String, format = "uuid")]
    pub user_id: Uuid,
    /// For which version.
    pub version: u32,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub accepted: Timestamp,
    /// In which language it was read.
    pub language: String,
    /// From where.
    pub address: String,
}

/// Whose word is listed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TermsAcceptanceQuery {
    /// Only for this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Only of this person, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Entries per page, 1 to 500; 100 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}
