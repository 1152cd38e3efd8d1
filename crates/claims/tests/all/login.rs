//! One login after the other, for the other files.

use std::collections::BTreeSet;

use doorward_claims::{Change, Changes, Code, Effect, Evaluation, Local, LoginRules};
use serde_json::{Map, Value};

/// Rules from TOML, sensible ones.
pub(crate) fn rules(toml: &str) -> LoginRules {
    let rules: LoginRules = toml::from_str(toml).unwrap_or_else(|error| panic!("{toml}\n{error}"));
    rules.check().unwrap_or_else(|error| panic!("{toml}\n{error}"));
    rules
}

/// What `check` says to rules from TOML.
pub(crate) fn complaint(toml: &str) -> String {
    let rules: LoginRules = toml::from_str(toml).unwrap_or_else(|error| panic!("{toml}\n{error}"));
    rules.check().expect_err(toml).to_string()
}

/// A claim set.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is written as json!(…) where it is used"
)]
pub(crate) fn claims(json: Value) -> Map<String, Value> {
    json.as_object().cloned().unwrap()
}

pub(crate) fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// What is kept of somebody between two logins.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Account {
    pub(crate) username: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) attributes: Map<String, Value>,
    pub(crate) groups: BTreeSet<String>,
    pub(crate) roles: BTreeSet<String>,
    pub(crate) flags: BTreeSet<String>,
    pub(crate) has_logged_in: bool,
}

impl Account {
    pub(crate) fn local(&self) -> Local<'_> {
        Local {
            attributes: &self.attributes,
            groups: &self.groups,
            roles: &self.roles,
            flags: &self.flags,
            is_first_login: !self.has_logged_in,
        }
    }

    pub(crate) fn evaluate(&self, rules: &LoginRules, claims: Value) -> Evaluation {
        rules.evaluate(&self::claims(claims), &self.local())
    }

    /// Logs in and carries out what the login changes.
    pub(crate) fn log_in(&mut self, rules: &LoginRules, claims: Value) -> Evaluation {
        let evaluation = self.evaluate(rules, claims);
        if let Ok(changes) = &evaluation.outcome {
            self.carry_out(changes);
        }
        evaluation
    }

    pub(crate) fn carry_out(&mut self, changes: &Changes) {
        change(&mut self.username, &changes.username, Clone::clone);
        change(&mut self.email, &changes.email, |email| email.address.clone());
        change(&mut self.name, &changes.name, Clone::clone);
        for (name, value) in &changes.set_attributes {
            self.attributes.insert(name.clone(), value.clone());
        }
        self.attributes
            .retain(|name, _| !changes.clear_attributes.contains(name));
        for (here, change) in [
            (&mut self.groups, &changes.groups),
            (&mut self.roles, &changes.roles),
            (&mut self.flags, &changes.flags),
        ] {
            here.retain(|name| !change.remove.contains(name));
            here.extend(change.add.iter().cloned());
        }
        self.has_logged_in = true;
    }
}

fn change<T>(here: &mut Option<String>, change: &Change<T>, text: impl Fn(&T) -> String) {
    match change {
        Change::Keep => {}
        Change::Set(value) => *here = Some(text(value)),
        Change::Clear => *here = None,
    }
}

/// The refusals, in order.
pub(crate) fn refusals(evaluation: &Evaluation) -> Vec<Code> {
    let reasons = evaluation.reasons.iter();
    let denied = reasons.filter(|reason| reason.effect == Effect::Denied);
    let codes: Vec<Code> = denied.map(|reason| reason.code).collect();
    assert_eq!(
        evaluation.outcome.as_ref().err().map(doorward_claims::Denied::code),
        codes.first().copied()
    );
    codes
}

/// Whether the login is let in.
pub(crate) fn admits(rules: &LoginRules, claims: Value) -> bool {
    refusals(&Account::default().evaluate(rules, claims)).is_empty()
}

/// The one refusal, as it is printed.
pub(crate) fn refusal(rules: &LoginRules, claims: Value) -> String {
    Account::default()
        .evaluate(rules, claims)
        .outcome
        .expect_err("refused")
        .to_string()
}
