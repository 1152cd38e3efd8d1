//! Issuers of earlier providers at which this server answers too.

use doorward_api as api;

use super::{
    Frame, Room,
    frame::button,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table},
    trouble,
};

/// The aliases.
#[derive(Debug, Clone, Copy)]
pub struct Aliases<'a> {
    /// All of them.
    pub aliases: &'a [api::IssuerAlias],
    /// What was typed and not taken.
    pub typed: &'a str,
    /// The viewer may add and remove.
    pub may_change: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

const PATH: &str = "/admin/aliases";

/// Renders them.
pub fn aliases(view: &Aliases<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut panels = vec![list(view, frame)];
    if view.may_change {
        panels.push(add(view, frame));
    }
    let sheet = Sheet {
        title: t.say("console-aliases"),
        lead: Some(t.say("console-aliases-lead")),
        up: Some(Anchor::new(frame.at(Room::Apps.path()), t.say("console-apps"))),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Apps), sheet)
}

fn list(view: &Aliases<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let mut heads = vec![
        t.say("console-issuer"),
        t.say("console-aliases-form"),
        t.say("console-apps"),
        t.say("console-added"),
    ];
    if view.may_change {
        heads.push(String::new());
    }
    let rows = view.aliases.iter().map(|alias| {
        let form = match alias.form {
            api::AliasForm::Keycloak => "Keycloak",
            api::AliasForm::Kanidm => "Kanidm",
        };
        let mut row = vec![
            Cell::Code(alias.address.clone()),
            Cell::Text(form.to_owned()),
            Cell::Codes(alias.apps.clone()),
            frame.ago(alias.created),
        ];
        if view.may_change {
            row.push(Cell::Button(Form {
                fields: vec![Field::hidden("alias", alias.id.to_string())],
                ..button(
                    frame,
                    frame.at("/admin/aliases/remove"),
                    t.say("console-aliases-remove"),
                    &alias.address,
                )
            }));
        }
        row
    });
    let table = Table {
        label: t.say("console-aliases"),
        heads,
        rows: rows.collect(),
        empty: t.say("console-aliases-none"),
        next: None,
        live: false,
    };
    Panel::broad(None)
        .with(Block::Table(table))
        .with(Block::Command("doorward alias list".to_owned()))
}

fn add(view: &Aliases<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let form = Form {
        action: frame.at(PATH),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("alias", "address", t.say("console-issuer"), view.typed)
                .required()
                .rule(t.say("console-aliases-rule")),
        ],
        submit: t.say("console-aliases-add"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-aliases-add"))
        .with(Block::Form(form))
        .with(Block::Command(
            "doorward alias add https://sso.example.com/realms/main".to_owned(),
        ))
}
