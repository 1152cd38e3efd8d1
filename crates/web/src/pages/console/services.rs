//! Service accounts and their tokens.

use doorward_api as api;

use super::{
    Frame, Room,
    frame::button,
    people::next,
    person::last_day,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table},
    state_files, trouble,
    words::{segment, word},
};

/// A service account with its tokens.
#[derive(Debug, Clone, Copy)]
pub struct Service<'a> {
    /// The account.
    pub service: &'a api::Service,
    /// Its tokens, never their values.
    pub tokens: &'a [api::ApiToken],
    /// Its public keys.
    pub keys: &'a [api::ServiceKey],
    /// The viewer may change it.
    pub may_change: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

fn here(frame: &Frame<'_>, name: &str, rest: &str) -> String {
    frame.within(Room::Services, &format!("/{}{rest}", segment(name)))
}

/// Renders the list, with the form for a new one.
pub fn services(
    found: &api::List<api::Service>,
    may_add: bool,
    error: Option<&api::ErrorBody>,
    frame: &Frame<'_>,
) -> String {
    let t = frame.text();
    let rows = found
        .items
        .iter()
        .map(|service| {
            vec![
                Cell::Link(Anchor::new(here(frame, &service.name, ""), &*service.name)),
                Cell::Text(service.display_name.clone()),
                Cell::Codes(service.effective_groups.clone()),
                frame.ago(service.created),
                service.expires.map_or(Cell::Nothing, |at| frame.when(at)),
            ]
        })
        .collect();
    let table = Table {
        label: t.say("console-services"),
        heads: vec![
            t.say("console-service"),
            t.say("console-description"),
            t.say("console-groups"),
            t.say("console-added"),
            t.say("console-expires"),
        ],
        rows,
        empty: t.say("console-services-none"),
        next: next(frame, Room::Services, "", "", found.next.as_deref()),
        live: false,
    };
    let mut panels = vec![
        Panel::broad(None)
            .with(Block::Table(table))
            .with(Block::Command("doorward service list".to_owned())),
    ];
    if may_add {
        let form = Form {
            action: frame.within(Room::Services, "/add"),
            csrf: frame.csrf(),
            fields: vec![
                Field::line("add", "name", t.say("console-service"), "").required(),
                Field::line("add", "display_name", t.say("console-description"), ""),
                Field::line("add", "expires", t.say("console-expires"), "")
                    .of_type("date")
                    .rule(t.say("console-service-expires-rule")),
            ],
            submit: t.say("console-services-add"),
            about: String::new(),
            style: Style::Usual,
        };
        panels.push(
            Panel::new(t.say("console-services-add"))
                .with(Block::Form(form))
                .with(Block::Command("doorward service add ansible".to_owned())),
        );
    }
    let sheet = Sheet {
        title: t.say("console-services"),
        lead: Some(t.say("console-services-lead")),
        trouble: error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Services), sheet)
}

/// Renders a service account.
pub fn service(view: &Service<'_>, frame: &Frame<'_>) -> String {
    let (t, service) = (frame.text(), view.service);
    let name = &service.name;
    let mut held = keys(view, frame);
    let file = format!("services/{name}.toml");
    held.blocks.extend(state_files::way(&file, frame));
    let mut panels = vec![tokens(view, frame), held];
    if view.may_change {
        let form = Form {
            action: here(frame, name, "/token"),
            csrf: frame.csrf(),
            fields: vec![
                Field::line("token", "label", t.say("console-description"), ""),
                Field::line("token", "days", t.say("console-token-days"), "90").of_type("number"),
            ],
            submit: t.say("console-token-add"),
            about: String::new(),
            style: Style::Usual,
        };
        panels.push(
            Panel::new(t.say("console-token-add"))
                .with(Block::Form(form))
                .with(Block::Command(format!(
                    "doorward service token add {} --lifetime 90d",
                    word(name)
                ))),
        );
        panels.push(new_key(name, frame));
        panels.push(edit(service, frame));
        panels.push(
            Panel::new(t.say("console-delete"))
                .with(Block::Text(t.say("console-delete-service-lead")))
                .with(Block::Grave(Anchor::new(
                    here(frame, name, "/delete"),
                    t.say("console-delete-service"),
                ))),
        );
    }
    let sheet = Sheet {
        title: name.clone(),
        lead: Some(service.display_name.clone()).filter(|text| !text.is_empty()),
        up: Some(Anchor::new(frame.at(Room::Services.path()), t.say("console-services"))),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Services), sheet)
}

fn edit(service: &api::Service, frame: &Frame<'_>) -> Panel {
    let (t, name) = (frame.text(), &service.name);
    let day = last_day(service.expires);
    let command = format!(
        "doorward service edit {} --expires {}",
        word(name),
        if day.is_empty() { "never" } else { &day }
    );
    let form = Form {
        action: here(frame, name, "/edit"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line(
                "edit",
                "display_name",
                t.say("console-description"),
                &*service.display_name,
            ),
            Field::line("edit", "expires", t.say("console-expires"), day)
                .of_type("date")
                .rule(t.say("console-service-expires-rule")),
            Field::choice(
                "edit",
                "disabled",
                t.say("console-service-disabled"),
                if service.disabled { "true" } else { "false" },
                vec![
                    ("true".to_owned(), t.say("console-yes")),
                    ("false".to_owned(), t.say("console-no")),
                ],
            )
            .rule(t.say("console-service-disabled-rule")),
        ],
        submit: t.say("console-save"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-edit"))
        .with(Block::Form(form))
        .with(Block::Command(command))
}

fn tokens(view: &Service<'_>, frame: &Frame<'_>) -> Panel {
    let (t, name) = (frame.text(), &view.service.name);
    let mut heads = vec![
        t.say("console-description"),
        t.say("console-added"),
        t.say("console-token-ends"),
        t.say("sessions-last-seen"),
    ];
    if view.may_change {
        heads.push(String::new());
    }
    let rows = view
        .tokens
        .iter()
        .map(|token| {
            let mut row = vec![
                Cell::Text(token.label.clone()),
                frame.ago(token.created),
                token.expires.map_or(Cell::Nothing, |at| frame.ahead(at)),
                token.last_used.map_or(Cell::Nothing, |at| frame.ago(at)),
            ];
            if view.may_change {
                row.push(Cell::Button(Form {
                    fields: vec![Field::hidden("token", token.id.to_string())],
                    ..button(
                        frame,
                        here(frame, name, "/revoke"),
                        t.say("console-token-revoke"),
                        &token.label,
                    )
                }));
            }
            row
        })
        .collect();
    let table = Table {
        label: t.say("console-tokens"),
        heads,
        rows,
        empty: t.say("console-tokens-none"),
        next: None,
        live: false,
    };
    Panel::broad(Some(t.say("console-tokens")))
        .with(Block::Table(table))
        .with(Block::Command(format!("doorward service token list {}", word(name))))
}

/// The public keys.
fn keys(view: &Service<'_>, frame: &Frame<'_>) -> Panel {
    let (t, name) = (frame.text(), &view.service.name);
    let mut heads = vec![
        t.say("console-description"),
        t.say("console-service-key-thumbprint"),
        t.say("console-added"),
        t.say("console-token-ends"),
    ];
    if view.may_change {
        heads.push(String::new());
    }
    let rows = view
        .keys
        .iter()
        .map(|key| {
            let mut row = vec![
                Cell::Text(key.label.clone()),
                Cell::Code(key.thumbprint.clone()),
                frame.ago(key.created),
                key.expires.map_or(Cell::Nothing, |at| frame.ahead(at)),
            ];
            if view.may_change {
                row.push(Cell::Button(Form {
                    fields: vec![Field::hidden("key", key.id.to_string())],
                    ..button(
                        frame,
                        here(frame, name, "/remove-key"),
                        t.say("console-service-key-remove"),
                        &key.label,
                    )
                }));
            }
            row
        })
        .collect();
    let table = Table {
        label: t.say("console-service-keys"),
        heads,
        rows,
        empty: t.say("console-service-keys-none"),
        next: None,
        live: false,
    };
    Panel::broad(Some(t.say("console-service-keys")))
        .with(Block::Table(table))
        .with(Block::Command(format!("doorward service key list {}", word(name))))
}

fn new_key(name: &str, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let form = Form {
        action: here(frame, name, "/key"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("key", "label", t.say("console-description"), ""),
            Field::lines("key", "key", t.say("console-service-key-jwk"), "")
                .rule(t.say("console-service-key-jwk-rule")),
            Field::line("key", "days", t.say("console-service-key-days"), "365").of_type("number"),
        ],
        submit: t.say("console-service-key-add"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-service-key-add"))
        .with(Block::Form(form))
        .with(Block::Command(format!("doorward service key add {} FILE", word(name))))
}

/// Renders a token, which is shown only now.
pub fn service_token(name: &str, shown: &api::TokenShown, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut facts = vec![(t.say("console-description"), Cell::Text(shown.about.label.clone()))];
    if let Some(at) = shown.about.expires {
        facts.push((t.say("console-token-ends"), frame.ahead(at)));
    }
    let sheet = Sheet {
        title: t.with("console-token-title", "name", name),
        lead: Some(t.say("console-token-lead")),
        up: Some(Anchor::new(here(frame, name, ""), name)),
        panels: vec![
            Panel::broad(None)
                .with(Block::Code {
                    title: t.say("console-token"),
                    place: None,
                    text: shown.token.clone(),
                })
                .with(Block::Facts(facts))
                .with(Block::Command(format!("doorward service token add {}", word(name)))),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Services), sheet)
}

/// Renders the question whether a service account is to be deleted.
pub fn remove_service(service: &api::Service, frame: &Frame<'_>) -> String {
    let (t, name) = (frame.text(), &service.name);
    super::removal(
        frame,
        Room::Services,
        &super::Removal {
            title: t.with("console-delete-title", "name", name),
            lead: t.say("console-delete-service-lead"),
            submit: t.say("console-delete-service"),
            name,
            action: here(frame, name, "/delete"),
            command: format!("doorward service delete {}", word(name)),
        },
    )
}
