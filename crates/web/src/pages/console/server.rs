//! The server itself: who administers it, who is logged in, its settings.

use doorward_api as api;

use super::{
    Frame, Room, ending,
    frame::button,
    people::next,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table},
    trouble,
    words::{segment, word},
};
use crate::pages::{device, text::Text};

/// Who may administer what.
#[derive(Debug, Clone, Copy)]
pub struct Admins<'a> {
    /// The granted roles.
    pub admins: &'a [api::Admin],
    /// The viewer may grant and revoke.
    pub may_change: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// Renders who may administer what.
pub fn admins(view: &Admins<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let mut heads = vec![
        t.say("console-holder"),
        t.say("console-kind"),
        t.say("console-role"),
        t.say("console-manages"),
    ];
    if view.may_change {
        heads.push(String::new());
    }
    let rows = view.admins.iter().map(|admin| holder(admin, view, frame)).collect();
    let table = Table {
        label: t.say("console-admins"),
        heads,
        rows,
        empty: t.say("console-admins-none"),
        next: None,
        live: false,
    };
    let mut panels = vec![
        Panel::broad(None)
            .with(Block::Table(table))
            .with(Block::Command("doorward admin list".to_owned())),
    ];
    if view.may_change {
        panels.push(grant(frame));
        panels.push(
            Panel::new(t.say("console-roles")).with(Block::Facts(
                api::Role::ALL
                    .into_iter()
                    .map(|role| (role.as_str().to_owned(), Cell::Text(meaning(t, role))))
                    .collect(),
            )),
        );
    }
    let sheet = Sheet {
        title: t.say("console-admins"),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Admins), sheet)
}

fn holder(admin: &api::Admin, view: &Admins<'_>, frame: &Frame<'_>) -> Vec<Cell> {
    let t = frame.text();
    let (room, kind, field) = match admin.kind {
        api::MemberKind::Person => (Room::People, t.say("console-kind-person"), "user"),
        api::MemberKind::Service => (Room::Services, t.say("console-kind-service"), "user"),
        api::MemberKind::Group => (Room::Groups, t.say("console-kind-group"), "group"),
    };
    let href = frame.within(room, &format!("/{}", segment(&admin.name)));
    let mut row = vec![
        Cell::Link(Anchor::new(href, &*admin.name)),
        Cell::Text(kind),
        Cell::Code(admin.role.as_str().to_owned()),
        admin.manages.clone().map_or(Cell::Nothing, Cell::Code),
    ];
    if view.may_change {
        row.push(Cell::Button(Form {
            fields: vec![
                Field::hidden("role", admin.role.as_str()),
                Field::hidden(field, &*admin.name),
                Field::hidden("manages", admin.manages.clone().unwrap_or_default()),
            ],
            ..button(
                frame,
                frame.within(Room::Admins, "/revoke"),
                t.say("console-app-deny"),
                &format!("{} {}", admin.name, admin.role.as_str()),
            )
        }));
    }
    row
}

fn grant(frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let roles = api::Role::ALL
        .into_iter()
        .map(|role| (role.as_str().to_owned(), role.as_str().to_owned()))
        .collect();
    let form = Form {
        action: frame.within(Room::Admins, "/grant"),
        csrf: frame.csrf(),
        fields: vec![
            Field::choice("grant", "role", t.say("console-role"), "apps", roles),
            Field::line("grant", "user", t.say("console-holder-user"), ""),
            Field::line("grant", "group", t.say("console-holder-group"), ""),
            Field::line("grant", "manages", t.say("console-manages"), "").rule(t.say("console-manages-rule")),
        ],
        submit: t.say("console-admin-grant"),
        about: String::new(),
        style: Style::Usual,
    };
    Panel::new(t.say("console-admin-grant"))
        .with(Block::Form(form))
        .with(Block::Command("doorward admin grant apps anna".to_owned()))
}

fn meaning(t: Text, role: api::Role) -> String {
    match role {
        api::Role::Full => t.say("console-role-full"),
        api::Role::Apps => t.say("console-role-apps"),
        api::Role::People => t.say("console-role-people"),
        api::Role::ReadOnly => t.say("console-role-read-only"),
        api::Role::GroupManager => t.say("console-role-group-manager"),
    }
}

/// Renders who is logged in where.
pub fn sessions(
    found: &api::List<api::Session>,
    user: &str,
    may_end: bool,
    error: Option<&api::ErrorBody>,
    frame: &Frame<'_>,
) -> String {
    let t = frame.text();
    let mut heads = vec![
        t.say("username"),
        t.say("console-browser"),
        t.say("sessions-address"),
        t.say("sessions-created"),
        t.say("sessions-last-seen"),
        t.say("console-methods"),
    ];
    if may_end {
        heads.push(String::new());
    }
    let rows = found
        .items
        .iter()
        .map(|session| {
            let href = frame.within(Room::People, &format!("/{}", segment(&session.user)));
            let device = device::said(t, session.user_agent.as_deref().unwrap_or_default());
            let mut row = vec![
                Cell::Link(Anchor::new(href, &*session.user)),
                Cell::Text(device.clone()),
                session.address.clone().map_or(Cell::Nothing, Cell::Text),
                frame.ago(session.created),
                frame.ago(session.last_seen),
                Cell::Text(session.methods.join(", ")),
            ];
            if may_end {
                row.push(Cell::Button(Form {
                    fields: vec![Field::hidden("session", session.id.to_string())],
                    ..button(
                        frame,
                        frame.within(Room::Sessions, "/end"),
                        t.say("sessions-end"),
                        &format!("{} {device}", session.user),
                    )
                }));
            }
            row
        })
        .collect();
    let query = if user.is_empty() {
        String::new()
    } else {
        format!("user={}&", segment(user))
    };
    let table = Table {
        label: t.say("console-sessions"),
        heads,
        rows,
        empty: t.say("console-sessions-none"),
        next: next(frame, Room::Sessions, "", &query, found.next.as_deref()),
        live: false,
    };
    let filter = Form {
        action: frame.at(Room::Sessions.path()),
        csrf: None,
        fields: vec![Field::line("filter", "user", t.say("username"), user)],
        submit: t.say("console-filter"),
        about: String::new(),
        style: Style::Quiet,
    };
    let sheet = Sheet {
        title: t.say("console-sessions"),
        trouble: error.map(|error| trouble(t, error)),
        panels: vec![
            Panel::broad(None)
                .with(Block::Form(filter))
                .with(Block::Table(table))
                .with(Block::Command(if user.is_empty() {
                    "doorward session list".to_owned()
                } else {
                    format!("doorward session list {}", word(user))
                })),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Sessions), sheet)
}

/// Renders the settings, and what the server says of itself.
pub fn settings(
    status: &api::Status,
    settings: &api::Settings,
    may_change: bool,
    error: Option<&api::ErrorBody>,
    frame: &Frame<'_>,
) -> String {
    let t = frame.text();
    let form = Form {
        action: frame.at(Room::Settings.path()),
        csrf: frame.csrf(),
        fields: vec![
            Field::line(
                "settings",
                "event_retention_days",
                t.say("console-keep-events"),
                settings.event_retention_days.to_string(),
            )
            .of_type("number")
            .required(),
            Field::line(
                "settings",
                "trace_retention_days",
                t.say("console-keep-traces"),
                settings.trace_retention_days.to_string(),
            )
            .of_type("number")
            .required(),
            Field::line(
                "settings",
                "key_rotation_days",
                t.say("console-key-days"),
                settings
                    .key_rotation_days
                    .map(|days| days.to_string())
                    .unwrap_or_default(),
            )
            .of_type("number")
            .rule(t.say("console-key-days-rule")),
            Field::lines(
                "settings",
                "attestation_roots",
                t.say("console-attestation"),
                settings.attestation_roots.clone().unwrap_or_default(),
            )
            .rule(t.say("console-attestation-rule")),
        ],
        submit: t.say("console-save"),
        about: t.say("console-keep"),
        style: Style::Usual,
    };
    let kept = if may_change {
        Panel::new(t.say("console-keep")).with(Block::Form(form))
    } else {
        Panel::new(t.say("console-keep")).with(Block::Facts(vec![
            (
                t.say("console-keep-events"),
                Cell::Text(settings.event_retention_days.to_string()),
            ),
            (
                t.say("console-keep-traces"),
                Cell::Text(settings.trace_retention_days.to_string()),
            ),
            (
                t.say("console-key-days"),
                settings
                    .key_rotation_days
                    .map_or(Cell::Nothing, |days| Cell::Text(days.to_string())),
            ),
            (
                t.say("console-attestation"),
                settings.attestation_roots.clone().map_or(Cell::Nothing, Cell::Code),
            ),
        ]))
    };
    let about = vec![
        (t.say("status-version"), Cell::Text(status.version.clone())),
        (t.say("console-issuer"), Cell::Code(status.issuer.clone())),
        (
            t.say("console-you-are"),
            Cell::Text(format!("{} ({})", status.actor.name, status.actor.via)),
        ),
        (t.say("console-you-may"), Cell::Codes(status.actor.rights.clone())),
    ];
    let files = Anchor::new(frame.within(Room::Settings, "/files"), t.say("console-files"));
    let import = Anchor::new(frame.at("/admin/import"), t.say("console-import"));
    let sheet = Sheet {
        title: t.say("console-settings"),
        ways: std::iter::once(files).chain(may_change.then_some(import)).collect(),
        trouble: error.map(|error| trouble(t, error)),
        panels: vec![
            Panel::broad(Some(t.say("console-server")))
                .with(Block::Facts(about))
                .with(Block::Command("doorward status".to_owned())),
            kept.with(Block::Command(format!(
                "doorward setting edit --event-retention {} --trace-retention {}",
                settings.event_retention_days, settings.trace_retention_days
            ))),
            ending::settings(settings, may_change, frame),
            own_profile(settings, may_change, frame),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Settings), sheet)
}

/// What people may change of themselves.
fn own_profile(settings: &api::Settings, may_change: bool, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let fields = [
        ("name", t.say("display-name"), "name", api::OwnField::Name),
        ("email", t.say("console-email"), "email", api::OwnField::Email),
        (
            "language",
            t.say("profile-language"),
            "language",
            api::OwnField::Language,
        ),
    ];
    let is_own = |field| settings.own_profile.contains(&field);
    let words: Vec<&str> = fields
        .iter()
        .filter(|(.., field)| is_own(*field))
        .map(|(_, _, word, _)| *word)
        .collect();
    let command = format!("doorward setting edit --own-profile {}", word(&words.join(",")));
    let said = |yes: bool| if yes { t.say("console-yes") } else { t.say("console-no") };
    let panel = Panel::new(t.say("console-own-profile"));
    let panel = if may_change {
        let fields = fields.into_iter().map(|(name, label, _, field)| {
            let options = [true, false].map(|yes| (yes.to_string(), said(yes)));
            Field::choice("own", name, label, is_own(field).to_string(), options.to_vec())
        });
        panel.with(Block::Form(Form {
            action: frame.within(Room::Settings, "/own-profile"),
            csrf: frame.csrf(),
            fields: fields.collect(),
            submit: t.say("console-save"),
            about: t.say("console-own-profile"),
            style: Style::Usual,
        }))
    } else {
        let facts = fields.into_iter();
        let facts = facts.map(|(_, label, _, field)| (label, Cell::Text(said(is_own(field)))));
        panel.with(Block::Facts(facts.collect()))
    };
    panel.with(Block::Command(command))
}
