//! `doorward service …`

mod key;

use clap::{Args, Subcommand};
use doorward_api::{ApiToken, Edit, List, NewService, NewToken, PageQuery, Service, ServiceChange, TokenShown};
use jiff::Timestamp;

use super::{Page, confirm::Confirm};
use crate::{
    caller::Caller,
    failure::Failure,
    moment,
    output::{Output, instant, mark, maybe_instant},
    span,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a service account: a name that programs act under
    Add {
        /// Its name: ansible
        name: String,
        /// What it is for
        #[arg(long = "name", value_name = "TEXT")]
        display_name: Option<String>,
        /// When it ends: a day, which counts to its end (UTC), or a time
        #[arg(long, value_name = "WHEN", value_parser = doorward_api::day::end_of)]
        expires: Option<Timestamp>,
    },
    /// List service accounts
    List {
        #[command(flatten)]
        page: Page,
    },
    /// Show a service account
    Show {
        /// Its name
        name: String,
        /// As a file of `doorward export`
        #[arg(long)]
        toml: bool,
    },
    /// Change a service account
    Edit(Change),
    /// Disable service accounts: their tokens are refused at once, until they are enabled again
    Disable {
        /// Their names
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Enable service accounts again
    Enable {
        /// Their names
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Delete a service account with its tokens
    Delete {
        /// Its name
        name: String,
        #[command(flatten)]
        confirm: Confirm,
    },
    /// Public keys, with which a service signs for its tokens
    #[command(subcommand)]
    Key(key::Key),
    /// API tokens, which programs show to the API
    #[command(subcommand)]
    Token(Token),
}

#[derive(Debug, Args)]
pub(crate) struct Change {
    /// Its name
    name: String,
    /// What it is for
    #[arg(long = "name", value_name = "TEXT")]
    display_name: Option<String>,
    /// When it ends: a day, which counts to its end (UTC), a time, or never
    #[arg(long, value_name = "WHEN", value_parser = moment::or_never)]
    expires: Option<Edit<Timestamp>>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token; its value is shown this once
    Add {
        /// The service account
        service: String,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        label: Option<String>,
        /// How long it works: 90d; without an end when not given
        #[arg(long, value_name = "SPAN", value_parser = span::parse)]
        lifetime: Option<u32>,
    },
    /// List the tokens of a service account, never their values
    List {
        /// The service account
        service: String,
    },
    /// Revoke a token at once
    Revoke {
        /// The service account
        service: String,
        /// The token's id in the list
        id: String,
    },
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Add {
                name,
                display_name,
                expires,
            } => {
                let new = NewService {
                    name,
                    display_name,
                    expires,
                };
                let reply = caller.post::<Service>(&["services"], &new).await?;
                caller.show(&reply, |service, output| {
                    output.line(format!("Added {}.", service.name))?;
                    output.aside(format!(
                        "What it may do: doorward admin grant read-only {0}\nIts token: doorward service token add {0}",
                        service.name
                    ))
                })
            }
            Self::List { page } => {
                let query = PageQuery {
                    cursor: page.cursor,
                    limit: page.limit,
                };
                let reply = caller.query::<List<Service>>(&["services"], &query).await?;
                caller.show(&reply, |list, output| {
                    let row = |service: &Service| {
                        vec![
                            service.name.clone(),
                            service.display_name.clone(),
                            mark(service.disabled, "disabled"),
                        ]
                    };
                    output.list(
                        list,
                        &["NAME", "FOR", "STATE"],
                        row,
                        "There is none. Try: doorward service add <name>",
                    )
                })
            }
            Self::Show { name, toml: true } => super::state::print(caller, format!("services/{name}.toml")).await,
            Self::Show { name, toml: false } => {
                let reply = caller.get::<Service>(&["services", &name]).await?;
                caller.show(&reply, show)
            }
            Self::Edit(change) => change.run(caller).await,
            Self::Disable { names } => set_disabled(caller, &names, true).await,
            Self::Enable { names } => set_disabled(caller, &names, false).await,
            Self::Delete { name, confirm } => {
                confirm.ask(&format!("Delete the service account {name} with its tokens?"))?;
                caller.delete(&["services", &name]).await?;
                caller.output.line(format!("Deleted {name}."))
            }
            Self::Key(key) => key.run(caller).await,
            Self::Token(token) => token.run(caller).await,
        }
    }
}

impl Change {
    async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        let request = ServiceChange {
            display_name: self.display_name,
            expires: self.expires.unwrap_or_default(),
            disabled: None,
        };
        if request == ServiceChange::default() {
            return Err(Failure::usage_with(
                "nothing to change was given",
                "doorward service edit --help",
            ));
        }
        let reply = caller.patch::<Service>(&["services", &self.name], &request).await?;
        caller.show(&reply, |service, output| {
            output.line(format!("Changed {}.", service.name))
        })
    }
}

async fn set_disabled(caller: &Caller<'_>, names: &[String], disabled: bool) -> Result<(), Failure> {
    let change = ServiceChange {
        disabled: Some(disabled),
        ..ServiceChange::default()
    };
    let done = if disabled { "Disabled" } else { "Enabled" };
    for name in names {
        let reply = caller.patch::<Service>(&["services", name], &change).await?;
        caller.show(&reply, |service, output| {
            output.line(format!("{done} {}.", service.name))
        })?;
    }
    Ok(())
}

impl Token {
    async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Add {
                service,
                label,
                lifetime,
            } => {
                let request = NewToken {
                    label,
                    lifetime_seconds: lifetime,
                };
                let reply = caller
                    .post::<TokenShown>(&["services", &service, "tokens"], &request)
                    .await?;
                caller.show(&reply, |shown, output| {
                    output.aside("This is its value; it is shown only now:")?;
                    output.line(&shown.token)
                })
            }
            Self::List { service } => {
                let reply = caller.get::<List<ApiToken>>(&["services", &service, "tokens"]).await?;
                caller.show(&reply, |list, output| {
                    let row = |token: &ApiToken| {
                        vec![
                            token.id.to_string(),
                            token.label.clone(),
                            instant(token.created),
                            token.expires.map_or_else(|| "never".to_owned(), instant),
                            maybe_instant(token.last_used),
                        ]
                    };
                    output.list(
                        list,
                        &["ID", "FOR", "MADE", "ENDS", "LAST USED"],
                        row,
                        &format!("{service} has no token."),
                    )
                })
            }
            Self::Revoke { service, id } => {
                caller.delete(&["services", &service, "tokens", &id]).await?;
                caller.output.line(format!("Revoked a token of {service}."))
            }
        }
    }
}

fn show(service: &Service, output: &Output) -> Result<(), Failure> {
    output.fields(&[
        ("name", service.name.clone()),
        ("for", service.display_name.clone()),
        ("state", mark(service.disabled, "disabled")),
        ("ends", maybe_instant(service.expires)),
        ("groups", service.effective_groups.join(", ")),
        ("id", service.id.to_string()),
        ("added", instant(service.created)),
    ])
}
