//! `doorward preset …`

use clap::Subcommand;
use doorward_api::{List, Preset, PresetSummary};

use crate::{caller::Caller, failure::Failure, output::value};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the applications that are known
    List,
    /// Show what is known about one
    Show {
        /// Its name in the list
        name: String,
    },
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::List => {
                let reply = caller.get::<List<PresetSummary>>(&["presets"]).await?;
                caller.show(&reply, |list, output| {
                    let row =
                        |preset: &PresetSummary| vec![preset.id.clone(), preset.name.clone(), preset.summary.clone()];
                    output.list(
                        list,
                        &["PRESET", "APPLICATION", "WHAT IT IS"],
                        row,
                        "There are no presets.",
                    )
                })
            }
            Self::Show { name } => {
                let reply = caller.get::<Preset>(&["presets", &name]).await?;
                caller.show(&reply, |preset, output| {
                    output.line(format!("{}: {}\n", preset.about.name, preset.about.summary))?;
                    let settings = preset.settings.as_object();
                    let fields: Vec<(&str, String)> = settings
                        .into_iter()
                        .flatten()
                        .filter(|(_, setting)| !setting.is_null())
                        .map(|(name, setting)| (name.as_str(), value(setting)))
                        .collect();
                    output.fields(&fields)?;
                    output.line(format!("\nAdd it: doorward app add {} <url>", preset.about.id))
                })
            }
        }
    }
}
