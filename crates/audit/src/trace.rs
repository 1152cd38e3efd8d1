//! A trace: what happened in one login.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Reference;

/// The check under which the answer with a code is noted. [`crate::conclude`] looks for it: from then on it is the
/// application's turn.
pub const CODE_ISSUED: &str = "authorize.code_issued";

/// The names of requests, as [`Visit::request`] has them. [`crate::conclude`] knows `TOKEN` and `USERINFO`.
pub mod request {
    /// The authorization endpoint.
    pub const AUTHORIZE: &str = "authorize";
    /// The login page.
    pub const LOGIN: &str = "login";
    /// The consent page.
    pub const CONSENT: &str = "consent";
    /// The token endpoint.
    pub const TOKEN: &str = "token";
    /// The userinfo endpoint.
    pub const USERINFO: &str = "userinfo";
    /// The logout endpoint.
    pub const LOGOUT: &str = "logout";
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// The check held.
    Ok,
    /// The check refused; the last step of its request.
    Refused,
    /// Something worth knowing that decided nothing.
    Info,
}

/// How the whole login stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceOutcome {
    /// Nobody knows yet, or it was left where it was.
    #[default]
    InProgress,
    /// The application has its tokens.
    Ok,
    /// It was refused.
    Refused,
}

impl TraceOutcome {
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::InProgress => 0,
            Self::Ok => 1,
            Self::Refused => 2,
        }
    }

    pub(crate) fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::InProgress),
            1 => Some(Self::Ok),
            2 => Some(Self::Refused),
            _ => None,
        }
    }
}

/// One check, page or fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When. Given by the visit; what a caller writes here is replaced.
    pub at: Timestamp,
    /// In which request: `authorize`, `login`, `consent`, `token`, `userinfo`, … Given by the visit too.
    pub request: Cow<'static, str>,
    /// The check, by its stable name.
    pub check: Cow<'static, str>,
    /// How it went.
    pub outcome: StepOutcome,
    /// What was expected and what came; empty when there is nothing to say. Never a secret.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub detail: Cow<'static, str>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// What came, byte by byte, where whoever mends it goes on with it: a redirect URI. A stranger may have made it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<String>,
}

impl Step {
    /// A step; its time and request come from the visit that it is part of.
    pub fn new(
        check: impl Into<Cow<'static, str>>,
        outcome: StepOutcome,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            at: Timestamp::UNIX_EPOCH,
            request: Cow::Borrowed(""),
            check: check.into(),
            outcome,
            detail: detail.into(),
            remedy: None,
            received: None,
        }
    }

    /// A check that held.
    pub fn ok(check: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(check, StepOutcome::Ok, detail)
    }

    /// A check that refused.
    pub fn refused(check: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(check, StepOutcome::Refused, detail)
    }

    /// Something worth knowing.
    pub fn info(check: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(check, StepOutcome::Info, detail)
    }

    /// What to do about it.
    #[must_use]
    pub fn with_remedy(mut self, remedy: Option<String>) -> Self {
        self.remedy = remedy;
        self
    }

    /// What came, for whoever goes on with it.
    #[must_use]
    pub fn with_received(mut self, received: Option<String>) -> Self {
        self.received = received;
        self
    }
}

/// One request's contribution to a trace: what [`crate::Tracer::note`] takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visit {
    /// Which request: `authorize`, `login`, `consent`, `token`, `userinfo`, `introspect`, `revoke`, `logout`, …
    pub request: Cow<'static, str>,
    /// The application's client id, once known.
    pub app: Option<String>,
    /// The person's name, once known.
    pub user: Option<String>,
    /// The address that the person came from; the first one known is kept.
    pub address: Option<String>,
    /// How the login stands after this request; `InProgress` leaves it as it was.
    pub outcome: TraceOutcome,
    /// What was checked, in order.
    pub steps: Vec<Step>,
}

impl Visit {
    /// A request with nothing in it yet.
    pub fn new(request: impl Into<Cow<'static, str>>) -> Self {
        Self {
            request: request.into(),
            ..Self::default()
        }
    }
}

/// A login in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceSummary {
    /// What the person reads out.
    pub reference: Reference,
    /// When it began.
    pub started: Timestamp,
    /// When something was last added.
    pub updated: Timestamp,
    /// The application's client id, once known.
    pub app: Option<String>,
    /// The person's name, once known.
    pub user: Option<String>,
    /// The address that the person came from.
    pub address: Option<String>,
    /// How it stands.
    pub outcome: TraceOutcome,
    /// The last refusal, or else the last step.
    pub last: Option<Step>,
}

/// A login with its steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// What a list shows of it.
    #[serde(flatten)]
    pub summary: TraceSummary,
    /// In order.
    pub steps: Vec<Step>,
}

/// Which traces. Empty means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceFilter {
    /// The application's client id.
    pub app: Option<String>,
    /// The person's name.
    pub user: Option<String>,
    /// Only those that were refused.
    pub refused_only: bool,
}
