//! Providers that other people run: the list, and adding one.

use doorward_api as api;

use super::{
    Frame, Room,
    sheet::{Anchor, Block, Cell, Choice, Field, Form, Panel, Sheet, Step, Style, Table, Tone},
    trouble,
    words::{segment, word},
};
use crate::pages::text::Text;

/// The form for a new provider, empty or as it was typed. The secret is never shown again.
#[derive(Debug, Clone, Copy)]
pub struct AddUpstream<'a> {
    /// What it is.
    pub preset: &'a api::UpstreamPreset,
    /// As typed.
    pub name: &'a str,
    /// As typed.
    pub issuer: &'a str,
    /// As typed.
    pub client_id: &'a str,
    /// Why it did not work.
    pub error: Option<&'a api::ErrorBody>,
}

pub(super) fn here(frame: &Frame<'_>, name: &str, rest: &str) -> String {
    frame.within(Room::Upstreams, &format!("/{}{rest}", segment(name)))
}

/// Renders the list.
pub fn upstreams(found: &[api::UpstreamSummary], may_add: bool, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let rows = found
        .iter()
        .map(|upstream| {
            vec![
                Cell::Link(Anchor::new(here(frame, &upstream.name, ""), &*upstream.title)),
                Cell::Code(upstream.name.clone()),
                Cell::Text(upstream.issuer.clone()),
                enabled(t, upstream.enabled),
            ]
        })
        .collect();
    let table = Table {
        label: t.say("console-upstreams"),
        heads: vec![
            t.say("console-upstream"),
            t.say("console-upstream-name"),
            t.say("console-issuer"),
            t.say("console-state"),
        ],
        rows,
        empty: t.say("console-upstreams-none"),
        next: None,
        live: false,
    };
    let sheet = Sheet {
        title: t.say("console-upstreams"),
        lead: Some(t.say("console-upstreams-lead")),
        ways: if may_add {
            vec![Anchor::new(
                frame.within(Room::Upstreams, "/add"),
                t.say("console-upstreams-add"),
            )]
        } else {
            Vec::new()
        },
        panels: vec![
            Panel::broad(None)
                .with(Block::Table(table))
                .with(Block::Command("doorward upstream list".to_owned())),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Upstreams), sheet)
}

pub(super) fn enabled(t: Text, enabled: bool) -> Cell {
    if enabled {
        Cell::Badge(Tone::Good, t.say("console-state-active"))
    } else {
        Cell::Badge(Tone::Bad, t.say("console-state-disabled"))
    }
}

/// Renders the choice of what is to be added.
pub fn choose_upstream(presets: &[api::UpstreamPreset], frame: &Frame<'_>) -> String {
    let t = frame.text();
    let choices = presets
        .iter()
        .map(|preset| Choice {
            href: frame.within(Room::Upstreams, &format!("/add/{}", segment(&preset.id))),
            title: preset.name.clone(),
            about: preset.summary.clone(),
        })
        .collect();
    let sheet = Sheet {
        title: t.say("console-upstreams-add"),
        lead: Some(t.say("console-upstreams-add-lead")),
        up: Some(Anchor::new(
            frame.at(Room::Upstreams.path()),
            t.say("console-upstreams"),
        )),
        panels: vec![
            Panel::broad(None)
                .with(Block::Choices(choices))
                .with(Block::Command("doorward upstream preset list".to_owned())),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Upstreams), sheet)
}

/// Renders the form for a new provider, and what to do there first.
pub fn add_upstream(view: &AddUpstream<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let form = Form {
        action: frame.within(Room::Upstreams, &format!("/add/{}", segment(&view.preset.id))),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("add", "name", t.say("console-upstream-name"), view.name)
                .required()
                .rule(t.say("console-upstream-name-rule")),
            Field::line("add", "issuer", t.say("console-issuer"), view.issuer).rule(if view.preset.issuer.is_empty() {
                t.say("console-upstream-issuer-rule")
            } else {
                t.with("console-upstream-issuer-known", "issuer", &view.preset.issuer)
            }),
            Field::line("add", "client_id", t.say("console-upstream-client-id"), view.client_id).required(),
            Field::line("add", "secret", t.say("console-upstream-secret"), "").of_type("password"),
        ],
        submit: t.say("console-upstreams-add"),
        about: String::new(),
        style: Style::Usual,
    };
    let mut panels = vec![
        Panel::new(t.say("console-upstream-here"))
            .with(Block::Form(form))
            .with(Block::Command(format!(
                "doorward upstream add {} corp --client-id ID --secret-file FILE",
                word(&view.preset.id)
            ))),
    ];
    if !view.preset.steps.is_empty() {
        panels.push(Panel::new(t.say("console-upstream-there")).with(Block::List(view.preset.steps.clone())));
    }
    if !view.preset.notes.is_empty() {
        panels.push(Panel::broad(Some(t.say("console-snippet-notes"))).with(Block::List(view.preset.notes.clone())));
    }
    let sheet = Sheet {
        title: t.with("console-app-add-title", "name", &view.preset.name),
        lead: Some(view.preset.summary.clone()),
        up: Some(Anchor::new(
            frame.within(Room::Upstreams, "/add"),
            t.say("console-upstreams-add"),
        )),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Upstreams), sheet)
}

/// What a probe found.
pub(super) fn findings(t: Text, probe: &api::UpstreamProbe) -> Panel {
    let steps = probe
        .findings
        .iter()
        .map(|finding| {
            let (tone, said) = match finding.severity {
                api::ProbeSeverity::Good => (Tone::Good, t.say("console-step-ok")),
                api::ProbeSeverity::Warning => (Tone::Plain, t.say("console-probe-warning")),
                api::ProbeSeverity::Failure => (Tone::Bad, t.say("console-probe-failure")),
            };
            Step {
                tone,
                said,
                title: finding.subject.clone(),
                at: None,
                detail: Some(finding.detail.clone()),
                remedy: finding.remedy.clone(),
            }
        })
        .collect();
    Panel::broad(Some(t.say("console-probe"))).with(Block::Steps(steps))
}

/// Renders what a change or a probe found.
pub fn probed_upstream(name: &str, probe: &api::UpstreamProbe, steps: &[String], frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut panels = vec![findings(t, probe)];
    if !steps.is_empty() {
        panels.push(Panel::broad(Some(t.say("console-upstream-there"))).with(Block::List(steps.to_vec())));
    }
    panels.push(Panel::broad(None).with(Block::Command(format!("doorward upstream probe {}", word(name)))));
    let sheet = Sheet {
        title: if probe.good {
            t.with("console-probe-good", "name", name)
        } else {
            t.with("console-probe-bad", "name", name)
        },
        up: Some(Anchor::new(here(frame, name, ""), name)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Upstreams), sheet)
}
