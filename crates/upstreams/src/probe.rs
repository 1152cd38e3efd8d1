//! Asking an upstream whether it would work, before a person finds out.

use std::time::Duration;

use doorward_login::{Login, ProbeOptions, Report, Weight};
use doorward_oidc::Refusal;
use serde::Serialize;

use crate::connections::{Connections, template};
use crate::{Upstream, UpstreamsError, refusals};

/// What came of asking an upstream.
#[derive(Debug, Clone, Serialize)]
pub struct Probed {
    /// The upstream's clock minus ours, in milliseconds.
    pub clock_offset_ms: Option<i64>,
    /// Claims that it says it offers.
    pub claims: Vec<String>,
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

/// Asks. What the settings say is looked at first, then what the provider says of itself; a provider without discovery says
/// nothing.
pub(crate) async fn probe(
    connections: &Connections,
    upstream: &Upstream,
    secret: Option<String>,
) -> Result<Probed, UpstreamsError> {
    connections.fresh(upstream, secret)?;
    if upstream.is_oauth_only() {
        return Ok(Probed {
            clock_offset_ms: None,
            claims: Vec::new(),
            findings: vec![Finding {
                subject: "discovery".to_owned(),
                severity: Severity::Warning,
                detail: "an OAuth 2 provider has none: its endpoints are those of the preset, and only a login shows whether \
                         client id and secret are right"
                    .to_owned(),
                remedy: None,
            }],
        });
    }
    let report = Login::probe(&upstream.issuer, options(connections, upstream)).await;
    let mut findings: Vec<Finding> = report.findings.iter().map(|one| finding(&report, one)).collect();
    if let Some(offered) = &report.offered {
        findings.extend(unsigned(upstream, &offered.algorithms));
        findings.extend(unread(upstream, &offered.claims));
    }
    Ok(Probed {
        clock_offset_ms: report.clock_offset_ms,
        claims: report.offered.map(|offered| offered.claims).unwrap_or_default(),
        findings,
    })
}

fn options(connections: &Connections, upstream: &Upstream) -> ProbeOptions {
    ProbeOptions {
        client_id: Some(upstream.client_id.clone()),
        scopes: Some(upstream.scopes.clone()),
        ca_pem: upstream.ca_pem.clone().map(String::into_bytes),
        allow_private: Some(upstream.allow_private),
        template: template(&upstream.issuer).filter(|_| !upstream.tenants.is_empty()),
        timeout: Duration::from_secs(upstream.timeout),
        leeway: Duration::from_secs(upstream.leeway.unsigned_abs()),
        http: connections.http.clone(),
        ..ProbeOptions::default()
    }
}

fn finding(report: &Report, found: &doorward_login::Finding) -> Finding {
    let severity = match found.weight {
        Weight::Good => Severity::Good,
        Weight::Advice => Severity::Warning,
        Weight::Problem => Severity::Failure,
    };
    let better = report.suggestion.as_deref().filter(|_| severity == Severity::Failure);
    let remedy = match better {
        Some(issuer) => Some(format!("the right issuer: --issuer {issuer}")),
        None if found.code == "tls_untrusted" => Some("for a private CA: --ca-file FILE".to_owned()),
        None if found.code == "address_not_allowed" => {
            Some("if it is meant to be in a private network: --allow-private on".to_owned())
        }
        None => found.remedy.clone(),
    };
    Finding {
        subject: found.code.to_owned(),
        severity,
        detail: if found.expected == found.received {
            found.received.clone()
        } else {
            format!("expected {}, got {}", found.expected, found.received)
        },
        remedy,
    }
}

/// Algorithms that the setting allows and of which the provider offers none.
fn unsigned(upstream: &Upstream, offered: &[String]) -> Option<Finding> {
    let allowed: Vec<&str> = upstream.algorithms.iter().map(|one| one.name()).collect();
    let fits =
        allowed.is_empty() || offered.is_empty() || allowed.iter().any(|one| offered.iter().any(|other| other == one));
    (!fits).then(|| Finding {
        subject: "algorithm_not_allowed".to_owned(),
        severity: Severity::Failure,
        detail: format!(
            "expected one of {} among the algorithms, got {}",
            allowed.join(", "),
            offered.join(", ")
        ),
        remedy: Some(format!("--algorithms {}", offered.join(","))),
    })
}

/// Claims that the rules read and the provider does not say that it offers. Many leave claims out of the list, so it is
/// never more than a hint.
fn unread(upstream: &Upstream, offered: &[String]) -> Option<Finding> {
    if offered.is_empty() {
        return None;
    }
    let missing: Vec<&str> = upstream
        .rules
        .claims_read()
        .into_iter()
        .filter(|claim| !offered.iter().any(|one| one == claim))
        .collect();
    (!missing.is_empty()).then(|| Finding {
        subject: "claims".to_owned(),
        severity: Severity::Warning,
        detail: format!(
            "the rules read {}, which it does not say that it offers",
            missing.join(", ")
        ),
        remedy: Some("log in once with `doorward upstream preview` and look at the claims".to_owned()),
    })
}
