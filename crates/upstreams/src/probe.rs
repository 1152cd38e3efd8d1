//! Asking an upstream whether it would work, before a person finds out.

use doorward_oidc::Refusal;
use serde::Serialize;

use crate::connections::Connections;
use crate::{Upstream, UpstreamsError, failure, refusals};

/// What came of asking an upstream.
#[derive(Debug, Clone, Serialize)]
pub struct Probed {
    /// Everything that was looked at, in order.
    pub findings: Vec<Finding>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// `discovery`, `issuer`, `algorithms`, `pkce`, `clock`, `tls`, `claims`, …
    pub subject: String,
    /// How it looks.
    pub severity: Severity,
    /// What was found: expected, received.
    pub detail: String,
    /// What to type or change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// How something looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// As it should be.
    Good,
    /// It works, and somebody should know.
    Warning,
    /// No login would succeed.
    Failure,
}

impl Probed {
    /// Whether logins can work.
    pub fn is_good(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.severity != Severity::Failure)
    }

    /// Refuses what would not work.
    pub(crate) fn refuse_failure(&self, upstream: &Upstream) -> Result<(), Refusal> {
        let failures: Vec<&Finding> = self
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Failure)
            .collect();
        let Some(first) = failures.first() else { return Ok(()) };
        let details: Vec<String> = failures
            .iter()
            .map(|finding| format!("{}: {}", finding.subject, finding.detail))
            .collect();
        let remedy = first.remedy.clone().unwrap_or_default();
        Err(Refusal::response(
            &refusals::UPSTREAM_PROBE_FAILED,
            format!("{} was not saved. {}", upstream.name, details.join("; ")),
        )
        .with_remedy(
            format!("{remedy} If the upstream does not run yet: --no-probe saves it as it is.")
                .trim_start()
                .to_owned(),
        ))
    }
}

/// Asks.
pub(crate) async fn probe(
    connections: &Connections,
    upstream: &Upstream,
    secret: Option<String>,
) -> Result<Probed, UpstreamsError> {
    let login = connections.fresh(upstream, secret)?;
    let finding = match login.check().await {
        Ok(()) => Finding {
            subject: "discovery".to_owned(),
            severity: Severity::Good,
            detail: format!("metadata and keys of {}", upstream.issuer),
            remedy: None,
        },
        Err(error) => {
            let refusal = failure::refusal_of(upstream, &error);
            Finding {
                subject: refusal.kind.code.to_owned(),
                severity: Severity::Failure,
                detail: refusal.detail,
                remedy: refusal.remedy,
            }
        }
    };
    Ok(Probed {
        findings: vec![finding],
    })
}
