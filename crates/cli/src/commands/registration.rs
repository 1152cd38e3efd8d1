//! `doorward registration …`

use clap::{Args, Subcommand};
use doorward_api::{
    List, PageQuery, Registration, RegistrationApproval, RegistrationApproved, RegistrationChange, RegistrationRequest,
};

use super::Page;
use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, instant},
    switch,
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show who may register, and what becomes of them
    Show,
    /// Say who may register, and what becomes of them
    Set(Change),
    /// List those who registered and wait to be let in
    List {
        #[command(flatten)]
        page: Page,
    },
    /// Let somebody in who waits: they get a letter with the link to choose a password
    Approve {
        /// The registration's id, from `doorward registration list`
        id: String,
        /// Another user name than the one that they chose
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// Turn somebody away who waits: they are told by letter
    Reject {
        /// The registration's id, from `doorward registration list`
        id: String,
    },
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Change {
    /// Whether anybody may; needs [mail] and a domain
    #[arg(long, value_name = "on|off", value_parser = switch::parse)]
    open: Option<bool>,
    /// Domains of the mail addresses that may: example.com,example.org; '*' for all, empty for none
    #[arg(long, value_name = "DOMAINS", value_parser = words)]
    domains: Option<Words>,
    /// Whether an administrator decides about each
    #[arg(long, value_name = "on|off", value_parser = switch::parse)]
    approval: Option<bool>,
    /// Groups that newcomers are put into: staff,guests; empty for none
    #[arg(long, value_name = "GROUPS", value_parser = words)]
    groups: Option<Words>,
}

/// A list in one argument, which may be empty.
#[derive(Debug, Clone)]
struct Words(Vec<String>);

#[expect(clippy::unnecessary_wraps, reason = "the signature of a value parser")]
fn words(text: &str) -> Result<Words, String> {
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    Ok(Words(words.map(str::to_owned).collect()))
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::Show => {
                let reply = caller.get::<Registration>(&["registration"]).await?;
                caller.show(&reply, show)
            }
            Self::Set(change) => {
                let change = RegistrationChange {
                    open: change.open,
                    domains: change.domains.map(|domains| domains.0),
                    approval: change.approval,
                    groups: change.groups.map(|groups| groups.0),
                };
                let reply = caller.patch::<Registration>(&["registration"], &change).await?;
                caller.show(&reply, show)
            }
            Self::List { page } => {
                let query = PageQuery {
                    cursor: page.cursor,
                    limit: page.limit,
                };
                let reply = caller
                    .query::<List<RegistrationRequest>>(&["registration", "requests"], &query)
                    .await?;
                caller.show(&reply, |list, output| {
                    output.list(
                        list,
                        &["ID", "MAIL ADDRESS", "NAME", "FULL NAME", "SINCE", "FROM"],
                        row,
                        "Nobody waits.",
                    )
                })
            }
            Self::Approve { id, name } => {
                let approval = RegistrationApproval { name };
                let reply = caller
                    .post::<RegistrationApproved>(&["registration", "requests", &id, "approve"], &approval)
                    .await?;
                caller.show(&reply, |approved, output| {
                    let to = approved.mailed_to.as_deref().unwrap_or("nobody");
                    output.line(format!(
                        "Let {} in; a letter with the link goes to {to}.",
                        approved.name
                    ))
                })
            }
            Self::Reject { id } => {
                caller
                    .post_for_nothing(&["registration", "requests", &id, "reject"], &())
                    .await?;
                caller.output.line(format!("Turned the registration {id} away."))
            }
        }
    }
}

fn show(registration: &Registration, output: &Output) -> Result<(), Failure> {
    let or_none = |words: &[String]| {
        if words.is_empty() {
            "none".to_owned()
        } else {
            words.join(", ")
        }
    };
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    output.fields(&[
        ("open", yes(registration.open)),
        ("mail domains", or_none(&registration.domains)),
        ("approval", yes(registration.approval)),
        ("groups of newcomers", or_none(&registration.groups)),
    ])
}

fn row(request: &RegistrationRequest) -> Vec<String> {
    vec![
        request.id.to_string(),
        request.email.clone(),
        request.name.clone(),
        request.display_name.clone(),
        instant(request.created),
        request.address.clone(),
    ]
}
