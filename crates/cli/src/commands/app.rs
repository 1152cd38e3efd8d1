//! `doorward app …`

mod edit;
mod edit_requests;
mod grants;
mod keys;
mod logout;
mod pair;
mod preview;
mod registration;
mod sender;
mod show;
mod show_requests;
mod snippet;

use clap::{Args, Subcommand};
use doorward_api::{
    App, AppAdded, AppChange, AppSummary, List, NewApp, NewScopeMapEntry, PageQuery, Preview, PreviewRequest,
    RotateSecret, ScopeMapChange, SecretShown, Snippet, SnippetQuery,
};

use self::edit::Settings;
pub(super) use self::edit::word;
use super::{Page, confirm::Confirm};
use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, instant, mark},
    span,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add an application; prints the configuration to paste into it
    Add(Box<Add>),
    /// List applications
    List {
        #[command(flatten)]
        page: Page,
    },
    /// Show an application, or with --snippet the configuration to paste into it
    Show {
        /// Its client id: netbox
        app: String,
        /// The configuration to paste, with the secret in it
        #[arg(long)]
        snippet: bool,
        /// The same without the secret
        #[arg(long, requires = "snippet")]
        no_secret: bool,
        /// Path, on the application's machine, of the private CA's certificate
        #[arg(long, value_name = "PATH", requires = "snippet")]
        ca_file: Option<String>,
        /// As a file of `doorward export`
        #[arg(long, conflicts_with = "snippet")]
        toml: bool,
    },
    /// Change an application
    Edit {
        /// Its client id
        app: String,
        #[command(flatten)]
        settings: Box<Settings>,
    },
    /// Wait for the redirect URI that an application makes up by itself, and register it
    Pair(pair::Pair),
    /// Let nobody log in to applications any more, and give them no tokens
    Disable {
        /// Their client ids
        #[arg(required = true)]
        apps: Vec<String>,
    },
    /// Let people log in to disabled applications again
    Enable {
        /// Their client ids
        #[arg(required = true)]
        apps: Vec<String>,
    },
    /// Remove an application with its secret and everything that it was granted
    Remove {
        /// Its client id
        app: String,
        #[command(flatten)]
        confirm: Confirm,
    },
    /// Applications that register themselves (dynamic client registration)
    #[command(subcommand)]
    Registration(registration::Command),
    /// Its client secret
    #[command(subcommand)]
    Secret(Secret),
    /// Let the members of a group use an application
    Allow {
        /// Its client id
        app: String,
        /// The group; `everyone` for everybody
        group: String,
        /// The scopes they may get [default: those that the application asks for]
        scopes: Vec<String>,
    },
    /// Take that away again
    Deny {
        /// Its client id
        app: String,
        /// The group
        group: String,
    },
    /// Show which logouts an application was told of, and why it was not
    Logouts {
        /// Its client id
        app: String,
        /// Tell it now of those that it does not know of, also of those that were given up
        #[arg(long)]
        retry: bool,
    },
    /// Show what a person would get, and why they are let in or not
    Preview {
        /// Its client id
        app: String,
        /// The person
        #[arg(long, value_name = "USER")]
        user: String,
        /// Scopes that the application would ask for [default: those of its settings]
        #[arg(long, value_name = "SCOPE", value_delimiter = ',')]
        scopes: Option<Vec<String>>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Secret {
    /// Print the secret; this is recorded
    Show {
        /// Its client id
        app: String,
    },
    /// Make a new secret and print it
    Rotate {
        /// Its client id
        app: String,
        /// How long the old one is accepted too: 24h
        #[arg(long, value_name = "SPAN", value_parser = span::parse)]
        overlap: Option<u32>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// What it is: netbox, grafana, …; `doorward preset list` has them all, `generic` is any other
    preset: String,
    /// Where people open it: https://netbox.example.com
    url: String,
    /// Its name in commands, which is its client id [default: the preset's]
    #[arg(long, value_name = "CLIENT ID")]
    name: Option<String>,
    /// Group whose members may use it; several times for several
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Scopes that these groups may get [default: those that the application asks for]
    #[arg(
        long = "group-scopes",
        alias = "scopes",
        value_name = "SCOPE",
        value_delimiter = ',',
        requires = "groups"
    )]
    group_scopes: Option<Vec<String>>,
    /// Path, on the application's machine, of the private CA's certificate
    #[arg(long, value_name = "PATH")]
    ca_file: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Add(add) => add.run(caller).await,
            Self::List { page } => {
                let query = PageQuery {
                    cursor: page.cursor,
                    limit: page.limit,
                };
                let reply = caller.query::<List<AppSummary>>(&["apps"], &query).await?;
                caller.show(&reply, |list, output| {
                    output.list(
                        list,
                        &["APP", "NAME", "URL", "WHO", "STATE"],
                        row,
                        "There is none. Try: doorward preset list",
                    )
                })
            }
            Self::Show {
                app,
                snippet: true,
                no_secret,
                ca_file,
                ..
            } => {
                let query = SnippetQuery {
                    ca_file,
                    secret: (!no_secret).then_some(true),
                };
                let reply = caller.query::<Snippet>(&["apps", &app, "snippet"], &query).await?;
                caller.show(&reply, snippet::print)
            }
            Self::Show { app, toml: true, .. } => super::state::print(caller, format!("applications/{app}.toml")).await,
            Self::Show { app, .. } => {
                let reply = caller.get::<App>(&["apps", &app]).await?;
                caller.show(&reply, show::print)?;
                if caller.output.json {
                    return Ok(());
                }
                logout::standing(caller, &app).await
            }
            Self::Edit { app, settings } => {
                let change = settings.change()?;
                if change == AppChange::default() {
                    return Err(Failure::usage_with(
                        "nothing to change was given",
                        "doorward app edit --help",
                    ));
                }
                let reply = caller.patch::<App>(&["apps", &app], &change).await?;
                caller.show(&reply, |app, output| {
                    output.line(format!("Changed {}.", app.client_id))?;
                    show::weakened(app, output)
                })
            }
            Self::Pair(pair) => pair.run(caller).await,
            Self::Disable { apps } => set_disabled(caller, &apps, true).await,
            Self::Enable { apps } => set_disabled(caller, &apps, false).await,
            Self::Remove { app, confirm } => {
                confirm.ask(&format!(
                    "Remove {app}? Nobody can log in to it any more, and its secret is gone."
                ))?;
                caller.delete(&["apps", &app]).await?;
                caller.output.line(format!("Removed {app}."))
            }
            Self::Registration(command) => command.run(caller).await,
            Self::Secret(Secret::Show { app }) => {
                let reply = caller.get::<SecretShown>(&["apps", &app, "secret"]).await?;
                caller.show(&reply, secret)
            }
            Self::Secret(Secret::Rotate { app, overlap }) => {
                let request = RotateSecret {
                    overlap_seconds: overlap,
                };
                let reply = caller
                    .post::<SecretShown>(&["apps", &app, "secret", "rotate"], &request)
                    .await?;
                caller.show(&reply, secret)
            }
            Self::Allow { app, group, scopes } => {
                // People separate scopes by spaces, commas, or both.
                let scopes = scopes
                    .iter()
                    .flat_map(|some| some.split([',', ' ']))
                    .filter(|scope| !scope.is_empty());
                let scopes: Vec<String> = scopes.map(str::to_owned).collect();
                let change = ScopeMapChange {
                    scopes: (!scopes.is_empty()).then_some(scopes),
                };
                let reply = caller.put::<App>(&["apps", &app, "scope-map", &group], &change).await?;
                caller.show(&reply, |app, output| {
                    let scopes = app
                        .scope_map
                        .iter()
                        .find(|entry| entry.group.eq_ignore_ascii_case(&group));
                    let scopes = scopes
                        .map(|entry| format!(", with {}", entry.scopes.join(" ")))
                        .unwrap_or_default();
                    output.line(format!("Members of {group} may use {}{scopes}.", app.client_id))
                })
            }
            Self::Deny { app, group } => {
                let reply = caller.delete_for::<App>(&["apps", &app, "scope-map", &group]).await?;
                caller.show(&reply, |app, output| {
                    output.line(format!(
                        "Being in {group} no longer lets anybody use {}.",
                        app.client_id
                    ))?;
                    show::who(app, output)
                })
            }
            Self::Logouts { app, retry } => logout::logouts(caller, &app, retry).await,
            Self::Preview { app, user, scopes } => {
                let request = PreviewRequest { user, scopes };
                let reply = caller.post::<Preview>(&["apps", &app, "preview"], &request).await?;
                caller.show(&reply, preview::print)
            }
        }
    }
}

impl Add {
    async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let settings = self.settings.change()?;
        let request = NewApp {
            preset: self.preset,
            url: self.url,
            client_id: self.name,
            scope_map: self
                .groups
                .into_iter()
                .map(|group| NewScopeMapEntry {
                    group,
                    scopes: self.group_scopes.clone(),
                })
                .collect(),
            settings: (settings != AppChange::default()).then_some(settings),
            ca_file: self.ca_file,
        };
        let reply = caller.post::<AppAdded>(&["apps"], &request).await?;
        caller.show(&reply, |added, output| {
            output.line(format!("Added {} as {}.\n", added.app.name, added.app.client_id))?;
            snippet::print(&added.snippet, output)?;
            show::weakened(&added.app, output)?;
            show::who(&added.app, output)
        })
    }
}

async fn set_disabled(caller: &Caller<'_>, apps: &[String], disabled: bool) -> Result<(), Failure> {
    let change = AppChange {
        disabled: Some(disabled),
        ..AppChange::default()
    };
    let done = if disabled { "Disabled" } else { "Enabled" };
    for app in apps {
        let reply = caller.patch::<App>(&["apps", app], &change).await?;
        caller.show(&reply, |app, output| output.line(format!("{done} {}.", app.client_id)))?;
    }
    Ok(())
}

fn row(app: &AppSummary) -> Vec<String> {
    let who = if app.groups.is_empty() {
        "nobody yet".to_owned()
    } else {
        app.groups.join(", ")
    };
    vec![
        app.client_id.clone(),
        app.name.clone(),
        app.url.clone(),
        who,
        mark(app.disabled, "disabled"),
    ]
}

/// The secret alone on the output, so that it can be piped to where it belongs.
fn secret(shown: &SecretShown, output: &Output) -> Result<(), Failure> {
    output.line(&shown.secret)?;
    match shown.previous_until {
        Some(until) => output.aside(format!("The one before is accepted until {}.", instant(until))),
        None => Ok(()),
    }
}
