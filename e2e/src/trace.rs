//! What `doorward trace REFERENCE --json` says.

use serde::Deserialize;

/// A login with its steps.
#[derive(Debug, Clone, Deserialize)]
pub struct Trace {
    /// What the person reads out.
    pub reference: String,
    /// The application, once known.
    #[serde(default)]
    pub app: Option<String>,
    /// The person, once known.
    #[serde(default)]
    pub user: Option<String>,
    /// `ok`, `refused` or `in_progress`.
    pub outcome: String,
    /// Checks and pages in order.
    pub steps: Vec<Step>,
    /// What it means.
    pub conclusion: Conclusion,
}

/// A sentence about a whole trace.
#[derive(Debug, Clone, Deserialize)]
pub struct Conclusion {
    /// Its stable name.
    pub code: String,
    /// `good`, `bad` or `open`.
    pub verdict: String,
    /// What happened.
    pub sentence: String,
    /// What to do about it.
    #[serde(default)]
    pub remedy: Option<String>,
}

/// One check.
#[derive(Debug, Clone, Deserialize)]
pub struct Step {
    /// Its stable name.
    pub check: String,
    /// `ok`, `refused` or `info`.
    pub outcome: String,
    /// What was expected and what came.
    #[serde(default)]
    pub detail: Option<String>,
    /// What to do about it.
    #[serde(default)]
    pub remedy: Option<String>,
}

impl Trace {
    /// The first refused step.
    #[track_caller]
    pub fn refusal(&self) -> &Step {
        self.steps
            .iter()
            .find(|step| step.outcome == "refused")
            .unwrap_or_else(|| panic!("nothing was refused in {self:#?}"))
    }

    /// Whether that check passed.
    pub fn passed(&self, check: &str) -> bool {
        self.steps
            .iter()
            .any(|step| step.check == check && step.outcome == "ok")
    }
}
