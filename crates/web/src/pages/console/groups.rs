//! Groups, and who is in them.

use doorward_api as api;

use super::{
    Frame, Room,
    frame::button,
    people::{next, search},
    policies,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table},
    state_files, trouble,
    words::{segment, word},
};

/// A page of groups.
#[derive(Debug, Clone, Copy)]
pub struct Groups<'a> {
    /// Those who were found.
    pub found: &'a api::List<api::GroupSummary>,
    /// What was searched for.
    pub search: &'a str,
    /// The viewer may add groups.
    pub may_add: bool,
}

/// The form for a new group, empty or as it was typed.
#[derive(Debug, Clone, Copy, Default)]
pub struct AddGroup<'a> {
    /// As typed.
    pub name: &'a str,
    /// As typed.
    pub description: &'a str,
    /// As typed.
    pub users: &'a str,
    /// Why it did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// A group with its members.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    /// The group.
    pub group: &'a api::Group,
    /// The viewer may change its name or delete it.
    pub may_change: bool,
    /// The viewer may change who is in it.
    pub may_change_members: bool,
    /// The viewer may see what is asked of its members' logins.
    pub may_see_policy: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders the list.
pub fn groups(view: &Groups<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let query = if view.search.is_empty() {
        String::new()
    } else {
        format!("search={}&", segment(view.search))
    };
    let rows = view
        .found
        .items
        .iter()
        .map(|group| {
            vec![
                Cell::Link(Anchor::new(here(frame, &group.name, ""), &*group.name)),
                Cell::Text(group.member_count.to_string()),
                group.description.clone().map_or(Cell::Nothing, Cell::Text),
            ]
        })
        .collect();
    let table = Table {
        label: t.say("console-groups"),
        heads: vec![
            t.say("console-group"),
            t.say("console-members"),
            t.say("console-description"),
        ],
        rows,
        empty: if view.search.is_empty() {
            t.say("console-groups-none")
        } else {
            t.say("console-none-found")
        },
        next: next(frame, Room::Groups, "", &query, view.found.next.as_deref()),
        live: false,
    };
    let ways = if view.may_add {
        vec![Anchor::new(
            frame.within(Room::Groups, "/add"),
            t.say("console-groups-add"),
        )]
    } else {
        Vec::new()
    };
    let sheet = Sheet {
        title: t.say("console-groups"),
        ways,
        panels: vec![
            Panel::broad(None)
                .with(Block::Form(search(frame, Room::Groups, view.search)))
                .with(Block::Table(table))
                .with(Block::Command("doorward group list".to_owned())),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Groups), sheet)
}

fn here(frame: &Frame<'_>, name: &str, rest: &str) -> String {
    frame.within(Room::Groups, &format!("/{}{rest}", segment(name)))
}

/// Renders the form for a new group.
pub fn add_group(view: &AddGroup<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let form = Form {
        action: frame.within(Room::Groups, "/add"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("add", "name", t.say("console-group"), view.name)
                .required()
                .rule(t.say("console-group-name-rule")),
            Field::line("add", "description", t.say("console-description"), view.description),
            Field::line("add", "users", t.say("console-members"), view.users).rule(t.say("console-names-rule")),
        ],
        submit: t.say("console-groups-add"),
        about: String::new(),
        style: Style::Usual,
    };
    let sheet = Sheet {
        title: t.say("console-groups-add"),
        up: Some(Anchor::new(frame.at(Room::Groups.path()), t.say("console-groups"))),
        trouble: view.error.map(|error| trouble(t, error)),
        panels: vec![
            Panel::default()
                .with(Block::Form(form))
                .with(Block::Command("doorward group add netbox_users anna ben".to_owned())),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Groups), sheet)
}

/// Renders a group.
pub fn group(view: &Group<'_>, frame: &Frame<'_>) -> String {
    let (t, group) = (frame.text(), view.group);
    let mut panels = vec![members(view, frame)];
    if view.may_change_members {
        panels.push(add_member(group, frame));
    }
    if view.may_change {
        panels.push(edit(group, frame));
    }
    if view.may_see_policy {
        panels.push(policies::way(policies::Place::Group(&group.name), frame));
    }
    if view.may_change {
        panels.push(
            Panel::broad(Some(t.say("console-delete")))
                .with(Block::Text(t.say("console-delete-group-lead")))
                .with(Block::Grave(Anchor::new(
                    here(frame, &group.name, "/delete"),
                    t.say("console-delete-group"),
                ))),
        );
    }
    let sheet = Sheet {
        title: group.name.clone(),
        lead: group.description.clone(),
        up: Some(Anchor::new(frame.at(Room::Groups.path()), t.say("console-groups"))),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Groups), sheet)
}

fn members(view: &Group<'_>, frame: &Frame<'_>) -> Panel {
    let (t, group) = (frame.text(), view.group);
    let mut heads = vec![t.say("console-member"), t.say("console-kind")];
    if view.may_change_members {
        heads.push(String::new());
    }
    let rows = group
        .members
        .iter()
        .map(|member| {
            let (room, kind, field) = match member.kind {
                api::MemberKind::Person => (Room::People, t.say("console-kind-person"), "user"),
                api::MemberKind::Service => (Room::Services, t.say("console-kind-service"), "user"),
                api::MemberKind::Group => (Room::Groups, t.say("console-kind-group"), "group"),
            };
            let href = frame.within(room, &format!("/{}", segment(&member.name)));
            let mut row = vec![Cell::Link(Anchor::new(href, &*member.name)), Cell::Text(kind)];
            if view.may_change_members {
                row.push(Cell::Button(Form {
                    fields: vec![Field::hidden(field, &*member.name)],
                    ..button(
                        frame,
                        here(frame, &group.name, "/remove-member"),
                        t.say("console-member-remove"),
                        &member.name,
                    )
                }));
            }
            row
        })
        .collect();
    let table = Table {
        label: t.say("console-members"),
        heads,
        rows,
        empty: t.say("console-members-none"),
        next: None,
        live: false,
    };
    let parents: Vec<Anchor> = group
        .member_of
        .iter()
        .map(|name| Anchor::new(here(frame, name, ""), name.as_str()))
        .collect();
    let more = group
        .member_count
        .saturating_sub(u64::try_from(group.members.len()).unwrap_or(u64::MAX));
    let mut panel = Panel::broad(Some(t.say("console-members"))).with(Block::Table(table));
    if more > 0 {
        panel = panel.with(Block::Text(t.with("console-members-more", "count", &more.to_string())));
    }
    if !parents.is_empty() {
        panel = panel.with(Block::Facts(vec![(t.say("console-member-of"), Cell::Links(parents))]));
    }
    panel = panel.with(Block::Command(format!("doorward group show {}", word(&group.name))));
    let file = format!("groups/{}.toml", group.name);
    panel.blocks.extend(state_files::way(&file, frame));
    panel
}

fn add_member(group: &api::Group, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let form = Form {
        action: here(frame, &group.name, "/add-member"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("member", "users", t.say("console-member-users"), "").rule(t.say("console-names-rule")),
            Field::line("member", "groups", t.say("console-member-groups"), "").rule(t.say("console-names-rule")),
        ],
        submit: t.say("console-member-add"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-member-add"))
        .with(Block::Form(form))
        .with(Block::Command(format!(
            "doorward group member add {} anna",
            word(&group.name)
        )))
}

fn edit(group: &api::Group, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let form = Form {
        action: here(frame, &group.name, "/edit"),
        csrf: frame.csrf(),
        fields: vec![
            Field::line("edit", "name", t.say("console-group"), &*group.name)
                .required()
                .rule(t.say("console-group-rename-rule")),
            Field::line(
                "edit",
                "description",
                t.say("console-description"),
                group.description.clone().unwrap_or_default(),
            ),
        ],
        submit: t.say("console-save"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-edit"))
        .with(Block::Form(form))
        .with(Block::Command(format!(
            "doorward group edit {} --description {}",
            word(&group.name),
            word(group.description.as_deref().unwrap_or_default())
        )))
}

/// Renders the question whether a group is to be deleted.
pub fn remove_group(group: &api::Group, frame: &Frame<'_>) -> String {
    let t = frame.text();
    super::removal(
        frame,
        Room::Groups,
        &super::Removal {
            title: t.with("console-delete-title", "name", &group.name),
            lead: t.say("console-delete-group-lead"),
            submit: t.say("console-delete-group"),
            name: &group.name,
            action: here(frame, &group.name, "/delete"),
            command: format!("doorward group delete {}", word(&group.name)),
        },
    )
}
