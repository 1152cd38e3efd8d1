//! `doorward event …`

use clap::{Args, Subcommand};
use doorward_api::{Event, EventOutcome, EventQuery, List};

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
    subject: Option<String>,
    /// Only what this person did, and what was done to their account
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// Only of this login, by its reference
    #[arg(long, value_name = "REFERENCE")]
    trace: Option<String>,
    /// Only what was refused
    #[arg(long)]
    refused: bool,
}

impl Which {
    fn query(self) -> EventQuery {
        EventQuery {
            action: self.action,
            actor: self.actor,
            subject: self.subject,
            person: self.person,
            trace: self.trace,
            refused: self.refused.then_some(true),
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
    let mut detail: Vec<String> = event.trace.iter().cloned().collect();
    if let Some(members) = event.data.as_object() {
        detail.extend(members.iter().map(|(name, member)| format!("{name}={}", value(member))));
    }
    let outcome = match event.outcome {
        EventOutcome::Ok => "ok".to_owned(),
        EventOutcome::Refused => event.reason.clone().unwrap_or_else(|| "refused".to_owned()),
    };
    vec![
        instant(event.at),
        event.action.clone(),
        event.actor.name.clone(),
        event
            .subject
            .as_ref()
            .map(|subject| subject.name.clone())
            .unwrap_or_default(),
        outcome,
        event.address.clone().unwrap_or_else(|| event.actor.via.clone()),
        detail.join(" "),
    ]
}
