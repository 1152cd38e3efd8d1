//! `doorward upstream …`

mod people;
mod settings;
mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use doorward_api::{
    List, NewUpstream, Upstream, UpstreamChange, UpstreamPreset, UpstreamProbe, UpstreamRemoval, UpstreamSaved,
    UpstreamSecret, UpstreamSummary,
};

use self::settings::{Settings, read};
use super::confirm::Confirm;
use crate::{
    caller::{Caller, path_with},
    failure::Failure,
    output::{mark, value, wrap},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add an upstream; asks it first whether it would work, and prints what to do there
    Add(Box<Add>),
    /// List upstreams
    List,
    /// Show an upstream, its rules and the addresses to register there
    Show {
        /// Its name
        name: String,
        /// As a file of `doorward export`
        #[arg(long)]
        toml: bool,
    },
    /// Change an upstream; asks it first when that decides whether it works
    Edit {
        /// Its name
        name: String,
        #[command(flatten)]
        settings: Box<Settings>,
    },
    /// Remove an upstream
    Remove {
        /// Its name
        name: String,
        /// Also when people came through it: who is whom is then forgotten
        #[arg(long)]
        with_identities: bool,
        #[command(flatten)]
        confirm: Confirm,
    },
    /// Its secret there
    #[command(subcommand)]
    Secret(Secret),
    /// Ask it whether it would work: discovery, issuer, keys, algorithms, PKCE, clock, certificate, claims
    Probe {
        /// Its name
        name: String,
    },
    /// Print the address at which an administrator sees what a login through it would come to; creates nothing
    Preview {
        /// Its name
        name: String,
    },
    /// Who came through it, and who they are here
    Identities(people::Identities),
    /// Say that somebody there is a person here, or with --dry-run who would become whom
    Link(people::Link),
    /// Forget who somebody there is here; ends the sessions they had opened
    Unlink(people::Unlink),
    /// What is known of providers before they are added
    #[command(subcommand)]
    Preset(Preset),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Secret {
    /// Set it; the one before is forgotten
    Set {
        /// The upstream's name
        name: String,
        /// File with the secret or, for private_key_jwt, the private key in PEM; - for standard input
        #[arg(long, value_name = "FILE")]
        secret_file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Preset {
    /// List the providers that are known
    List,
    /// Show what is known of one, and what to do there
    Show {
        /// Its name in the list
        preset: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Which provider it is: see `doorward upstream preset list`
    preset: String,
    /// Its name here, part of the redirect URI: corp
    name: String,
    /// The client id that this server has there
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// File with the secret or, for private_key_jwt, the private key in PEM; - for standard input
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Add(add) => run_add(*add, caller).await,
            Self::List => {
                let reply = caller.get::<List<UpstreamSummary>>(&["upstreams"]).await?;
                caller.show(&reply, |list, output| {
                    let row = |one: &UpstreamSummary| {
                        vec![
                            one.name.clone(),
                            one.title.clone(),
                            one.preset.clone(),
                            one.issuer.clone(),
                            mark(!one.enabled, "off"),
                        ]
                    };
                    output.list(
                        list,
                        &["NAME", "TITLE", "PRESET", "ISSUER", ""],
                        row,
                        "There is no upstream. Try: doorward upstream preset list",
                    )
                })
            }
            Self::Show { name, toml: true } => super::state::print(caller, format!("upstreams/{name}.toml")).await,
            Self::Show { name, toml: false } => {
                let reply = caller.get::<Upstream>(&["upstreams", &name]).await?;
                caller.show(&reply, show::upstream)
            }
            Self::Edit { name, settings } => {
                let change = settings.change()?;
                if change == UpstreamChange::default() {
                    return Err(Failure::usage_with(
                        "nothing to change was given",
                        "doorward upstream edit --help",
                    ));
                }
                warn_unprobed(caller, &change)?;
                let reply = caller.patch::<UpstreamSaved>(&["upstreams", &name], &change).await?;
                caller.show(&reply, |saved, output| {
                    if let Some(probe) = &saved.probe {
                        show::warnings(probe, output)?;
                    }
                    output.line(format!("Changed {}.", saved.upstream.name))
                })
            }
            Self::Remove {
                name,
                with_identities,
                confirm,
            } => {
                confirm.ask(&format!(
                    "Remove the upstream {name}? Nobody can log in through it any more."
                ))?;
                let path = path_with(&["upstreams", &name], &UpstreamRemoval { with_identities })?;
                caller.delete_path(&path).await?;
                caller.output.line(format!("Removed {name}."))
            }
            Self::Secret(Secret::Set { name, secret_file }) => {
                let body = UpstreamSecret {
                    secret: Some(read(&secret_file)?),
                };
                let reply = caller.put::<Upstream>(&["upstreams", &name, "secret"], &body).await?;
                caller.show(&reply, |upstream, output| {
                    output.line(format!("Set the secret of {}.", upstream.name))
                })
            }
            Self::Probe { name } => {
                let reply = caller
                    .post::<UpstreamProbe>(&["upstreams", &name, "probe"], &serde_json::json!({}))
                    .await?;
                caller.show(&reply, show::probe)?;
                if reply.value.good {
                    Ok(())
                } else {
                    Err(Failure::found("logins through it would fail"))
                }
            }
            Self::Preview { name } => {
                let reply = caller.get::<Upstream>(&["upstreams", &name]).await?;
                caller.show(&reply, show::preview)
            }
            Self::Identities(identities) => identities.run(caller).await,
            Self::Link(link) => link.run(caller).await,
            Self::Unlink(unlink) => unlink.run(caller).await,
            Self::Preset(preset) => preset.run(caller).await,
        }
    }
}

impl Preset {
    async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::List => {
                let reply = caller.get::<List<UpstreamPreset>>(&["upstream-presets"]).await?;
                caller.show(&reply, |list, output| {
                    let row = |one: &UpstreamPreset| vec![one.id.clone(), one.name.clone(), one.summary.clone()];
                    output.list(
                        list,
                        &["PRESET", "PROVIDER", "WHAT IT IS"],
                        row,
                        "There are no presets.",
                    )
                })
            }
            Self::Show { preset } => {
                let reply = caller.get::<UpstreamPreset>(&["upstream-presets", &preset]).await?;
                caller.show(&reply, |preset, output| {
                    output.line(format!("{}: {}\n", preset.name, preset.summary))?;
                    output.fields(&[
                        ("issuer", preset.issuer.clone()),
                        ("scopes", preset.scopes.clone()),
                        ("rules", value(&preset.rules)),
                        ("known from", preset.evidence.clone()),
                    ])?;
                    show::steps(&preset.steps, output)?;
                    for note in &preset.notes {
                        output.line(format!("\n{}", wrap(note)))?;
                    }
                    output.line(format!(
                        "\nAdd it: doorward upstream add {} NAME --client-id ID --secret-file FILE",
                        preset.id
                    ))
                })
            }
        }
    }
}

async fn run_add(add: Add, caller: &Caller<'_>) -> Result<(), Failure> {
    let mut settings = add.settings.change()?;
    warn_unprobed(caller, &settings)?;
    let new = NewUpstream {
        preset: add.preset,
        name: add.name,
        issuer: settings.issuer.take(),
        client_id: add.client_id,
        secret: add.secret_file.as_deref().map(read).transpose()?,
        settings,
    };
    let reply = caller.post::<UpstreamSaved>(&["upstreams"], &new).await?;
    caller.show(&reply, |saved, output| {
        let upstream = &saved.upstream;
        output.line(format!("Added {} ({}).", upstream.name, upstream.issuer))?;
        if let Some(probe) = &saved.probe {
            show::warnings(probe, output)?;
        }
        show::steps(&saved.steps, output)?;
        for note in &saved.notes {
            output.aside(format!("\n{}", wrap(note)))?;
        }
        output.aside(format!(
            "\nTry it: {}",
            upstream
                .redirect_uri
                .replace(&format!("/upstream/{}/callback", upstream.name), "/login")
        ))
    })
}

/// Loud, because the next to find a mistake is somebody who wants to log in.
fn warn_unprobed(caller: &Caller<'_>, change: &UpstreamChange) -> Result<(), Failure> {
    if change.no_probe {
        caller
            .output
            .aside("NOT PROBED: it is saved without asking whether it would work. Do so before people find out: doorward upstream probe")?;
    }
    Ok(())
}
