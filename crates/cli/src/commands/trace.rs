//! `doorward trace`

use clap::Args;
use doorward_api::{List, StepOutcome, Trace as Login, TraceLine, TraceOutcome, TraceQuery, TraceStep, TraceSummary};
use jiff::{Timestamp, tz::TimeZone};

use super::Page;
use crate::{
    caller::Caller,
    failure::Failure,
    output::{Output, instant},
};

/// Without a reference the latest logins; with one what happened in it.
#[derive(Debug, Args)]
pub(crate) struct Trace {
    /// What the error page shows: 7K3Q-9FZM
    reference: Option<String>,
    /// Print each check as it happens
    #[arg(long, short, conflicts_with = "reference")]
    follow: bool,
    /// Only of this application
    #[arg(long, value_name = "APP", conflicts_with = "reference")]
    app: Option<String>,
    /// Only of this person
    #[arg(long, value_name = "USER", conflicts_with = "reference")]
    user: Option<String>,
    /// Only those that were refused
    #[arg(long, conflicts_with = "reference")]
    refused: bool,
    #[command(flatten)]
    page: Page,
}

impl Trace {
    pub(super) async fn run(self, caller: &Caller<'_>) -> Result<(), Failure> {
        if let Some(reference) = &self.reference {
            let reply = caller.get::<Login>(&["traces", reference]).await?;
            return caller.show(&reply, login);
        }
        let query = TraceQuery {
            app: self.app,
            user: self.user,
            refused: self.refused.then_some(true),
            cursor: self.page.cursor,
            limit: self.page.limit,
        };
        if self.follow {
            return caller
                .follow(&["traces", "follow"], &query, |text, output| {
                    let line: TraceLine = serde_json::from_slice(text)
                        .map_err(|error| Failure::not_doorward(format!("a line that is no step came: {error}")))?;
                    output.line(format!("{}  {}", line.reference, step(&line.step, "           ")))
                })
                .await;
        }
        let reply = caller.query::<List<TraceSummary>>(&["traces"], &query).await?;
        caller.show(&reply, |list, output| {
            let row = |summary: &TraceSummary| {
                vec![
                    summary.reference.clone(),
                    instant(summary.started),
                    summary.app.clone().unwrap_or_default(),
                    summary.user.clone().unwrap_or_default(),
                    standing(summary.outcome).to_owned(),
                    summary
                        .last
                        .as_ref()
                        .map(|last| format!("{}: {}", last.request, last.check))
                        .unwrap_or_default(),
                ]
            };
            output.list(
                list,
                &["REFERENCE", "WHEN", "APP", "USER", "OUTCOME", "LAST STEP"],
                row,
                "There are no such logins.",
            )
        })
    }
}

fn login(trace: &Login, output: &Output) -> Result<(), Failure> {
    let summary = &trace.summary;
    output.fields(&[
        ("reference", summary.reference.clone()),
        ("began", instant(summary.started)),
        ("app", summary.app.clone().unwrap_or_default()),
        ("user", summary.user.clone().unwrap_or_default()),
        ("address", summary.address.clone().unwrap_or_default()),
        ("outcome", standing(summary.outcome).to_owned()),
    ])?;
    let conclusion = &trace.conclusion;
    output.line(format!("\n{}", conclusion.sentence))?;
    if let Some(remedy) = &conclusion.remedy {
        output.line(format!("→ {remedy}"))?;
    }
    output.line("")?;
    trace.steps.iter().try_for_each(|each| output.line(step(each, "")))
}

/// One line for the check, and one each for what was found and what to do, indented under it.
fn step(step: &TraceStep, indent: &str) -> String {
    let under = format!("\n{indent}{:23}", "");
    let mut text = format!(
        "{}  {:7}  {}: {}",
        clock(step.at),
        word(step.outcome),
        step.request,
        step.check
    );
    if let Some(detail) = &step.detail {
        text.push_str(&under);
        text.push_str(detail);
    }
    if let Some(remedy) = &step.remedy {
        text.push_str(&under);
        text.push_str("→ ");
        text.push_str(remedy);
    }
    text
}

fn clock(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%H:%M:%S%.3f").to_string()
}

/// The word for a check's outcome.
pub(super) fn word(outcome: StepOutcome) -> &'static str {
    match outcome {
        StepOutcome::Ok => "ok",
        StepOutcome::Refused => "refused",
        StepOutcome::Info => "info",
    }
}

fn standing(outcome: TraceOutcome) -> &'static str {
    match outcome {
        TraceOutcome::InProgress => "in progress",
        TraceOutcome::Ok => "ok",
        TraceOutcome::Refused => "refused",
    }
}
