//! Logins, check by check.

use doorward_api as api;

use super::{
    Frame, Room,
    app::{outcome, tone},
    people::next,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Step, Style, Table, Tone},
    words::{segment, word},
};
use crate::pages::{moment, text::Text};

/// A page of logins.
#[derive(Debug, Clone, Copy)]
pub struct Traces<'a> {
    /// The latest first.
    pub found: &'a api::List<api::TraceSummary>,
    /// Only of this application.
    pub app: &'a str,
    /// Only of this person.
    pub user: &'a str,
    /// Only those that were refused.
    pub refused: bool,
    /// Not the first page: nothing is added at its top.
    pub is_later: bool,
}

/// Renders the logins.
pub fn traces(view: &Traces<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let rows = view
        .found
        .items
        .iter()
        .map(|trace| {
            let href = frame.within(Room::Traces, &format!("/{}", segment(&trace.reference)));
            vec![
                Cell::Link(Anchor::new(href, &*trace.reference)),
                frame.ago(trace.started),
                trace.app.clone().map_or(Cell::Nothing, Cell::Text),
                trace.user.clone().map_or(Cell::Nothing, Cell::Text),
                ended(t, trace.outcome),
                trace
                    .last
                    .as_ref()
                    .map_or(Cell::Nothing, |step| Cell::Code(step.check.clone())),
            ]
        })
        .collect();
    let table = Table {
        label: t.say("console-traces"),
        heads: vec![
            t.say("console-reference"),
            t.say("console-when"),
            t.say("console-app"),
            t.say("username"),
            t.say("console-outcome"),
            t.say("console-last-check"),
        ],
        rows,
        empty: t.say("console-traces-none"),
        next: next(frame, Room::Traces, "", &query(view), view.found.next.as_deref()),
        live: !view.is_later,
    };
    let panels = vec![
        Panel::broad(None).with(Block::Form(by_reference(frame))),
        Panel::broad(None)
            .with(Block::Form(filter(view, frame)))
            .with(Block::Table(table))
            .with(Block::Command(command(view))),
    ];
    let sheet = Sheet {
        title: t.say("console-traces"),
        lead: Some(t.say("console-traces-lead")),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Traces), sheet)
}

fn by_reference(frame: &Frame<'_>) -> Form {
    let t = frame.text();
    Form {
        action: frame.within(Room::Traces, "/find"),
        csrf: None,
        fields: vec![
            Field::line("by", "reference", t.say("console-reference"), "")
                .required()
                .rule(t.say("console-reference-rule")),
        ],
        submit: t.say("console-show"),
        about: String::new(),
        style: Style::Quiet,
    }
}

fn filter(view: &Traces<'_>, frame: &Frame<'_>) -> Form {
    let t = frame.text();
    Form {
        action: frame.at(Room::Traces.path()),
        csrf: None,
        fields: vec![
            Field::line("filter", "app", t.say("console-client-id"), view.app),
            Field::line("filter", "user", t.say("username"), view.user),
            outcomes(t, view.refused),
        ],
        submit: t.say("console-filter"),
        about: String::new(),
        style: Style::Quiet,
    }
}

/// Whether only what was refused is asked for.
pub(super) fn outcomes(t: Text, refused: bool) -> Field {
    Field::choice(
        "filter",
        "refused",
        t.say("console-outcome"),
        if refused { "true" } else { "" },
        vec![
            (String::new(), t.say("console-outcome-all")),
            ("true".to_owned(), t.say("console-outcome-refused")),
        ],
    )
}

fn query(view: &Traces<'_>) -> String {
    let mut query = String::new();
    for (name, value) in [("app", view.app), ("user", view.user)] {
        if !value.is_empty() {
            query.extend([name, "=", &segment(value), "&"]);
        }
    }
    if view.refused {
        query.push_str("refused=true&");
    }
    query
}

fn command(view: &Traces<'_>) -> String {
    let mut command = "doorward trace --follow".to_owned();
    for (flag, value) in [("--app", view.app), ("--user", view.user)] {
        if !value.is_empty() {
            command.extend([" ", flag, " ", &word(value)]);
        }
    }
    if view.refused {
        command.push_str(" --refused");
    }
    command
}

fn ended(t: Text, outcome: api::TraceOutcome) -> Cell {
    match outcome {
        api::TraceOutcome::Ok => Cell::Badge(Tone::Good, t.say("console-trace-ok")),
        api::TraceOutcome::Refused => Cell::Badge(Tone::Bad, t.say("console-trace-refused")),
        api::TraceOutcome::InProgress => Cell::Badge(Tone::Plain, t.say("console-trace-open")),
    }
}

/// Renders a login.
pub fn trace(trace: &api::Trace, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let summary = &trace.summary;
    let link = |room: Room, name: &String| {
        Cell::Link(Anchor::new(
            frame.within(room, &format!("/{}", segment(name))),
            name.as_str(),
        ))
    };
    let facts = vec![
        (
            t.say("console-app"),
            summary.app.as_ref().map_or(Cell::Nothing, |app| link(Room::Apps, app)),
        ),
        (
            t.say("username"),
            summary
                .user
                .as_ref()
                .map_or(Cell::Nothing, |user| link(Room::People, user)),
        ),
        (
            t.say("sessions-address"),
            summary.address.clone().map_or(Cell::Nothing, Cell::Text),
        ),
        (t.say("console-outcome"), ended(t, summary.outcome)),
        (t.say("console-when"), frame.ago(summary.started)),
    ];
    let verdict = match trace.conclusion.verdict.as_str() {
        "good" => Tone::Good,
        "bad" => Tone::Bad,
        _ => Tone::Plain,
    };
    let conclusion = Step {
        tone: verdict,
        said: trace.conclusion.code.clone(),
        title: trace.conclusion.sentence.clone(),
        at: None,
        detail: None,
        remedy: trace.conclusion.remedy.clone(),
    };
    let steps = trace.steps.iter().map(|step| checked(t, step)).collect();
    let events = format!(
        "{}?trace={}",
        frame.at(Room::Events.path()),
        segment(&summary.reference)
    );
    let sheet = Sheet {
        title: t.with("console-trace-title", "reference", &summary.reference),
        up: Some(Anchor::new(frame.at(Room::Traces.path()), t.say("console-traces"))),
        panels: vec![
            Panel::broad(Some(t.say("console-conclusion"))).with(Block::Steps(vec![conclusion])),
            Panel::broad(None).with(Block::Facts(facts)),
            Panel::broad(Some(t.say("console-checks")))
                .with(Block::Steps(steps))
                .with(Block::Command(format!("doorward trace {}", word(&summary.reference)))),
            Panel::broad(None).with(Block::Facts(vec![(
                t.say("console-trace-events"),
                Cell::Link(Anchor::new(events, t.say("console-events"))),
            )])),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Traces), sheet)
}

fn checked(t: Text, step: &api::TraceStep) -> Step {
    Step {
        tone: tone(step.outcome),
        said: outcome(t, step.outcome),
        title: format!("{} · {}", step.request, step.check),
        at: Some(moment::exact(step.at)),
        detail: step.detail.clone(),
        remedy: step.remedy.clone(),
    }
}
