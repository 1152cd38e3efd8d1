//! One thing that the doctor looked at, and how it is shown.

use doorward_login::Weight;
use serde::Serialize;

use crate::{
    failure::Failure,
    output::{Output, wrap},
};

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    /// Stable, snake case.
    pub(super) code: String,
    /// How much it matters.
    pub(super) weight: Weight,
    /// What a login needs.
    pub(super) expected: String,
    /// What is there.
    pub(super) received: String,
    /// What to do, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remedy: Option<String>,
}

impl Finding {
    pub(super) fn good(code: &str, received: impl Into<String>) -> Self {
        let received = received.into();
        Self {
            code: code.to_owned(),
            weight: Weight::Good,
            expected: received.clone(),
            received,
            remedy: None,
        }
    }

    pub(super) fn bad(
        code: &str,
        weight: Weight,
        expected: impl Into<String>,
        received: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            code: code.to_owned(),
            weight,
            expected: expected.into(),
            received: received.into(),
            remedy: Some(remedy.into()),
        }
    }
}

impl From<doorward_login::Finding> for Finding {
    fn from(finding: doorward_login::Finding) -> Self {
        Self {
            code: finding.code.to_owned(),
            weight: finding.weight,
            expected: finding.expected,
            received: finding.received,
            remedy: finding.remedy,
        }
    }
}

/// Problems first, then advice, then what is well, each group in the order in which it was looked at.
pub(super) fn print(findings: &[Finding], output: &Output) -> Result<(), Failure> {
    for (weight, mark) in [
        (Weight::Problem, "wrong"),
        (Weight::Advice, "look"),
        (Weight::Good, "good"),
    ] {
        for finding in findings.iter().filter(|finding| finding.weight == weight) {
            let detail = if finding.expected == finding.received || weight == Weight::Good {
                finding.received.clone()
            } else {
                format!("expected {}, got {}", finding.expected, finding.received)
            };
            output.line(format!("{mark:5}  {}: {detail}", finding.code))?;
            if let Some(remedy) = &finding.remedy {
                let lines = wrap(remedy);
                for (nth, line) in lines.lines().enumerate() {
                    output.line(format!("       {} {line}", if nth == 0 { "→" } else { " " }))?;
                }
            }
        }
    }
    Ok(())
}
