//! What is asked of logins: of everybody, of members of a group, into an application, and what comes of it for one person.

use std::fmt::Write as _;

use doorward_api as api;
use serde::Deserialize;

use super::{
    Frame, Room,
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

/// The policy of one place.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// Whose.
    pub place: Place<'a>,
    /// As it is stored: what the command says.
    pub policy: &'a api::LoginPolicy,
    /// As it stands in the form.
    pub typed: &'a PolicyForm,
    /// The viewer may change it.
    pub may_change: bool,
    /// Why the last change did not work.
    pub error: Option<&'a api::ErrorBody>,
}

/// A policy as it is typed. What is empty asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PolicyForm {
    /// `any`, `second` or `passkey`.
    pub factors: String,
    /// A day, or an instant.
    pub postpone_until: String,
    /// Minutes since the last proof.
    pub fresh_minutes: String,
    /// Days.
    pub remember_days: String,
    /// Characters.
    pub password_min: String,
    /// 0 to 4.
    pub password_strength: String,
}

impl PolicyForm {
    /// A stored policy as somebody would type it.
    pub fn of(policy: &api::LoginPolicy) -> Self {
        let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        Self {
            factors: level_word(policy.factors.unwrap_or_default()).to_owned(),
            postpone_until: policy.postpone_until.map(day).unwrap_or_default(),
            fresh_minutes: number(policy.fresh_seconds.map(|seconds| seconds.div_ceil(60))),
            remember_days: number(policy.remember_days),
            password_min: number(policy.password_min),
            password_strength: number(policy.password_strength.map(u32::from)),
        }
    }
}

/// `2027-01-31`, or the whole instant when it is not the beginning of a day.
fn day(at: jiff::Timestamp) -> String {
    let whole = at.to_string();
    whole
        .strip_suffix("T00:00:00Z")
        .map_or_else(|| whole.clone(), str::to_owned)
}

fn level_word(level: api::LoginLevel) -> &'static str {
    match level {
        api::LoginLevel::Any => "any",
        api::LoginLevel::Second => "second",
        api::LoginLevel::Passkey => "passkey",
    }
}

pub(super) fn level(t: Text, level: api::LoginLevel) -> String {
    match level {
        api::LoginLevel::Any => t.say("console-level-any"),
        api::LoginLevel::Second => t.say("console-level-second"),
        api::LoginLevel::Passkey => t.say("console-level-passkey"),
    }
}

fn here(frame: &Frame<'_>, place: Place<'_>) -> String {
    let rest = match place {
        Place::Everybody => "/default".to_owned(),
        Place::Group(name) => format!("/group/{}", segment(name)),
        Place::App(id) => format!("/app/{}", segment(id)),
    };
    frame.within(Room::Policies, &rest)
}

/// A way to the policy of a group or an application, for the page of that one.
pub(super) fn way(place: Place<'_>, frame: &Frame<'_>) -> Panel {
    let t = frame.text();
    Panel::new(t.say("console-policy"))
        .with(Block::Text(match place {
            Place::App(_) => t.say("console-policy-app-lead"),
            Place::Everybody | Place::Group(_) => t.say("console-policy-group-lead"),
        }))
        .with(Block::Way(Anchor::new(here(frame, place), t.say("console-policy-go"))))
}

/// Renders every policy.
pub fn policies(view: &Policies<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let all = view.policies;
    let mut rows = vec![row(
        Cell::Link(Anchor::new(
            here(frame, Place::Everybody),
            t.say("console-policy-everybody"),
        )),
        &all.default,
        frame,
    )];
    rows.extend(all.groups.iter().map(|named| {
        let said = t.with("console-policy-group-name", "name", &named.name);
        let link = Anchor::new(here(frame, Place::Group(&named.name)), said);
        row(Cell::Link(link), &named.policy, frame)
    }));
    rows.extend(all.apps.iter().map(|named| {
        let said = t.with("console-policy-app-name", "name", &named.name);
        let link = Anchor::new(here(frame, Place::App(&named.name)), said);
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

fn row(name: Cell, policy: &api::LoginPolicy, frame: &Frame<'_>) -> Vec<Cell> {
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

/// Renders the policy of one place.
pub fn policy(view: &Policy<'_>, frame: &Frame<'_>) -> String {
    let t = frame.text();
    let title = match view.place {
        Place::Everybody => t.say("console-policy-title-everybody"),
        Place::Group(name) => t.with("console-policy-title-group", "name", name),
        Place::App(id) => t.with("console-policy-title-app", "name", id),
    };
    let mut panel = Panel::broad(None);
    if view.may_change {
        panel = panel.with(Block::Form(Form {
            action: here(frame, view.place),
            csrf: frame.csrf(),
            fields: fields(view, frame),
            submit: t.say("console-save"),
            about: String::new(),
            style: Style::Usual,
        }));
    } else {
        let mut cells = row(Cell::Nothing, view.policy, frame).into_iter().skip(1);
        let mut next = || cells.next().unwrap_or(Cell::Nothing);
        panel = panel.with(Block::Facts(vec![
            (t.say("console-policy-factors"), next()),
            (t.say("console-policy-fresh"), next()),
            (t.say("console-policy-remember"), next()),
            (t.say("console-policy-password"), next()),
        ]));
    }
    panel = panel.with(Block::Command(command(view.place, view.policy)));
    let sheet = Sheet {
        title,
        lead: Some(t.say("console-policies-lead")),
        up: Some(Anchor::new(frame.at(Room::Policies.path()), t.say("console-policies"))),
        trouble: view.error.map(|error| trouble(t, error)),
        panels: vec![panel],
        ..Sheet::default()
    };
    frame.draw(Some(Room::Policies), sheet)
}

fn fields(view: &Policy<'_>, frame: &Frame<'_>) -> Vec<Field> {
    let (t, typed) = (frame.text(), view.typed);
    let levels = [api::LoginLevel::Any, api::LoginLevel::Second, api::LoginLevel::Passkey]
        .map(|one| (level_word(one).to_owned(), level(t, one)));
    let id = "policy";
    let mut fields = vec![
        Field::choice(
            id,
            "factors",
            t.say("console-policy-factors"),
            &*typed.factors,
            levels.to_vec(),
        ),
        Field::line(
            id,
            "postpone_until",
            t.say("console-policy-postpone"),
            &*typed.postpone_until,
        )
        .of_type(if typed.postpone_until.contains('T') {
            "text"
        } else {
            "date"
        })
        .rule(t.say("console-policy-postpone-rule")),
        Field::line(
            id,
            "fresh_minutes",
            t.say("console-policy-fresh-minutes"),
            &*typed.fresh_minutes,
        )
        .of_type("number")
        .rule(t.say("console-policy-fresh-rule")),
        Field::line(
            id,
            "remember_days",
            t.say("console-policy-remember-days"),
            &*typed.remember_days,
        )
        .of_type("number")
        .rule(t.say("console-policy-remember-rule")),
    ];
    if !matches!(view.place, Place::App(_)) {
        let mut strengths = vec![(String::new(), t.say("console-policy-nothing"))];
        strengths.extend((0..=4).map(|strength: u8| (strength.to_string(), strength.to_string())));
        fields.extend([
            Field::line(
                id,
                "password_min",
                t.say("console-policy-password-min"),
                &*typed.password_min,
            )
            .of_type("number")
            .rule(t.say("console-policy-password-min-rule")),
            Field::choice(
                id,
                "password_strength",
                t.say("console-policy-password-guess"),
                &*typed.password_strength,
                strengths,
            )
            .rule(t.say("console-policy-password-guess-rule")),
        ]);
    }
    fields
}

/// The command that sets what is set; what would begin when nothing is.
fn command(place: Place<'_>, policy: &api::LoginPolicy) -> String {
    let mut command = "doorward policy set".to_owned();
    let mut flag = |name: &str, value: &str| {
        let _ = write!(command, " --{name} {}", word(value));
    };
    match place {
        Place::Everybody => {}
        Place::Group(name) => flag("group", name),
        Place::App(id) => flag("app", id),
    }
    if *policy == api::LoginPolicy::default() {
        flag("factors", "second");
    }
    if let Some(level) = policy.factors {
        flag("factors", level_word(level));
    }
    if let Some(until) = policy.postpone_until {
        flag("postpone-until", &day(until));
    }
    if let Some(seconds) = policy.fresh_seconds {
        flag("fresh", &format!("{seconds}s"));
    }
    if let Some(days) = policy.remember_days {
        flag("remember-days", &days.to_string());
    }
    if let Some(min) = policy.password_min {
        flag("password-min", &min.to_string());
    }
    if let Some(strength) = policy.password_strength {
        flag("password-strength", &strength.to_string());
    }
    command
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_typed_as_it_is_stored() {
        let policy = api::LoginPolicy {
            factors: Some(api::LoginLevel::Second),
            postpone_until: "2027-01-31T00:00:00Z".parse().ok(),
            fresh_seconds: Some(900),
            remember_days: Some(30),
            password_min: Some(14),
            password_strength: Some(3),
        };
        let typed = PolicyForm::of(&policy);
        assert_eq!(
            (
                typed.factors.as_str(),
                typed.postpone_until.as_str(),
                typed.fresh_minutes.as_str()
            ),
            ("second", "2027-01-31", "15")
        );
        assert_eq!(
            command(Place::Group("staff"), &policy),
            "doorward policy set --group staff --factors second --postpone-until 2027-01-31 --fresh 900s \
             --remember-days 30 --password-min 14 --password-strength 3"
        );
        assert_eq!(
            command(Place::Everybody, &api::LoginPolicy::default()),
            "doorward policy set --factors second"
        );
    }
}
