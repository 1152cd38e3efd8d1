//! `doorward master-key …`

use clap::Subcommand;
use doorward_api::{Master, MasterKey};

use super::confirm::Confirm;
use crate::{caller::Caller, failure::Failure, output::Output};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show where the master key is from and which keys are at hand; never themselves
    Show,
    /// Make another master key and seal everything under it, while the server runs
    Rotate,
    /// Leave out the older keys: backups from before can then be read only with a copy of them
    Forget {
        #[command(flatten)]
        confirm: Confirm,
    },
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let reply = match self {
            Self::Show => caller.get::<Master>(&["master-key"]).await?,
            Self::Rotate => caller.post::<Master>(&["master-key", "rotate"], &()).await?,
            Self::Forget { confirm } => {
                confirm
                    .ask("Forget the older master keys? Backups from before can be read with a copy of them only.")?;
                caller.post::<Master>(&["master-key", "forget"], &()).await?
            }
        };
        caller.show(&reply, show)
    }
}

fn show(master: &Master, output: &Output) -> Result<(), Failure> {
    output.line(format!("from {}", master.source))?;
    for key in &master.keys {
        output.line(format!("key {:>3}: {}", key.id, said(key)))?;
    }
    if master.keys.iter().any(|key| !key.needed) {
        output.aside("When no backup from before is kept any more: doorward master-key forget")?;
    }
    Ok(())
}

fn said(key: &MasterKey) -> &'static str {
    match (key.current, key.needed) {
        (true, _) => "everything is sealed under it",
        (false, true) => "opens what was sealed under it",
        (false, false) => "for backups from before",
    }
}
