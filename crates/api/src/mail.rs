//! Letters to people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whether and through what mail is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MailStatus {
    /// Whether a mail server is configured; without one links are handed over.
    pub on: bool,
    /// Its host and port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Letters that will be sent.
    pub waiting: u64,
    /// Letters that nobody would take; they can be looked at for two weeks.
    pub given_up: u64,
}

/// A letter that has not arrived. What it says is not shown: it may carry a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Letter {
    /// Names it.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// What it is: `password-reset`, `invitation`, `password-changed`, …
    pub kind: String,
    /// The address.
    pub recipient: String,
    /// How it stands.
    pub state: LetterState,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next; when it was given up.
    #[schema(value_type = String, format = DateTime)]
    pub due: Timestamp,
    /// What the mail server said last, or why it was not reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

/// How a letter in the queue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LetterState {
    /// It will be sent.
    Waiting,
    /// It will not be sent unless somebody says so.
    GivenUp,
}

/// A test letter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailTest {
    /// The address it goes to.
    #[schema(examples("alice@example.com"))]
    pub to: String,
    /// Its language: `en` or `de`; English when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// What a test answers when the mail server took the letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MailTested {
    /// Host and port of the mail server.
    pub server: String,
}
