//! How the server does, at a glance.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Figures, and what wants attention. What the caller has no right to see is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Overview {
    /// Logins are counted from here on: a day ago.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// People, disabled ones included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<u64>,
    /// Groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<u64>,
    /// Live sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions: Option<u64>,
    /// Applications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apps: Option<u64>,
    /// Logins since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logins: Option<Logins>,
    /// What an administrator should look at.
    #[serde(default)]
    pub attention: Vec<Attention>,
}

/// Logins in a span of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Logins {
    /// That worked.
    pub good: u64,
    /// That were refused.
    pub refused: u64,
    /// Why, the most frequent first.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// There were more events than are looked at: the counts are of the latest.
    #[serde(default)]
    pub capped: bool,
}

/// Why logins were refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reason {
    /// Code of the refusal.
    #[schema(examples("wrong_password"))]
    pub code: String,
    /// How often.
    pub count: u64,
}

/// Something that wants attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attention {
    /// Stable word: `app_for_nobody`, `app_weakened`, `one_administrator`, `registrations_wait`,
    /// `upstream_disabled`.
    pub code: String,
    /// What it is about: an application's client id, an upstream's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What is the matter.
    pub sentence: String,
    /// What to type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// It lets somebody in who should not be, or keeps somebody out.
    #[serde(default)]
    pub urgent: bool,
}
