//! People: the list with its search, and adding one.

use doorward_api as api;
use jiff::Timestamp;

use super::{
    Frame, Room,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table, Tone},
    trouble,
    words::segment,
};
use crate::pages::text::Text;

/// A page of people.
#[derive(Debug, Clone, Copy)]
pub struct People<'a> {
    /// Those who were found.
    pub found: &'a api::List<api::UserSummary>,
    /// What was searched for.
    pub search: &'a str,
    /// The viewer may add people.
    pub may_add: bool,
}

/// The form for a new person, empty or as it was typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct AddPerson<'a> {
    /// As typed.
    pub name: &'a str,
    /// As typed.
    pub display_name: &'a str,
    /// As typed.
    pub email: &'a str,
    /// As typed: names with spaces or commas between.
    pub groups: &'a str,
    /// Why it did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders the list.
pub fn people(view: &People<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let sheet = Sheet {
        title: t.say("console-people"),
        ways: if view.may_add {
            vec![Anchor::new(
                frame.within(Room::People, "/add"),
                t.say("console-people-add"),
            )]
        } else {
            Vec::new()
        },
        panels: vec![
            Panel::broad(None)
                .with(Block::Form(search(frame, Room::People, view.search)))
                .with(Block::Table(table(view, frame)))
                .with(Block::Command(command_of_list(view.search))),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::People), sheet)
}

/// The search of a room.
pub(super) fn search(frame: &Frame<'_>, room: Room, search: &str) -> Form {
    let t = frame.text();
    Form {
        action: frame.at(room.path()),
        csrf: None,
        fields: vec![
            Field::line("find", "search", t.say("console-search"), search)
                .of_type("search")
                .rule(match room {
                    Room::People => t.say("console-search-people"),
                    _ => t.say("console-search-names"),
                }),
        ],
        submit: t.say("console-search-go"),
        about: String::new(),
        style: Style::Quiet,
    }
}

/// The link to what comes after a page.
pub(super) fn next(frame: &Frame<'_>, room: Room, rest: &str, query: &str, next: Option<&str>) -> Option<Anchor> {
    let cursor = super::words::segment(next?);
    let href = format!("{}?{query}cursor={cursor}", frame.within(room, rest));
    Some(Anchor::new(href, frame.text().say("console-next")))
}

fn command_of_list(search: &str) -> String {
    if search.is_empty() {
        "doorward user list".to_owned()
    } else {
        format!("doorward user list {}", super::words::word(search))
    }
}

fn table(view: &People<'_>, frame: &Frame<'_>) -> Table {
    let t = frame.text();
    let query = if view.search.is_empty() {
        String::new()
    } else {
        format!("search={}&", segment(view.search))
    };
    Table {
        label: t.say("console-people"),
        heads: vec![
            t.say("username"),
            t.say("display-name"),
            t.say("console-email"),
            t.say("console-state"),
        ],
        rows: view
            .found
            .items
            .iter()
            .map(|user| {
                let href = frame.within(Room::People, &format!("/{}", segment(&user.name)));
                vec![
                    Cell::Link(Anchor::new(href, &*user.name)),
                    Cell::Text(user.display_name.clone()),
                    user.email.clone().map_or(Cell::Nothing, Cell::Text),
                    state(t, &Standing::of_summary(user), frame.now),
                ]
            })
            .collect(),
        empty: if view.search.is_empty() {
            t.say("console-people-none")
        } else {
            t.say("console-none-found")
        },
        next: next(frame, Room::People, "", &query, view.found.next.as_deref()),
        live: false,
    }
}

/// What decides what an account is good for.
pub(super) struct Standing {
    disabled: bool,
    is_deleted: bool,
    expires: Option<Timestamp>,
    has_password: bool,
}

impl Standing {
    pub(super) fn of(user: &api::User) -> Self {
        Self {
            disabled: user.disabled,
            is_deleted: user.deletion.is_some(),
            expires: user.expires,
            has_password: user.has_password,
        }
    }

    pub(super) fn of_summary(user: &api::UserSummary) -> Self {
        Self {
            disabled: user.disabled,
            is_deleted: user.deletion.is_some(),
            expires: user.expires,
            has_password: user.has_password,
        }
    }
}

/// What an account is good for.
pub(super) fn state(t: Text, standing: &Standing, now: Timestamp) -> Cell {
    if standing.disabled {
        Cell::Badge(Tone::Bad, t.say("console-state-disabled"))
    } else if standing.is_deleted {
        Cell::Badge(Tone::Bad, t.say("console-state-deleted"))
    } else if standing.expires.is_some_and(|at| at <= now) {
        Cell::Badge(Tone::Bad, t.say("console-state-expired"))
    } else if standing.has_password {
        Cell::Badge(Tone::Good, t.say("console-state-active"))
    } else {
        Cell::Badge(Tone::Plain, t.say("console-state-invited"))
    }
}

/// Renders the form for a new person.
pub fn add_person(view: &AddPerson<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut fields = vec![
        Field::line("add", "name", t.say("username"), view.name)
            .required()
            .rule(t.say("console-person-name-rule")),
        Field::line("add", "display_name", t.say("display-name"), view.display_name),
        Field::line("add", "email", t.say("console-email"), view.email).of_type("email"),
        Field::line("add", "groups", t.say("console-groups"), view.groups).rule(t.say("console-names-rule")),
    ];
    fields.extend(super::person::by_mail(true, frame));
    let form = Form {
        action: frame.within(Room::People, "/add"),
        csrf: frame.csrf(),
        fields,
        submit: t.say("console-people-add"),
        about: String::new(),
        style: Style::Usual,
    };
    let sheet = Sheet {
        title: t.say("console-people-add"),
        lead: Some(t.say("console-people-add-lead")),
        up: Some(Anchor::new(frame.at(Room::People.path()), t.say("console-people"))),
        trouble: view.error.map(|error| trouble(t, error)),
        panels: vec![Panel::default().with(Block::Form(form)).with(Block::Command(
            "doorward user add anna --name 'Anna Berger' --email anna@example.com".to_owned(),
        ))],
        ..Sheet::default()
    };
    frame.draw(Some(Room::People), sheet)
}

/// Renders what comes of it: the link to hand over.
pub fn added_person(added: &api::UserAdded, frame: &Frame<'_>) -> String {
    let t = frame.text();
    super::person::link_page(
        t.with("console-person-added", "name", &added.user.name),
        &added.user.name,
        &added.enrolment,
        frame,
    )
}
