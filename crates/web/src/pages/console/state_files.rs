//! Everything as files: what one says, what another would change.

use doorward_api as api;

use super::{
    Frame, Room,
    frame::button,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table, Tone},
    trouble,
    words::segment,
};
use crate::pages::text::Text;

/// The files that there are, one of them, and what it would change.
#[derive(Debug, Clone, Copy)]
pub struct StateView<'a> {
    /// Paths of all files.
    pub files: &'a [&'a str],
    /// The file that is shown or typed.
    pub path: &'a str,
    /// What it says.
    pub text: &'a str,
    /// What files would change, once that was asked, and these files as JSON.
    pub plan: Option<(&'a api::StatePlan, &'a str)>,
    /// The viewer may have it carried out.
    pub may_change: bool,
    /// Why the last try did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders the files.
pub fn state_files(view: &StateView<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut panels = Vec::new();
    if !view.path.is_empty() || view.may_change {
        panels.push(file(view, frame));
    }
    panels.extend(view.plan.map(|plan| planned(plan, frame)));
    if view.may_change {
        panels.push(several(frame));
    }
    panels.push(all(view, frame));
    let sheet = Sheet {
        title: t.say("console-files"),
        lead: Some(t.say("console-files-lead")),
        up: Some(Anchor::new(frame.at(Room::Settings.path()), t.say("console-settings"))),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Settings), sheet)
}

fn all(view: &StateView<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let rows = view
        .files
        .iter()
        .map(|path| {
            let href = frame.within(Room::Settings, &format!("/files?path={}", segment(path)));
            vec![Cell::Link(Anchor::new(href, *path))]
        })
        .collect();
    let table = Table {
        label: t.say("console-files"),
        heads: vec![t.say("console-files-path")],
        rows,
        empty: t.say("console-files-none"),
        next: None,
        live: false,
    };
    Panel::broad(None)
        .with(Block::Table(table))
        .with(Block::Command("doorward export DIR".to_owned()))
}

fn file(view: &StateView<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    if !view.may_change {
        return Panel::broad(None).with(Block::Code {
            title: view.path.to_owned(),
            place: None,
            text: view.text.to_owned(),
        });
    }
    let form = Form {
        action: frame.within(Room::Settings, "/files/plan"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("file", "path", t.say("console-files-path"), view.path)
                .required()
                .rule(t.say("console-files-path-rule")),
            Field::lines("file", "text", t.say("console-files-text"), view.text).rule(t.say("console-files-text-rule")),
        ],
        submit: t.say("console-files-plan"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::broad(Some(t.say("console-files-one")))
        .with(Block::Form(form))
        .with(Block::Command("doorward plan DIR".to_owned()))
}

/// Browsers send the names of files without their folders, so each folder has a field.
fn several(frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let fields = [
        ("applications", t.say("console-files-of-applications")),
        ("groups", t.say("console-files-of-groups")),
        ("services", t.say("console-files-of-services")),
        ("upstreams", t.say("console-files-of-upstreams")),
        ("single", t.say("console-files-of-single")),
    ];
    let form = Form {
        action: frame.within(Room::Settings, "/files/plan-all"),
        csrf: frame.csrf(),
        fields: fields.map(|(name, label)| Field::files("files", name, label)).into(),
        submit: t.say("console-files-plan-all"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::broad(Some(t.say("console-files-several")))
        .with(Block::Note(t.say("console-files-several-rule")))
        .with(Block::Form(form))
        .with(Block::Command("doorward plan DIR".to_owned()))
}

fn planned((plan, files): (&api::StatePlan, &str), frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let panel = Panel::broad(Some(t.say("console-files-planned")));
    if plan.changes.is_empty() {
        return panel.with(Block::Good(t.say("console-files-same")));
    }
    let mut rows = Vec::new();
    for change in &plan.changes {
        let (tone, word) = match change.what {
            api::StateWhat::Add => (Tone::Good, t.say("console-files-added")),
            api::StateWhat::Change => (Tone::Plain, t.say("console-files-changed")),
            api::StateWhat::Remove => (Tone::Bad, t.say("console-files-removed")),
        };
        rows.push(vec![
            Cell::Code(change.file.clone()),
            Cell::Badge(tone, word),
            Cell::Nothing,
            Cell::Nothing,
        ]);
        for setting in &change.settings {
            let shown = &setting.shown;
            let (from, to) = if shown.goes.is_empty() && shown.comes.is_empty() {
                (said(t, shown.from.as_ref()), said(t, shown.to.as_ref()))
            } else {
                (entries(&shown.goes), entries(&shown.comes))
            };
            rows.push(vec![
                Cell::Code(change.file.clone()),
                Cell::Code(shown.name.clone()),
                from,
                to,
            ]);
        }
        for weaker in &change.weakens {
            rows.push(vec![
                Cell::Code(change.file.clone()),
                Cell::Badge(Tone::Bad, weaker.name.clone()),
                Cell::Nothing,
                Cell::Text(weaker.meaning.clone()),
            ]);
        }
    }
    let table = Table {
        label: t.say("console-files-planned"),
        heads: vec![
            t.say("console-files-path"),
            t.say("console-files-setting"),
            t.say("console-files-from"),
            t.say("console-files-to"),
        ],
        rows,
        empty: String::new(),
        next: None,
        live: false,
    };
    let form = Form {
        fields: vec![Field::hidden("files", files), Field::hidden("digest", &*plan.digest)],
        style: Style::Usual,
        ..button(
            frame,
            frame.within(Room::Settings, "/files/apply"),
            t.say("console-files-apply"),
            "",
        )
    };
    let mut panel = panel.with(Block::Table(table));
    if !plan.unread.is_empty() {
        panel = panel.with(Block::Note(t.say("console-files-unread")));
    }
    panel
        .with(Block::Form(form))
        .with(Block::Command("doorward apply DIR".to_owned()))
}

/// What somebody typed is shown as it is; what nobody typed looks otherwise.
fn said(t: Text, text: Option<&String>) -> Cell {
    match text {
        None => Cell::Badge(Tone::Plain, t.say("console-files-usual")),
        Some(text) => Cell::Code(text.clone()),
    }
}

fn entries(list: &[String]) -> Cell {
    match list {
        [] => Cell::Nothing,
        list => Cell::Codes(list.to_vec()),
    }
}

/// To the file that says what a page shows, for those who may see files.
pub(super) fn way(path: &str, frame: &Frame<'_>) -> Option<Block> {
    let may_see = [Room::Settings, Room::Apps, Room::People]
        .iter()
        .all(|room| frame.rooms.contains(room));
    let href = frame.within(Room::Settings, &format!("/files?path={}", segment(path)));
    may_see.then(|| Block::Way(Anchor::new(href, frame.text().say("console-files-as-file"))))
}
