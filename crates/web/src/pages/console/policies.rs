//! What is asked of logins: of everybody, of members of a group, into an application, and what comes of it for one person.

use doorward_api as api;

use super::{
    Frame, Room,
    policy::day,
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style, Table},
    trouble,
    words::{segment, word},
};
use crate::pages::text::Text;

/// Every policy.
#[derive(Debug, Clone, Copy)]
pub struct Policies<'a> {
    /// All of them.
    pub policies: &'a api::Policies,
    /// Groups that there are, to choose from.
    pub groups: &'a [String],
    /// Applications that there are, by client id.
    pub apps: &'a [String],
    /// The viewer may change them.
    pub may_change: bool,
    /// The viewer may see people.
    pub may_see_people: bool,
    /// Why the last question had no answer.
    pub error: Option<&'a api::ErrorBody>,
}

/// Whose logins are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// Everybody's.
    Everybody,
    /// Those of the members of this group.
    Group(&'a str),
    /// Those into this application, by client id.
    App(&'a str),
}

pub(super) fn level(t: Text, level: api::LoginLevel) -> String {
    match level {
        api::LoginLevel::Any => t.say("console-level-any"),
        api::LoginLevel::Second => t.say("console-level-second"),
        api::LoginLevel::Passkey => t.say("console-level-passkey"),
    }
}

impl Place<'_> {
    /// Where its policy is, within the server.
    pub fn path(self) -> String {
        let room = Room::Policies.path();
        match self {
            Self::Everybody => format!("{room}/default"),
            Self::Group(name) => format!("{room}/group/{}", segment(name)),
            Self::App(id) => format!("{room}/app/{}", segment(id)),
        }
    }
}

/// A way to the policy of a group or an application, for the page of that one.
pub(super) fn way(place: Place<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    Panel::new(t.say("console-policy"))
        .with(Block::Text(match place {
            Place::App(_) => t.say("console-policy-app-lead"),
            Place::Everybody | Place::Group(_) => t.say("console-policy-group-lead"),
        }))
        .with(Block::Way(Anchor::new(
            frame.at(&place.path()),
            t.say("console-policy-go"),
        )))
}

/// Renders every policy.
pub fn policies(view: &Policies<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let all = view.policies;
    let mut rows = vec![row(
        Cell::Link(Anchor::new(
            frame.at(&Place::Everybody.path()),
            t.say("console-policy-everybody"),
        )),
        &all.default,
        frame,
    )];
    rows.extend(all.groups.iter().map(|named| {
        let said = t.with("console-policy-group-name", "name", &named.name);
        let link = Anchor::new(frame.at(&Place::Group(&named.name).path()), said);
        row(Cell::Link(link), &named.policy, frame)
    }));
    rows.extend(all.apps.iter().map(|named| {
        let said = t.with("console-policy-app-name", "name", &named.name);
        let link = Anchor::new(frame.at(&Place::App(&named.name).path()), said);
        row(Cell::Link(link), &named.policy, frame)
    }));
    let table = Table {
        label: t.say("console-policies"),
        heads: vec![
            t.say("console-policy-of"),
            t.say("console-policy-factors"),
            t.say("console-policy-fresh"),
            t.say("console-policy-remember"),
            t.say("console-policy-password"),
        ],
        rows,
        empty: String::new(),
        next: None,
        live: false,
    };
    let mut panels = vec![
        Panel::broad(None)
            .with(Block::Table(table))
            .with(Block::Command("doorward policy show".to_owned())),
    ];
    if view.may_change {
        panels.push(of_one(
            frame,
            Field::proposed("group", "group", t.say("console-group"), view.groups.to_vec()),
        ));
        panels.push(of_one(
            frame,
            Field::proposed("app", "app", t.say("console-app"), view.apps.to_vec())
                .rule(t.say("console-policy-app-rule")),
        ));
    }
    if view.may_see_people {
        panels.push(check(view, frame));
    }
    let sheet = Sheet {
        title: t.say("console-policies"),
        lead: Some(t.say("console-policies-lead")),
        trouble: view.error.map(|error| trouble(t, error)),
        panels,
        ..Sheet::default()
    };
    frame.draw(Some(Room::Policies), sheet)
}

pub(super) fn row(name: Cell, policy: &api::LoginPolicy, frame: &Frame<'_>) -> Vec<Cell> {
    let t = frame.text();
    let factors = policy.factors.map(|asked| match policy.postpone_until {
        Some(until) => t.with_two(
            "console-policy-put-off",
            ("level", &level(t, asked)),
            ("day", &day(until)),
        ),
        None => level(t, asked),
    });
    let fresh = policy.fresh_seconds.map(|seconds| t.span(seconds.into()));
    let remember = policy.remember_days.map(|days| remembered(t, days));
    vec![
        name,
        factors.map_or(Cell::Nothing, Cell::Text),
        fresh.map_or(Cell::Nothing, Cell::Text),
        remember.map_or(Cell::Nothing, Cell::Text),
        password(t, policy.password_min, policy.password_strength).map_or(Cell::Nothing, Cell::Text),
    ]
}

fn remembered(t: Text, days: u32) -> String {
    if days == 0 {
        t.say("console-policy-remember-never")
    } else {
        t.span(u64::from(days) * 86_400)
    }
}

fn password(t: Text, min: Option<u32>, strength: Option<u8>) -> Option<String> {
    let min = min.map(|min| t.with("console-policy-password-chars", "count", &min.to_string()));
    let strength =
        strength.map(|strength| t.with("console-policy-password-strength", "strength", &strength.to_string()));
    match (min, strength) {
        (Some(min), Some(strength)) => Some(format!("{min}, {strength}")),
        (min, strength) => min.or(strength),
    }
}

/// Asks for the one whose policy is to be set.
fn of_one(frame: &Frame<'_>, field: Field) -> Panel {
    let t = frame.text();
    let title = if field.name == "app" {
        t.say("console-policy-of-app")
    } else {
        t.say("console-policy-of-group")
    };
    Panel::new(title).with(Block::Form(Form {
        action: frame.within(Room::Policies, "/find"),
        csrf: None,
        about: field.label.clone(),
        fields: vec![field.required()],
        submit: t.say("console-policy-go"),
        style: Style::Quiet,
    }))
}

fn check(view: &Policies<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    let form = Form {
        action: frame.within(Room::Policies, "/check"),
        csrf: None,
        fields: vec![
            Field::line("check", "user", t.say("username"), "").required(),
            Field::proposed("check", "app", t.say("console-app"), view.apps.to_vec())
                .rule(t.say("console-policy-check-app-rule")),
        ],
        submit: t.say("console-show"),
        about: t.say("console-policy-check"),
        style: Style::Quiet,
    };
    Panel::new(t.say("console-policy-check"))
        .with(Block::Text(t.say("console-policy-check-lead")))
        .with(Block::Form(form))
        .with(Block::Command("doorward policy check anna".to_owned()))
}

/// Renders what is asked of one person's login.
pub fn demand(user: &str, app: Option<&str>, demand: &api::LoginDemand, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let command = match app {
        Some(app) => format!("doorward policy check {} --app {}", word(user), word(app)),
        None => format!("doorward policy check {}", word(user)),
    };
    let lead = match app {
        Some(app) => t.with("console-policy-demand-app", "app", app),
        None => t.say("console-policy-demand-account"),
    };
    let sheet = Sheet {
        title: t.with("console-policy-demand", "name", user),
        lead: Some(lead),
        up: Some(Anchor::new(frame.at(Room::Policies.path()), t.say("console-policies"))),
        panels: vec![
            Panel::broad(None)
                .with(Block::Facts(demanded(demand, frame)))
                .with(Block::Command(command)),
        ],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Policies), sheet)
}

/// What is asked, fact by fact.
pub(super) fn demanded(demand: &api::LoginDemand, frame: &Frame<'_>) -> Vec<(String, Cell)> {
    let t = frame.text();
    let mut facts = vec![(t.say("console-policy-factors"), Cell::Text(level(t, demand.factors)))];
    if let Some(until) = demand.postponed_until {
        facts.push((t.say("console-policy-later"), Cell::Text(level(t, demand.later))));
        facts.push((t.say("console-policy-postpone"), frame.ahead(until)));
    }
    facts.extend([
        (
            t.say("console-policy-fresh"),
            demand
                .fresh_seconds
                .map_or(Cell::Nothing, |seconds| Cell::Text(t.span(seconds.into()))),
        ),
        (
            t.say("console-policy-remember"),
            Cell::Text(remembered(t, demand.remember_days)),
        ),
        (
            t.say("console-policy-password"),
            password(t, Some(demand.password_min), Some(demand.password_strength)).map_or(Cell::Nothing, Cell::Text),
        ),
    ]);
    facts
}
