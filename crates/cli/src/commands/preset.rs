//! `doorward preset …`

mod check;
mod show;

use clap::Subcommand;
use doorward_api::{List, Preset, PresetSummary};

use crate::{caller::Caller, failure::Failure, output::Output};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the applications that are known
    List {
        /// Only those whose name or summary has this word
        word: Option<String>,
    },
    /// Show what is known about one
    Show {
        /// Its name in the list
        name: String,
    },
    /// Check preset files, without asking a server. Ends with 1 when something is wrong
    Check(check::Check),
}

impl Command {
    /// Carries out what needs no server; gives back what does.
    pub(super) fn without_server(self, output: &Output) -> Result<Option<Self>, Failure> {
        match self {
            Self::Check(check) => check.run(output).map(|()| None),
            other => Ok(Some(other)),
        }
    }

    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Check(check) => check.run(caller.output),
            Self::List { word } => {
                let reply = caller.get::<List<PresetSummary>>(&["presets"]).await?;
                caller.show(&reply, |list, output| {
                    let rows = list.items.iter().filter(|preset| has(preset, word.as_deref()));
                    let rows = rows
                        .map(|preset| {
                            vec![
                                preset.id.clone(),
                                preset.name.clone(),
                                show::sure(&preset.proof).to_owned(),
                                preset.summary.clone(),
                            ]
                        })
                        .collect();
                    output.table(
                        &["PRESET", "APPLICATION", "HOW SURE", "WHAT IT IS"],
                        rows,
                        "There is none. Any application: doorward app add generic URL",
                    )
                })
            }
            Self::Show { name } => {
                let reply = caller.get::<Preset>(&["presets", &name]).await?;
                caller.show(&reply, show::print)
            }
        }
    }
}

fn has(preset: &PresetSummary, word: Option<&str>) -> bool {
    let Some(word) = word.map(str::to_lowercase) else {
        return true;
    };
    let mut texts = [&preset.id, &preset.name, &preset.summary]
        .into_iter()
        .chain(&preset.aliases);
    texts.any(|text| text.to_lowercase().contains(&word))
}
