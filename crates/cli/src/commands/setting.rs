//! `doorward setting …`

use clap::{Args, Subcommand};
use doorward_api::{Settings, SettingsChange};

use crate::{caller::Caller, failure::Failure, output::Output};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the settings
    Show,
    /// Change settings
    Edit(Change),
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Change {
    /// How many days events are kept
    #[arg(long, value_name = "DAYS")]
    event_retention: Option<u32>,
    /// How many days traces are kept
    #[arg(long, value_name = "DAYS")]
    trace_retention: Option<u32>,
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let reply = match self {
            Self::Show => caller.get::<Settings>(&["settings"]).await?,
            Self::Edit(change) => {
                let change = SettingsChange {
                    event_retention_days: change.event_retention,
                    trace_retention_days: change.trace_retention,
                };
                caller.patch::<Settings>(&["settings"], &change).await?
            }
        };
        caller.show(&reply, show)
    }
}

fn show(settings: &Settings, output: &Output) -> Result<(), Failure> {
    output.fields(&[
        ("events are kept", format!("{} days", settings.event_retention_days)),
        ("traces are kept", format!("{} days", settings.trace_retention_days)),
    ])
}
