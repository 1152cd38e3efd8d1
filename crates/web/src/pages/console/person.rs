//! One person: what is known, and everything that can be done about it.

use doorward_api as api;
use jiff::Timestamp;

use super::{
    Frame, Room, ending, factors,
    frame::button,
    people::{Standing, state},
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table, Tone},
    state_files, trouble,
    words::{segment, word},
};
use crate::pages::device::said;

/// A person, with where they are logged in and what they have let applications know.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// Who it is.
    pub user: &'a api::User,
    /// Their sessions.
    pub sessions: &'a [api::Session],
    /// Their passkeys.
    pub passkeys: &'a [api::Passkey],
    /// What they have beside a password.
    pub factors: &'a api::UserFactors,
    /// What is asked of their logins.
    pub demand: &'a api::LoginDemand,
    /// What they let applications know.
    pub grants: &'a [api::AppGrants],
    /// The viewer may change people.
    pub may_change: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders a person.
pub fn person(view: &Person<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut panels = vec![facts(view, frame)];
    if view.may_change {
        if view.user.deletion.is_none() {
            panels.push(ways_in(view, frame));
        }
        panels.push(edit(view, frame));
        panels.push(attributes(view, frame));
    }
    panels.push(factors::asked(view, frame));
    panels.push(factors::beside_the_password(view, frame));
    panels.push(factors::passkeys(view, frame));
    panels.push(sessions(view, frame));
    panels.push(grants(view, frame));
    if view.may_change {
        panels.push(ending::panel(view.user, frame));
    }
    let sheet = Sheet {
        title: view.user.display_name.clone(),
        up: Some(Anchor::new(frame.at(Room::People.path()), t.say("console-people"))),
        ways: activity(view.user, frame).into_iter().collect(),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::People), sheet)
}

/// To what they did and what was done to their account, for whoever may see events.
fn activity(user: &api::User, frame: &Frame<'_>) -> Option<Anchor> {
    let query = format!("?person={}", segment(&user.name));
    let anchor = Anchor::new(frame.within(Room::Events, &query), frame.text().say("console-activity"));
    frame.rooms.contains(&Room::Events).then_some(anchor)
}

pub(super) fn here(frame: &Frame<'_>, name: &str, rest: &str) -> String {
    frame.within(Room::People, &format!("/{}{rest}", segment(name)))
}

fn facts(view: &Person<'_>, frame: &Frame<'_>) -> Panel {
    let (t, user) = (frame.text(), view.user);
    let group = |name: &String| {
        Anchor::new(
            frame.within(Room::Groups, &format!("/{}", segment(name))),
            name.as_str(),
        )
    };
    let through: Vec<Anchor> = user
        .effective_groups
        .iter()
        .filter(|name| !user.groups.contains(name))
        .map(group)
        .collect();
    let links = |list: Vec<Anchor>| {
        if list.is_empty() {
            Cell::Nothing
        } else {
            Cell::Links(list)
        }
    };
    let mut facts = vec![
        (t.say("username"), Cell::Code(user.name.clone())),
        (t.say("console-state"), state(t, &Standing::of(user), frame.now)),
        (
            t.say("console-email"),
            match &user.email {
                Some(email) if user.email_verified => Cell::Text(email.clone()),
                Some(email) => Cell::Text(t.with("console-email-unverified", "email", email)),
                None => Cell::Nothing,
            },
        ),
        (t.say("console-groups"), links(user.groups.iter().map(group).collect())),
    ];
    if let Some(at) = user.expires {
        facts.push((t.say("console-expires"), frame.when(at)));
    }
    if !through.is_empty() {
        facts.push((t.say("console-groups-through"), links(through)));
    }
    facts.extend(
        user.attributes
            .iter()
            .map(|(name, value)| (name.clone(), Cell::Code(shown(value)))),
    );
    facts.push((
        t.say("console-last-login"),
        user.last_login.map_or(Cell::Nothing, |at| frame.ago(at)),
    ));
    facts.push((t.say("console-added"), frame.ago(user.created)));
    let mut panel = Panel::broad(None)
        .with(Block::Facts(facts))
        .with(Block::Command(format!("doorward user show {}", word(&user.name))));
    let file = format!("people.toml: {}", user.name);
    panel.blocks.extend(state_files::way(&file, frame));
    panel
}

/// The last day of an account, as a field for dates has it.
pub(super) fn last_day(expires: Option<Timestamp>) -> String {
    expires
        .map(|at| at.strftime("%Y-%m-%d").to_string())
        .unwrap_or_default()
}

/// A claim's value: text as it is, everything else as JSON.
pub(super) fn shown(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Links to set a password, and the switch.
fn ways_in(view: &Person<'_>, frame: &Frame<'_>) -> Panel {
    let (t, name) = (frame.text(), &view.user.name);
    let panel = Panel::new(t.say("console-person-way-in"));
    let (switch, command) = if view.user.disabled {
        (
            button(frame, here(frame, name, "/enable"), t.say("console-enable"), ""),
            format!("doorward user enable {}", word(name)),
        )
    } else {
        let button = button(frame, here(frame, name, "/disable"), t.say("console-disable"), "");
        (
            Form {
                style: Style::Grave,
                ..button
            },
            format!("doorward user disable {}", word(name)),
        )
    };
    let panel = if view.user.disabled {
        panel
    } else {
        let make = if view.user.has_password {
            t.say("console-link-reset")
        } else {
            t.say("console-link-enrol")
        };
        panel
            .with(Block::Text(t.say("console-link-lead")))
            .with(Block::Form(Form {
                fields: by_mail(view.user.email.is_some(), frame),
                ..button(frame, here(frame, name, "/link"), make, "")
            }))
            .with(Block::Command(format!("doorward user link {}", word(name))))
    };
    panel
        .with(Block::Text(t.say("console-disable-lead")))
        .with(Block::Form(switch))
        .with(Block::Command(command))
}

/// Whether a link is mailed too, where letters are sent and there is an address.
pub(super) fn by_mail(has_address: bool, frame: &Frame<'_>) -> Vec<Field> {
    let t = frame.text();
    if !frame.chrome.has_mail || !has_address {
        return Vec::new();
    }
    let options = [
        ("false", t.say("console-link-show-only")),
        ("true", t.say("console-link-mail")),
    ];
    let options = options.map(|(value, text)| (value.to_owned(), text));
    vec![Field::choice(
        "link",
        "mail",
        t.say("console-link"),
        "false",
        options.to_vec(),
    )]
}

fn edit(view: &Person<'_>, frame: &Frame<'_>) -> Panel {
    let (t, user) = (frame.text(), view.user);
    let form = Form {
        action: here(frame, &user.name, "/edit"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("edit", "name", t.say("username"), &*user.name).required(),
            Field::line("edit", "display_name", t.say("display-name"), &*user.display_name),
            Field::line(
                "edit",
                "email",
                t.say("console-email"),
                user.email.clone().unwrap_or_default(),
            )
            .of_type("email"),
            Field::choice(
                "edit",
                "email_verified",
                t.say("console-email-is-theirs"),
                if user.email_verified { "true" } else { "false" },
                vec![
                    ("true".to_owned(), t.say("console-yes")),
                    ("false".to_owned(), t.say("console-no")),
                ],
            ),
            Field::line("edit", "expires", t.say("console-expires"), last_day(user.expires))
                .of_type("date")
                .rule(t.say("console-expires-rule")),
            Field::choice(
                "edit",
                "theme",
                t.say("profile-theme"),
                user.theme.as_str(),
                vec![
                    ("browser".to_owned(), t.say("theme-browser")),
                    ("light".to_owned(), t.say("theme-light")),
                    ("dark".to_owned(), t.say("theme-dark")),
                ],
            ),
        ],
        submit: t.say("console-save"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-edit"))
        .with(Block::Form(form))
        .with(Block::Command(format!(
            "doorward user edit {} --name {}",
            word(&user.name),
            word(&user.display_name)
        )))
}

/// Further claims, one a line. What reads as JSON is JSON: `3`, `true`, `["a", "b"]`.
fn attributes(view: &Person<'_>, frame: &Frame<'_>) -> Panel {
    let (t, user) = (frame.text(), view.user);
    let lines: Vec<String> = user
        .attributes
        .iter()
        .map(|(name, value)| format!("{name}={}", typed(value)))
        .collect();
    let example = user.attributes.iter().next().map_or_else(
        || "department=Sales".to_owned(),
        |(name, value)| format!("{name}={}", typed(value)),
    );
    let form = Form {
        action: here(frame, &user.name, "/attributes"),
        csrf: frame.csrf(),
        fields: vec![
            Field::lines("more", "attributes", t.say("console-attributes"), lines.join("\n"))
                .rule(t.say("console-attributes-rule")),
        ],
        submit: t.say("console-save"),
        about: t.say("console-attributes"),
        style: Style::Usual,
    };
    Panel::new(t.say("console-attributes"))
        .with(Block::Form(form))
        .with(Block::Command(format!(
            "doorward user edit {} --attribute {}",
            word(&user.name),
            word(&example)
        )))
}

/// A value as it is typed: text that would read as JSON keeps its quotes.
fn typed(value: &serde_json::Value) -> String {
    match value.as_str() {
        Some(text)
            if serde_json::from_str::<serde_json::Value>(text).is_err()
                && text.trim() == text
                && !text.contains(char::is_control) =>
        {
            text.to_owned()
        }
        _ => value.to_string(),
    }
}

fn sessions(view: &Person<'_>, frame: &Frame<'_>) -> Panel {
    let (t, name) = (frame.text(), &view.user.name);
    let rows = view
        .sessions
        .iter()
        .map(|session| {
            vec![
                Cell::Text(said(t, session.user_agent.as_deref().unwrap_or_default())),
                session.address.clone().map_or(Cell::Nothing, Cell::Text),
                frame.ago(session.last_seen),
                Cell::Text(session.methods.join(", ")),
            ]
        })
        .collect();
    let table = Table {
        label: t.say("console-sessions"),
        heads: vec![
            t.say("console-browser"),
            t.say("sessions-address"),
            t.say("sessions-last-seen"),
            t.say("console-methods"),
        ],
        rows,
        empty: t.say("console-sessions-none"),
        next: None,
        live: false,
    };
    let panel = Panel::broad(Some(t.say("console-sessions"))).with(Block::Table(table));
    if !view.may_change || (view.sessions.is_empty() && view.grants.is_empty()) {
        return panel.with(Block::Command(format!("doorward user sessions {}", word(name))));
    }
    panel
        .with(Block::Form(button(
            frame,
            here(frame, name, "/end-sessions"),
            t.say("console-sessions-end"),
            "",
        )))
        .with(Block::Command(format!("doorward user end-sessions {}", word(name))))
}

fn grants(view: &Person<'_>, frame: &Frame<'_>) -> Panel {
    let (t, name) = (frame.text(), &view.user.name);
    let mut heads = vec![
        t.say("console-app"),
        t.say("console-scopes"),
        t.say("grants-since"),
        t.say("grants-last-login"),
    ];
    if view.may_change {
        heads.push(String::new());
    }
    let rows = view
        .grants
        .iter()
        .map(|grant| {
            let mut row = vec![
                Cell::Link(Anchor::new(
                    frame.within(Room::Apps, &format!("/{}", segment(&grant.app))),
                    &*grant.app_name,
                )),
                Cell::Codes(grant.scopes.clone()),
                frame.ago(grant.since),
                grant.last_login.map_or(Cell::Nothing, |at| frame.ago(at)),
            ];
            if view.may_change {
                row.push(Cell::Button(Form {
                    fields: vec![Field::hidden("app", &*grant.app)],
                    ..button(
                        frame,
                        here(frame, name, "/revoke"),
                        t.say("grants-withdraw"),
                        &grant.app_name,
                    )
                }));
            }
            row
        })
        .collect();
    let table = Table {
        label: t.say("nav-grants"),
        heads,
        rows,
        empty: t.say("console-grants-none"),
        next: None,
        live: false,
    };
    Panel::broad(Some(t.say("nav-grants")))
        .with(Block::Table(table))
        .with(Block::Command(format!("doorward user grants {}", word(name))))
}

/// Renders a link that was made for somebody.
pub fn shown_link(name: &str, link: &api::Link, frame: &Frame<'_>) -> String {
    let title = frame.text().with("console-link-made", "name", name);
    link_page(title, name, link, frame)
}

pub(super) fn link_page(title: String, name: &str, link: &api::Link, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let sheet = Sheet {
        title,
        up: Some(Anchor::new(here(frame, name, ""), name)),
        panels: vec![
            Panel::broad(None)
                .with(Block::Good(t.say("console-link-hand-over")))
                .with(Block::Code {
                    title: t.say("console-link"),
                    place: None,
                    text: link.url.clone(),
                })
                .with(Block::Facts(vec![
                    (
                        t.say("console-link-mailed"),
                        link.mailed_to.clone().map_or(Cell::Nothing, Cell::Text),
                    ),
                    (t.say("console-link-ends"), frame.ahead(link.expires)),
                    (
                        t.say("console-link-shown"),
                        Cell::Badge(Tone::Plain, t.say("console-once")),
                    ),
                ]))
                .with(Block::Command(format!("doorward user link {}", word(name)))),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::People), sheet)
}
