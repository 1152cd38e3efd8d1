//! Applications: the list, and adding one from what is known about it.

use doorward_api as api;

use super::{
    Frame, Room,
    app::here,
    app_shown::snippet,
    people::next,
    sheet::{Anchor, Block, Cell, Choice, Field, Form, Panel, Sheet, Style, Table, Tone},
    trouble,
    words::segment,
};

/// A page of applications.
#[derive(Debug, Clone, Copy)]
pub struct Apps<'a> {
    /// Those of this page.
    pub found: &'a api::List<api::AppSummary>,
    /// The viewer may add applications.
    pub may_add: bool,
    /// The viewer may see whether applications register themselves.
    pub may_see_registration: bool,
}

/// The form for a new application, empty or as it was typed.
#[derive(Debug, Clone, Copy)]
pub struct AddApp<'a> {
    /// What it is.
    pub preset: &'a api::PresetSummary,
    /// As typed.
    pub url: &'a str,
    /// As typed.
    pub client_id: &'a str,
    /// As typed.
    pub name: &'a str,
    /// As typed.
    pub group: &'a str,
    /// As typed.
    pub ca_file: &'a str,
    /// Groups that there are, to choose from.
    pub groups: &'a [String],
    /// Why it did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders the list.
pub fn apps(view: &Apps<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let rows = view
        .found
        .items
        .iter()
        .map(|app| {
            let groups: Vec<Anchor> = app
                .groups
                .iter()
                .map(|name| {
                    Anchor::new(
                        frame.within(Room::Groups, &format!("/{}", segment(name))),
                        name.as_str(),
                    )
                })
                .collect();
            vec![
                Cell::Link(Anchor::new(here(frame, &app.client_id, ""), &*app.name)),
                Cell::Code(app.client_id.clone()),
                Cell::Text(app.url.clone()),
                if groups.is_empty() {
                    Cell::Badge(Tone::Bad, t.say("console-app-for-nobody"))
                } else {
                    Cell::Links(groups)
                },
                if app.disabled {
                    Cell::Badge(Tone::Bad, t.say("console-state-disabled"))
                } else {
                    Cell::Badge(Tone::Good, t.say("console-state-active"))
                },
            ]
        })
        .collect();
    let table = Table {
        label: t.say("console-apps"),
        heads: vec![
            t.say("console-app"),
            t.say("console-client-id"),
            t.say("console-address"),
            t.say("console-app-groups"),
            t.say("console-state"),
        ],
        rows,
        empty: t.say("console-apps-none"),
        next: next(frame, Room::Apps, "", "", view.found.next.as_deref()),
        live: false,
    };
    let mut ways = Vec::new();
    if view.may_add {
        ways.push(Anchor::new(frame.within(Room::Apps, "/add"), t.say("console-apps-add")));
    }
    if view.may_see_registration {
        let place = frame.at("/admin/client-registration");
        ways.push(Anchor::new(place, t.say("console-client-registration")));
        ways.push(Anchor::new(frame.at("/admin/aliases"), t.say("console-aliases")));
    }
    let sheet = Sheet {
        title: t.say("console-apps"),
        ways,
        panels: vec![
            Panel::broad(None)
                .with(Block::Table(table))
                .with(Block::Command("doorward app list".to_owned())),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}

/// Renders the choice of what is to be added.
pub fn choose_preset(presets: &[api::PresetSummary], frame: &Frame<'_>) -> String {
    let t = frame.text();
    let choices = presets
        .iter()
        .map(|preset| Choice {
            href: frame.within(Room::Apps, &format!("/add/{}", segment(&preset.id))),
            title: preset.name.clone(),
            about: preset.summary.clone(),
        })
        .collect();
    let sheet = Sheet {
        title: t.say("console-apps-add"),
        lead: Some(t.say("console-apps-add-lead")),
        up: Some(Anchor::new(frame.at(Room::Apps.path()), t.say("console-apps"))),
        panels: vec![
            Panel::broad(None)
                .with(Block::Choices(choices))
                .with(Block::Command("doorward preset list".to_owned())),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}

/// Renders the form for a new application.
pub fn add_app(view: &AddApp<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut group = Field::proposed("add", "group", t.say("console-app-let-in"), proposals(view.groups))
        .rule(t.say("console-app-let-in-rule"));
    view.group.clone_into(&mut group.value);
    let form = Form {
        action: frame.within(Room::Apps, &format!("/add/{}", segment(&view.preset.id))),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("add", "url", t.say("console-address"), view.url)
                .of_type("url")
                .required()
                .rule(t.say("console-app-address-rule")),
            group,
            Field::line("add", "name", t.say("console-app-name"), view.name).rule(t.say("console-app-name-rule")),
            Field::line("add", "client_id", t.say("console-client-id"), view.client_id)
                .rule(t.say("console-client-id-rule")),
            Field::line("add", "ca_file", t.say("console-ca-file"), view.ca_file).rule(t.say("console-ca-file-rule")),
        ],
        submit: t.say("console-apps-add"),
        about: String::new(),
        style: Style::Usual,
    };
    let sheet = Sheet {
        title: t.with("console-app-add-title", "name", &view.preset.name),
        lead: Some(view.preset.summary.clone()),
        up: Some(Anchor::new(frame.within(Room::Apps, "/add"), t.say("console-apps-add"))),
        trouble: view.error.map(|error| trouble(t, error)),
        panels: vec![Panel::default().with(Block::Form(form)).with(Block::Command(format!(
            "doorward app add {} https://… --group GROUP",
            view.preset.id
        )))],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}

/// Groups to choose from, everybody first.
pub(super) fn proposals(groups: &[String]) -> Vec<String> {
    std::iter::once("everyone".to_owned())
        .chain(groups.iter().cloned())
        .collect()
}

/// Renders what comes of it: the configuration to paste, with the secret in it.
pub fn added_app(added: &api::AppAdded, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let app = &added.app;
    let mut panels = snippet(frame, &added.snippet);
    panels.push(
        Panel::broad(None)
            .with(Block::Facts(vec![(
                t.say("console-app-settings"),
                Cell::Link(Anchor::new(here(frame, &app.client_id, ""), &*app.name)),
            )]))
            .with(Block::Command(format!(
                "doorward app show {} --snippet",
                super::words::word(&app.client_id)
            ))),
    );
    let sheet = Sheet {
        title: t.with("console-app-added", "name", &app.name),
        lead: Some(t.say("console-app-added-lead")),
        up: Some(Anchor::new(frame.at(Room::Apps.path()), t.say("console-apps"))),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}
