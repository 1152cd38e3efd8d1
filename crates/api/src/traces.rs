//! Traces: what happened in one login, check by check.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How a step or a whole login went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TraceOutcome {
    /// Passed.
    Ok,
    /// Refused.
    Refused,
    /// Neither: something worth knowing.
    Info,
}

/// One check or page of a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TraceStep {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The check, by its stable name: `redirect_uri.is_registered`.
    pub check: String,
    /// How it went.
    pub outcome: TraceOutcome,
    /// What was expected and what came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// A login in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TraceSummary {
    /// What the person reads out: `7K3Q-9FZM`.
    #[schema(examples("7K3Q-9FZM"))]
    pub reference: String,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub started: Timestamp,
    /// The application, by client id, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The person, by name, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// From which address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// `refused` as soon as one step is, `ok` once a token was fetched, `info` until then.
    pub outcome: TraceOutcome,
    /// The last thing that happened, or the refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

/// A login with all its steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Trace {
    /// What the list shows of it.
    #[serde(flatten)]
    pub summary: TraceSummary,
    /// Steps in order; at most 500 are kept.
    pub steps: Vec<TraceStep>,
}

/// One step of any login, as it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TraceLine {
    /// The login that it belongs to.
    #[schema(examples("7K3Q-9FZM"))]
    pub reference: String,
    /// The step.
    #[serde(flatten)]
    pub step: TraceStep,
}

/// Which logins; the latest first, except when followed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TraceQuery {
    /// Only of this application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Only of this person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Only those that were refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<bool>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Entries per page, 1 to 500; 100 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}
