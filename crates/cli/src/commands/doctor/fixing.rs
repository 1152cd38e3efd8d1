//! What the doctor offers to mend at the server, one by one.

use clap::Args;
use doorward_api::{App, ClientRegistration, Diagnosis, DoctorChange, DoctorFix};

use crate::{caller::Caller, commands::confirm::Confirm, failure::Failure};

#[derive(Debug, Args)]
pub(super) struct Fixing {
    /// Offer what may be mended at this server, one by one
    #[arg(long)]
    fix: bool,
    #[command(flatten)]
    confirm: Confirm,
}

impl Fixing {
    /// Offers what was found, or says how it would be offered. `again` is the command that looks.
    pub(super) async fn offer(&self, diagnosis: &Diagnosis, again: &str, caller: &Caller<'_>) -> Result<(), Failure> {
        let output = caller.output;
        let fixes: Vec<&DoctorFix> = diagnosis.findings.iter().filter_map(|one| one.fix.as_deref()).collect();
        if !self.fix {
            return match fixes.len() {
                0 => Ok(()),
                1 => output.aside(format!("\nThis server could mend one of them: {again} --fix")),
                _ => output.aside(format!("\nThis server could mend some of them: {again} --fix")),
            };
        }
        if fixes.is_empty() {
            return output.aside("Nothing of it can be mended at this server.");
        }
        for fix in fixes {
            if fix.needs_a_person && self.confirm.is_said() {
                output.aside(format!(
                    "Left as it is, since --yes does not take what opens something or may keep somebody out: {}.",
                    fix.about
                ))?;
            } else if self.confirm.agrees(&format!("{}{}?", whose(&fix.change), fix.about))? {
                carry_out(&fix.change, caller).await?;
                output.aside(format!("Done: {}.", fix.about))?;
            } else {
                output.aside("Left as it is.")?;
            }
        }
        output.aside(format!("Look again: {again}"))
    }
}

fn whose(change: &DoctorChange) -> String {
    match change {
        DoctorChange::App(app) => format!("{}: ", app.client_id),
        _ => String::new(),
    }
}

/// By the ordinary operation, with the rights of whoever asks.
async fn carry_out(change: &DoctorChange, caller: &Caller<'_>) -> Result<(), Failure> {
    match change {
        DoctorChange::App(app) => {
            caller.patch::<App>(&["apps", &app.client_id], &app.change).await?;
        }
        DoctorChange::ClientRegistration(change) => {
            caller
                .patch::<ClientRegistration>(&["client-registration"], change)
                .await?;
        }
        DoctorChange::RenewCertificate => {
            caller
                .post_for_nothing(&["tls", "renew"], &serde_json::json!(null))
                .await?;
        }
    }
    Ok(())
}
