//! People who come by themselves.

use doorward_api as api;

use super::{
    Frame, Room,
    frame::button,
    people::next,
    sheet::{Block, Cell, Field, Form, Panel, Sheet, Style, Table, Tone},
    trouble,
    words::word,
};
use crate::pages::text::Text;

/// Whether people may register, and who waits.
#[derive(Debug, Clone, Copy)]
pub struct Registration<'a> {
    /// Whether and how; absent when the viewer may not read settings.
    pub policy: Option<&'a api::Registration>,
    /// Those who wait to be let in.
    pub waiting: &'a api::List<api::RegistrationRequest>,
    /// The viewer may change the policy.
    pub may_change: bool,
    /// The viewer may let people in.
    pub may_decide: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders both.
pub fn registration(view: &Registration<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut panels = vec![waiting(view, frame)];
    if view.may_decide && !view.waiting.items.is_empty() {
        panels.push(renaming(view.waiting, frame));
    }
    panels.extend(view.policy.map(|known| policy(known, view.may_change, frame)));
    let sheet = Sheet {
        title: t.say("console-registration"),
        lead: Some(t.say("console-registration-lead")),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Registration), sheet)
}

fn waiting(view: &Registration<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let mut heads = vec![
        t.say("console-email"),
        t.say("username"),
        t.say("display-name"),
        t.say("console-registration-since"),
        t.say("sessions-address"),
    ];
    if view.may_decide {
        heads.extend([String::new(), String::new()]);
    }
    let table = Table {
        label: t.say("console-registration-waiting"),
        heads,
        rows: view
            .waiting
            .items
            .iter()
            .map(|request| row(request, view.may_decide, frame))
            .collect(),
        empty: t.say("console-registration-none"),
        next: next(frame, Room::Registration, "", "", view.waiting.next.as_deref()),
        live: false,
    };
    Panel::broad(Some(t.say("console-registration-waiting")))
        .with(Block::Table(table))
        .with(Block::Command("doorward registration list".to_owned()))
}

fn row(request: &api::RegistrationRequest, may_decide: bool, frame: &Frame<'_>) -> Vec<Cell> {
    let t = frame.text();
    let mut row = vec![
        Cell::Text(request.email.clone()),
        Cell::Code(request.name.clone()),
        Cell::Text(request.display_name.clone()),
        frame.ago(request.created),
        Cell::Code(request.address.clone()),
    ];
    if may_decide {
        let id = request.id.to_string();
        let within = |rest: &str| frame.within(Room::Registration, rest);
        row.push(Cell::Button(Form {
            fields: vec![Field::hidden("request", &*id)],
            ..button(
                frame,
                within("/approve"),
                t.say("console-registration-approve"),
                &request.email,
            )
        }));
        row.push(Cell::Button(Form {
            fields: vec![Field::hidden("request", &*id)],
            ..button(
                frame,
                within("/reject"),
                t.say("console-registration-reject"),
                &request.email,
            )
        }));
    }
    row
}

/// What they chose is unproved, says what it likes, and may be taken by now.
fn renaming(waiting: &api::List<api::RegistrationRequest>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let people = waiting
        .items
        .iter()
        .map(|request| (request.id.to_string(), request.email.clone()))
        .collect();
    let form = Form {
        action: frame.within(Room::Registration, "/approve"),
        csrf: frame.csrf(),
        fields: vec![
            Field::choice("rename", "request", t.say("console-email"), "", people),
            Field::line("rename", "name", t.say("username"), "").required(),
        ],
        submit: t.say("console-registration-approve"),
        about: String::new(),
        style: Style::Usual,
    };
    let command = waiting.items.first().map_or_else(String::new, |first| {
        format!(
            "doorward registration approve {} --name {}",
            first.id,
            word(&first.name)
        )
    });
    Panel::new(t.say("console-registration-as"))
        .with(Block::Form(form))
        .with(Block::Command(command))
}

fn policy(policy: &api::Registration, may_change: bool, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let command = format!(
        "doorward registration set --open {} --domains {} --approval {} --groups {}",
        on_or_off(policy.open),
        word(&policy.domains.join(",")),
        on_or_off(policy.approval),
        word(&policy.groups.join(",")),
    );
    let panel = Panel::new(t.say("console-registration-policy"));
    if !may_change {
        let state = if policy.open {
            Cell::Badge(Tone::Good, t.say("console-yes"))
        } else {
            Cell::Badge(Tone::Plain, t.say("console-no"))
        };
        let approval = if policy.approval {
            t.say("console-yes")
        } else {
            t.say("console-no")
        };
        return panel
            .with(Block::Facts(vec![
                (t.say("console-registration-open"), state),
                (
                    t.say("console-registration-domains"),
                    Cell::Codes(policy.domains.clone()),
                ),
                (t.say("console-registration-approval"), Cell::Text(approval)),
                (t.say("console-registration-groups"), Cell::Codes(policy.groups.clone())),
            ]))
            .with(Block::Command("doorward registration show".to_owned()));
    }
    let form = Form {
        action: frame.at(Room::Registration.path()),
        csrf: frame.csrf(),
        fields: vec![
            yes_or_no(t, "open", t.say("console-registration-open"), policy.open),
            Field::line(
                "registration",
                "domains",
                t.say("console-registration-domains"),
                policy.domains.join(" "),
            )
            .rule(t.say("console-registration-domains-rule")),
            yes_or_no(t, "approval", t.say("console-registration-approval"), policy.approval),
            Field::line(
                "registration",
                "groups",
                t.say("console-registration-groups"),
                policy.groups.join(" "),
            )
            .rule(t.say("console-names-rule")),
        ],
        submit: t.say("console-save"),
        about: String::new(),
        style: Style::Usual,
    };
    panel.with(Block::Form(form)).with(Block::Command(command))
}

fn on_or_off(is: bool) -> &'static str {
    if is { "on" } else { "off" }
}

fn yes_or_no(t: Text, name: &'static str, label: String, is: bool) -> Field {
    Field::choice(
        "registration",
        name,
        label,
        if is { "true" } else { "false" },
        vec![
            ("true".to_owned(), t.say("console-yes")),
            ("false".to_owned(), t.say("console-no")),
        ],
    )
}
