//! Traces: what happened in one login, check by check.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// The check held.
    Ok,
    /// The check refused; the last step of its request.
    Refused,
    /// Something worth knowing that decided nothing.
    Info,
}

/// How a whole login stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TraceOutcome {
    /// Nobody knows yet, or it was left where it was.
    InProgress,
    /// The application has its tokens.
    Ok,
    /// It was refused.
    Refused,
}

/// One check or page of a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TraceStep {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// In which request: `authorize`, `login`, `token`, `userinfo`, …
    pub request: String,
    /// The check, by its stable name: `redirect_uri`.
    pub check: String,
    /// How it went.
    pub outcome: StepOutcome,
    /// What was expected and what came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// What came, byte by byte, where whoever mends it goes on with it: a redirect URI. A stranger may have made it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<String>,
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
    /// When something was last added.
    #[schema(value_type = String, format = DateTime)]
    pub updated: Timestamp,
    /// The application, by client id, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The person, by name, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The address that the person came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// How it stands.
    pub outcome: TraceOutcome,
    /// The last refusal, or else the last step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<TraceStep>,
}

/// A login with all its steps, and what they mean together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Trace {
    /// What the list shows of it.
    #[serde(flatten)]
    pub summary: TraceSummary,
    /// Steps in order.
    pub steps: Vec<TraceStep>,
    /// What it means.
    pub conclusion: Conclusion,
}

/// What a trace means, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Conclusion {
    /// Stable name: `complete`, `refused`, `userinfo_missing`, …
    pub code: String,
    /// `good`, `bad`, or `open` while nobody can say.
    pub verdict: String,
    /// What happened.
    pub sentence: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// One step of any login, as it happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TraceLine {
    /// The login that it belongs to.
    #[schema(examples("7K3Q-9FZM"))]
    pub reference: String,
    /// The application, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The person, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The step.
    #[serde(flatten)]
    pub step: TraceStep,
}

/// Which logins; the latest first, except when followed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TraceQuery {
    /// Only of this application, by client id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Only of this person, by name.
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

/// The check that compares redirect URIs.
const REDIRECT_URI: &str = "authorize.redirect_uri";

impl TraceSummary {
    /// The redirect URI for which this login was refused, byte by byte, and when: what an application sent that does not have it
    /// registered. A stranger may have made it up.
    pub fn refused_redirect_uri(&self) -> Option<(Timestamp, &str)> {
        let step = self.last.as_ref()?;
        let is_refused = step.outcome == StepOutcome::Refused && step.check == REDIRECT_URI;
        let received = step.received.as_deref()?;
        is_refused.then_some((step.at, received))
    }
}
