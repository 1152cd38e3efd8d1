//! The policy of one place: as a form, and as the command that sets it.

use std::fmt::Write as _;

use doorward_api as api;
use serde::Deserialize;

use super::{
    Frame, Place, Room,
    policies::{level, row},
    sheet::{Anchor, Block, Cell, Field, Form, Panel, Sheet, Style},
    trouble,
    words::word,
};

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
pub(super) fn day(at: jiff::Timestamp) -> String {
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
            action: frame.at(&view.place.path()),
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
