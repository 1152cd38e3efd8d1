//! `doorward doctor app`: what is wrong with the logins into an application.

use clap::Args;
use doorward_api::{Diagnosis, DoctorFinding, DoctorRequest, DoctorSide, DoctorWeight};

use super::fixing::Fixing;
use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, wrap},
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  doorward doctor app netbox\n  doorward doctor app netbox --user alice --fix")]
pub(crate) struct Look {
    /// Its client id: netbox
    app: String,
    /// Whose token is looked at [default: whoever logged in to it last]
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    #[command(flatten)]
    fixing: Fixing,
}

impl Look {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        if !caller.output.json {
            caller
                .output
                .aside(format!("Looking at {}; it takes some ten seconds.", self.app))?;
        }
        let request = DoctorRequest {
            user: self.user.clone(),
        };
        let reply = caller
            .post::<Diagnosis>(&["apps", &self.app, "doctor"], &request)
            .await?;
        caller.show(&reply, print)?;
        let diagnosis = reply.value;
        self.fixing
            .offer(&diagnosis, &format!("doorward doctor app {}", self.app), caller)
            .await?;
        if diagnosis.usable {
            Ok(())
        } else {
            Err(Failure::found("logins into it would fail"))
        }
    }
}

fn print(diagnosis: &Diagnosis, output: &Output) -> Result<(), Failure> {
    for finding in &diagnosis.findings {
        print_finding(finding, output)?;
    }
    match &diagnosis.conclusion {
        Some(conclusion) => output.line(format!("\n{}", wrap(conclusion).trim_end())),
        None => output.line("\nLogins can work."),
    }
}

pub(super) fn print_finding(finding: &DoctorFinding, output: &Output) -> Result<(), Failure> {
    let mark = match finding.weight {
        DoctorWeight::Problem => "wrong",
        DoctorWeight::Advice => "look",
        DoctorWeight::Good => "good",
    };
    let detail = if finding.weight == DoctorWeight::Good || finding.expected == finding.received {
        finding.received.clone()
    } else {
        format!("expected {}, got {}", finding.expected, finding.received)
    };
    output.line(format!("{mark:5}  {}: {detail}", finding.code))?;
    for remedy in &finding.remedies {
        let side = match remedy.side {
            DoctorSide::Here => "here",
            DoctorSide::Application => "there",
        };
        let lines = wrap(&remedy.text);
        for (nth, line) in lines.lines().enumerate() {
            let lead = if nth == 0 {
                format!("→ {side}:")
            } else {
                String::new()
            };
            output.line(format!("       {lead:8} {line}"))?;
        }
    }
    Ok(())
}
