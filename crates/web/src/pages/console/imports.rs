//! Moving in from another provider.

use doorward_api as api;

use super::{
    Frame, Room,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table, Tone},
    trouble,
};
use crate::pages::text::Text;

/// The form, and what came of a document.
#[derive(Debug, Clone, Copy, Default)]
pub struct Import<'a> {
    /// What came of it, or would.
    pub report: Option<&'a api::ImportReport>,
    /// It was only tried.
    pub dry_run: bool,
    /// Why the last try did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders the page for moving in.
pub fn import(view: &Import<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut panels = Vec::new();
    if let Some(report) = view.report {
        panels.push(counts(report, view.dry_run, t));
        panels.push(remarks(report, t));
    }
    panels.push(form(frame));
    let sheet = Sheet {
        title: t.say("console-import"),
        lead: Some(t.say("console-import-lead")),
        up: Some(Anchor::new(frame.at(Room::Settings.path()), t.say("console-settings"))),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Settings), sheet)
}

fn form(frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let formats = vec![
        ("keycloak".to_owned(), t.say("console-import-keycloak")),
        ("csv".to_owned(), t.say("console-import-csv")),
        ("ldif".to_owned(), t.say("console-import-ldif")),
    ];
    let hows = vec![
        ("try".to_owned(), t.say("console-import-try")),
        ("write".to_owned(), t.say("console-import-write")),
        ("skip".to_owned(), t.say("console-import-skip")),
    ];
    let form = Form {
        action: frame.at("/admin/import"),
        csrf: frame.csrf(),
        fields: vec![
            Field::choice("import", "format", t.say("console-import-format"), "keycloak", formats),
            Field::choice("import", "how", t.say("console-import-how"), "try", hows),
            Field::line("import", "issuer", t.say("console-import-issuer"), "")
                .rule(t.say("console-import-issuer-rule")),
            Field::line("import", "document", t.say("console-import-file"), "")
                .of_type("file")
                .required()
                .rule(t.say("console-import-file-rule")),
        ],
        submit: t.say("console-import-send"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::broad(None)
        .with(Block::Form(form))
        .with(Block::Command("doorward import keycloak FILE --dry-run".to_owned()))
}

fn counts(report: &api::ImportReport, dry_run: bool, t: Text) -> Panel {
    let rows = report
        .counts
        .iter()
        .map(|count| {
            vec![
                Cell::Text(kind(&count.kind, t)),
                Cell::Text(count.added.to_string()),
                Cell::Text(count.already.to_string()),
                Cell::Text(count.conflicts.to_string()),
            ]
        })
        .collect();
    let table = Table {
        label: t.say("console-import-counts"),
        heads: vec![
            t.say("console-import-kind"),
            t.say("console-import-added"),
            t.say("console-import-already"),
            t.say("console-import-conflict"),
        ],
        rows,
        empty: t.say("console-import-empty"),
        next: None,
        live: false,
    };
    let said = if report.written {
        t.say("console-import-written")
    } else if dry_run {
        t.say("console-import-tried")
    } else {
        t.say("console-import-not-written")
    };
    Panel::broad(Some(t.say("console-import-counts")))
        .with(Block::Text(said))
        .with(Block::Table(table))
}

fn remarks(report: &api::ImportReport, t: Text) -> Panel {
    let rows = report
        .remarks
        .iter()
        .map(|remark| {
            let (tone, word) = match remark.outcome {
                api::ImportOutcome::Conflict => (Tone::Bad, t.say("console-import-conflict")),
                api::ImportOutcome::Left => (Tone::Bad, t.say("console-import-left")),
                api::ImportOutcome::Translated => (Tone::Plain, t.say("console-import-translated")),
                api::ImportOutcome::Already => (Tone::Plain, t.say("console-import-already")),
                api::ImportOutcome::AsIs => (Tone::Good, t.say("console-import-as-is")),
            };
            let mut names = remark.names.iter().take(8).cloned().collect::<Vec<_>>();
            if remark.count > names.len() {
                names.push(format!("+{}", remark.count - names.len()));
            }
            vec![
                Cell::Badge(tone, word),
                Cell::Text(format!("{} {}", kind(&remark.kind, t), names.join(", "))),
                Cell::Text(remark.what.clone()),
                Cell::Text(remark.remedy.clone().unwrap_or_default()),
            ]
        })
        .collect();
    let table = Table {
        label: t.say("console-import-remarks"),
        heads: vec![
            t.say("console-import-outcome"),
            t.say("console-import-about"),
            t.say("console-import-what"),
            t.say("console-import-remedy"),
        ],
        rows,
        empty: t.say("console-import-no-remarks"),
        next: None,
        live: false,
    };
    Panel::broad(Some(t.say("console-import-remarks"))).with(Block::Table(table))
}

fn kind(word: &str, t: Text) -> String {
    match word {
        "user" => t.say("console-people"),
        "group" => t.say("console-groups"),
        "app" => t.say("console-apps"),
        "upstream" => t.say("console-upstreams"),
        _ => t.say("console-import-realm"),
    }
}
