//! `doorward doctor` without more, and `doorward doctor upstream`.

use clap::Args;
use doorward_api::{Diagnosis, DoctorFinding, DoctorRemedy, DoctorSide, DoctorWeight, ProbeSeverity, UpstreamProbe};

use super::{app, fixing::Fixing};
use crate::{caller::Caller, failure::Failure};

/// The installation itself.
pub(super) async fn run(fixing: &Fixing, caller: &Caller<'_>) -> Result<(), Failure> {
    let reply = caller.get::<Diagnosis>(&["doctor"]).await?;
    caller.show(&reply, |diagnosis, output| {
        for finding in &diagnosis.findings {
            app::print_finding(finding, output)?;
        }
        if diagnosis.usable {
            output.line("\nNothing is wrong with this installation.")
        } else {
            Ok(())
        }
    })?;
    fixing.offer(&reply.value, "doorward doctor", caller).await?;
    if reply.value.usable {
        Ok(())
    } else {
        Err(Failure::found("something is wrong with this installation"))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Upstream {
    /// Its name here
    name: String,
}

impl Upstream {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let reply = caller
            .post::<UpstreamProbe>(&["upstreams", &self.name, "probe"], &serde_json::json!({}))
            .await?;
        caller.show(&reply, |probe, output| {
            let mut findings: Vec<DoctorFinding> = probe.findings.iter().map(shown).collect();
            findings.sort_by_key(|finding| match finding.weight {
                DoctorWeight::Problem => 0,
                DoctorWeight::Advice => 1,
                DoctorWeight::Good => 2,
            });
            for finding in &findings {
                app::print_finding(finding, output)?;
            }
            Ok(())
        })?;
        if reply.value.good {
            caller.output.line("\nLogins through it can work.")
        } else {
            Err(Failure::found("logins through it would fail"))
        }
    }
}

fn shown(finding: &doorward_api::ProbeFinding) -> DoctorFinding {
    DoctorFinding {
        code: finding.subject.clone(),
        weight: match finding.severity {
            ProbeSeverity::Failure => DoctorWeight::Problem,
            ProbeSeverity::Warning => DoctorWeight::Advice,
            ProbeSeverity::Good => DoctorWeight::Good,
        },
        expected: finding.detail.clone(),
        received: finding.detail.clone(),
        remedies: finding
            .remedy
            .iter()
            .map(|text| DoctorRemedy {
                side: DoctorSide::Here,
                text: text.clone(),
            })
            .collect(),
        fix: None,
    }
}
