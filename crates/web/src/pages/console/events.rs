//! Who did what.

use doorward_api as api;

use super::{
    Frame, Room,
    people::next,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table, Tone},
    traces::outcomes,
    trouble,
    words::{segment, word},
};

/// A page of events.
#[derive(Debug, Clone, Copy)]
pub struct Events<'a> {
    /// The latest first.
    pub found: &'a api::List<api::Event>,
    /// Only these actions.
    pub action: &'a str,
    /// Only by this one.
    pub actor: &'a str,
    /// Only what was done to this one.
    pub subject: &'a str,
    /// Only what this one did or met.
    pub person: &'a str,
    /// Only of this login.
    pub trace: &'a str,
    /// Only what was refused.
    pub refused: bool,
    /// Not the first page: nothing is added at its top.
    pub is_later: bool,
    /// What was wrong with the filter.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders the events.
pub fn events(view: &Events<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let table = Table {
        label: t.say("console-events"),
        heads: vec![
            t.say("console-when"),
            t.say("console-action"),
            t.say("console-by"),
            t.say("console-subject"),
            t.say("console-outcome"),
            t.say("sessions-address"),
            t.say("console-reference"),
        ],
        rows: view.found.items.iter().map(|event| row(event, frame)).collect(),
        empty: t.say("console-events-none"),
        next: next(frame, Room::Events, "", &query(view), view.found.next.as_deref()),
        live: !view.is_later,
    };
    let export = format!("{}?{}", frame.within(Room::Events, "/export"), query(view));
    let sheet = Sheet {
        title: t.say("console-events"),
        ways: vec![Anchor::new(
            export.trim_end_matches(['&', '?']),
            t.say("console-export"),
        )],
        trouble: view.error.map(|error| trouble(t, error)),
        panels: vec![
            Panel::broad(None)
                .with(Block::Form(filter(view, frame)))
                .with(Block::Table(table))
                .with(Block::Command(command(view))),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Events), sheet)
}

fn row(event: &api::Event, frame: &Frame<'_>) -> Vec<Cell> {
    let t = frame.text();
    let subject = event.subject.as_ref().map_or(Cell::Nothing, |subject| {
        let said = format!("{} {}", subject.kind, subject.name);
        match room_of(&subject.kind) {
            Some(room) => Cell::Link(Anchor::new(
                frame.within(room, &format!("/{}", segment(&subject.name))),
                said,
            )),
            None => Cell::Text(said),
        }
    });
    let outcome = match (event.outcome, &event.reason) {
        (api::EventOutcome::Ok, _) => Cell::Badge(Tone::Good, t.say("console-event-ok")),
        (api::EventOutcome::Refused, Some(reason)) => Cell::Badge(Tone::Bad, reason.clone()),
        (api::EventOutcome::Refused, None) => Cell::Badge(Tone::Bad, t.say("console-step-refused")),
    };
    let trace = event.trace.as_ref().map_or(Cell::Nothing, |reference| {
        Cell::Link(Anchor::new(
            frame.within(Room::Traces, &format!("/{}", segment(reference))),
            reference.as_str(),
        ))
    });
    vec![
        frame.ago(event.at),
        Cell::Code(event.action.clone()),
        Cell::Text(format!("{} ({})", event.actor.name, event.actor.via)),
        subject,
        outcome,
        event.address.clone().map_or(Cell::Nothing, Cell::Text),
        trace,
    ]
}

fn room_of(kind: &str) -> Option<Room> {
    match kind {
        "user" => Some(Room::People),
        "group" => Some(Room::Groups),
        "app" => Some(Room::Apps),
        "upstream" => Some(Room::Upstreams),
        _ => None,
    }
}

fn filter(view: &Events<'_>, frame: &Frame<'_>) -> Form {
    let t = frame.text();
    Form {
        action: frame.at(Room::Events.path()),
        csrf: None,
        fields: vec![
            Field::line("filter", "action", t.say("console-action"), view.action),
            Field::line("filter", "actor", t.say("console-by"), view.actor),
            Field::line("filter", "subject", t.say("console-subject"), view.subject),
            Field::line("filter", "person", t.say("console-of-person"), view.person),
            Field::line("filter", "trace", t.say("console-reference"), view.trace),
            outcomes(t, view.refused),
        ],
        submit: t.say("console-filter"),
        about: String::new(),
        style: Style::Quiet,
    }
}

fn query(view: &Events<'_>) -> String {
    let mut query = String::new();
    for (name, value) in [
        ("action", view.action),
        ("actor", view.actor),
        ("subject", view.subject),
        ("person", view.person),
        ("trace", view.trace),
    ] {
        if !value.is_empty() {
            query.extend([name, "=", &segment(value), "&"]);
        }
    }
    if view.refused {
        query.push_str("refused=true&");
    }
    query
}

fn command(view: &Events<'_>) -> String {
    let mut command = "doorward event list".to_owned();
    for (flag, value) in [
        ("--action", view.action),
        ("--by", view.actor),
        ("--to", view.subject),
        ("--person", view.person),
        ("--trace", view.trace),
    ] {
        if !value.is_empty() {
            command.extend([" ", flag, " ", &word(value)]);
        }
    }
    if view.refused {
        command.push_str(" --refused");
    }
    command
}
