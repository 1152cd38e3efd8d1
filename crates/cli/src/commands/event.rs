//! `doorward event …`

use clap::{Args, Subcommand};
use doorward_api::{Event, EventQuery, List};

use super::Page;
use crate::{
    caller::Caller,
    failure::Failure,
    output::{instant, value},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List events, the latest first
    List {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        page: Page,
    },
    /// Print events as they happen; JSON lines with --json
    Follow {
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Only these actions: login, app, app.secret
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only by this administrator or person
    #[arg(long = "by", value_name = "NAME")]
    actor: Option<String>,
    /// Only what was done to this person, group or application
    #[arg(long = "to", value_name = "NAME")]
    target: Option<String>,
}

impl Which {
    fn query(self) -> EventQuery {
        EventQuery {
            action: self.action,
            actor: self.actor,
            target: self.target,
            ..EventQuery::default()
        }
    }
}

impl Command {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        match self {
            Self::List { which, page } => {
                let query = EventQuery {
                    cursor: page.cursor,
                    limit: page.limit,
                    ..which.query()
                };
                let reply = caller.query::<List<Event>>(&["events"], &query).await?;
                caller.show(&reply, |list, output| {
                    output.list(
                        list,
                        &["WHEN", "ACTION", "WHO", "TO", "OUTCOME", "FROM", "DETAIL"],
                        row,
                        "There are no such events.",
                    )
                })
            }
            Self::Follow { which } => {
                caller
                    .follow(&["events", "follow"], &which.query(), |line, output| {
                        let event: Event = serde_json::from_slice(line)
                            .map_err(|error| Failure::not_doorward(format!("a line that is no event came: {error}")))?;
                        output.line(
                            row(&event)
                                .into_iter()
                                .filter(|part| !part.is_empty())
                                .collect::<Vec<_>>()
                                .join("  "),
                        )
                    })
                    .await
            }
        }
    }
}

fn row(event: &Event) -> Vec<String> {
    let mut detail: Vec<String> = event.reference.iter().cloned().collect();
    if let Some(members) = event.detail.as_object() {
        detail.extend(members.iter().map(|(name, member)| format!("{name}={}", value(member))));
    }
    vec![
        instant(event.at),
        event.action.clone(),
        event.actor.clone(),
        event.target.clone().unwrap_or_default(),
        event.outcome.clone(),
        event.address.clone().unwrap_or_else(|| event.via.clone()),
        detail.join(" "),
    ]
}
