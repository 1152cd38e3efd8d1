//! `doorward doctor app`: what is wrong with the logins into an application.

use clap::Args;
use doorward_api::{App, Diagnosis, DoctorFinding, DoctorFix, DoctorRequest, DoctorSide, DoctorWeight};

use crate::{
    caller::Caller,
    commands::confirm::Confirm,
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
    /// It is in a private network although its name does not look like that
    #[arg(long)]
    allow_private: bool,
    /// Offer what may be mended at this server, one by one
    #[arg(long)]
    fix: bool,
    #[command(flatten)]
    confirm: Confirm,
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
            allow_private: self.allow_private.then_some(true),
        };
        let reply = caller
            .post::<Diagnosis>(&["apps", &self.app, "doctor"], &request)
            .await?;
        caller.show(&reply, print)?;
        let diagnosis = reply.value;
        let fixes: Vec<&DoctorFix> = diagnosis
            .findings
            .iter()
            .filter_map(|finding| finding.fix.as_deref())
            .collect();
        if self.fix {
            self.mend(&fixes, caller).await?;
        } else if !fixes.is_empty() {
            caller.output.aside(format!(
                "\nThis server could mend {}: doorward doctor app {} --fix",
                if fixes.len() == 1 {
                    "one of them"
                } else {
                    "some of them"
                },
                self.app
            ))?;
        }
        if diagnosis.usable {
            Ok(())
        } else {
            Err(Failure::found("logins into it would fail"))
        }
    }

    /// By the ordinary way, with the rights of whoever asks.
    async fn mend(&self, fixes: &[&DoctorFix], caller: &Caller<'_>) -> Result<(), Failure> {
        if fixes.is_empty() {
            return caller.output.aside("Nothing of it can be mended at this server.");
        }
        for fix in fixes {
            // What weakens is agreed to by somebody who has read it, never beforehand.
            if fix.change.pkce.is_some() && self.confirm.is_said() {
                caller.output.aside(format!(
                    "Left as it is, since it is weaker and --yes does not take that: {}.",
                    fix.about
                ))?;
                continue;
            }
            let question = format!("{}: {}?", fix.app, fix.about);
            if self.confirm.agrees(&question)? {
                caller.patch::<App>(&["apps", &fix.app], &fix.change).await?;
                caller.output.aside(format!("Done: {}.", fix.about))?;
            } else {
                caller.output.aside("Left as it is.")?;
            }
        }
        caller
            .output
            .aside(format!("Look again: doorward doctor app {}", self.app))
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
