//! What each check found, in order: the material of a login's trace.

use std::borrow::Cow;

use doorward_oidc::Refusal;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The check holds.
    Ok,
    /// The check refused the request; it is the last step of this request.
    Refused,
    /// Something worth knowing that decides nothing.
    Info,
}

impl Outcome {
    /// The word that traces store: `ok`, `refused`, `info`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Info => "info",
        }
    }
}

/// One step of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The name of the check, stable and dotted: `authorize.redirect_uri`.
    pub check: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What was seen, for the operator; never a secret. Empty when there is nothing to add.
    pub detail: Cow<'static, str>,
    /// What to type or change, when the step refused and something can be done.
    pub remedy: Option<String>,
    /// What came, where whoever mends it goes on with it.
    pub received: Option<String>,
}

/// Collects steps while a request is checked. [`Steps::off`] collects nothing and costs nothing, for requests that
/// belong to no login (a service fetching its token a thousand times a second).
#[derive(Debug, Default)]
pub struct Steps {
    collected: Vec<Step>,
    off: bool,
}

impl Steps {
    /// A collector for one request.
    pub fn new() -> Self {
        Self::default()
    }

    /// A collector that drops everything but refusals.
    pub fn off() -> Self {
        Self {
            collected: Vec::new(),
            off: true,
        }
    }

    /// A check that holds.
    pub fn ok(&mut self, check: &'static str, detail: impl Into<Cow<'static, str>>) {
        self.push(check, Outcome::Ok, detail);
    }

    /// Something worth knowing.
    pub fn info(&mut self, check: &'static str, detail: impl Into<Cow<'static, str>>) {
        self.push(check, Outcome::Info, detail);
    }

    /// A check that holds, with a detail that is only built when somebody collects it.
    pub fn ok_with(&mut self, check: &'static str, detail: impl FnOnce() -> String) {
        if !self.off {
            self.ok(check, detail());
        }
    }

    /// Something worth knowing, built only when somebody collects it.
    pub fn info_with(&mut self, check: &'static str, detail: impl FnOnce() -> String) {
        if !self.off {
            self.info(check, detail());
        }
    }

    /// A check that refused; kept even when the collector is off, since a refusal is always worth a trace.
    pub fn refused(&mut self, check: &'static str, refusal: &Refusal) {
        self.collected.push(Step {
            check,
            outcome: Outcome::Refused,
            detail: Cow::Owned(format!("{}: {}", refusal.kind.code, refusal.detail)),
            remedy: refusal.remedy.clone(),
            received: refusal.received.clone(),
        });
    }

    /// Records how `result` ended and passes it on.
    pub fn record<T>(&mut self, check: &'static str, result: Result<T, Refusal>) -> Result<T, Refusal> {
        match &result {
            Ok(_) => self.ok(check, ""),
            Err(refusal) => self.refused(check, refusal),
        }
        result
    }

    /// Takes over what another collector has, such as one that went along with a unit of work.
    pub fn extend(&mut self, other: Self) {
        if self.off {
            self.collected.extend(
                other
                    .collected
                    .into_iter()
                    .filter(|step| step.outcome == Outcome::Refused),
            );
        } else {
            self.collected.extend(other.collected);
        }
    }

    /// What was collected, in order.
    pub fn as_slice(&self) -> &[Step] {
        &self.collected
    }

    /// Hands the steps over.
    pub fn into_vec(self) -> Vec<Step> {
        self.collected
    }

    fn push(&mut self, check: &'static str, outcome: Outcome, detail: impl Into<Cow<'static, str>>) {
        if !self.off {
            self.collected.push(Step {
                check,
                outcome,
                detail: detail.into(),
                remedy: None,
                received: None,
            });
        }
    }
}
