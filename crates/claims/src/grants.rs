//! What the rows of a group mapping give, what they no longer give, and the difference to what is here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::Pattern;
use crate::evaluation::{Local, Run, SetChange};
use crate::groups::{GroupRow, GroupRules, NameMatch, Pick};
use crate::mapping::OnLogin;
use crate::reason::{Code, Effect, one_of};

/// What kind of thing a row gives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Group,
    Role,
    Flag,
    /// A text in the list that is this attribute.
    Attribute(String),
}

/// One thing that a row gives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target(pub(crate) Kind, pub(crate) String);

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(kind, name) = self;
        match kind {
            Kind::Group => write!(f, "group {name}"),
            Kind::Role => write!(f, "role {name}"),
            Kind::Flag => write!(f, "flag {name}"),
            Kind::Attribute(attribute) => write!(f, "{name} in attribute {attribute}"),
        }
    }
}

/// One login's way through the rows.
pub(crate) struct Grants<'a> {
    rules: &'a GroupRules,
    /// The person's groups at the provider: as they are compared, and as they are written.
    names: BTreeMap<String, &'a str>,
    /// What is here, of everything that the mapping could touch.
    here: BTreeSet<Target>,
    /// The groups among it, by the form in which names are compared.
    groups: BTreeMap<String, String>,
    /// What each row's group must be called.
    patterns: Vec<Option<Pattern>>,
    given: BTreeSet<Target>,
}

impl<'a> Grants<'a> {
    pub(crate) fn new(rules: &'a GroupRules, names: &'a BTreeSet<String>, local: &Local<'_>) -> Self {
        let of = |kind: Kind, names: &BTreeSet<String>| -> Vec<Target> {
            names.iter().map(|name| Target(kind.clone(), name.clone())).collect()
        };
        let mut here: BTreeSet<Target> = BTreeSet::new();
        here.extend(of(Kind::Group, local.groups));
        here.extend(of(Kind::Role, local.roles));
        here.extend(of(Kind::Flag, local.flags));
        for attribute in rules.attributes() {
            let texts = texts(local.attributes.get(attribute));
            let kind = Kind::Attribute(attribute.to_owned());
            here.extend(texts.map(|text| Target(kind.clone(), text.to_owned())));
        }
        Self {
            rules,
            names: names
                .iter()
                .map(|name| (rules.case.fold(name), name.as_str()))
                .collect(),
            here,
            groups: local
                .groups
                .iter()
                .map(|name| (rules.case.fold(name), name.clone()))
                .collect(),
            patterns: rules.map.iter().map(|row| row.pattern(rules.case)).collect(),
            given: BTreeSet::new(),
        }
    }

    pub(crate) fn carry_out(mut self, run: &mut Run<'_>) {
        let mut earlier = false;
        for (row, rule) in self.rules.map.iter().enumerate() {
            let fitting = self.fitting(row);
            let applies = rule.everybody || !fitting.is_empty();
            let new = self.new_of(rule, &fitting);
            let (code, effect, on) = match (applies, earlier && self.rules.pick == Pick::First) {
                (false, _) => (Code::GroupUnmatched, Effect::Nothing, Vec::new()),
                (true, true) => (Code::EarlierRow, Effect::Nothing, Vec::new()),
                (true, false) if rule.on_login == OnLogin::FirstLoginOnly && !run.local.is_first_login => {
                    (Code::NotFirstLogin, Effect::Kept, named(&new))
                }
                (true, false) if new.is_subset(&self.here) => (Code::GroupMatched, Effect::Kept, named(&new)),
                (true, false) => (Code::GroupMatched, Effect::Added, named(&(&new - &self.here))),
            };
            earlier |= applies;
            if code == Code::GroupMatched {
                self.given.extend(new);
            }
            let expected = match (&rule.group, rule.compare) {
                (None, _) => "everybody".to_owned(),
                (Some(group), NameMatch::Exact) => format!("group {group}"),
                (Some(group), NameMatch::Glob) => format!("a group like {group}"),
            };
            let received = match (fitting.is_empty(), rule.everybody) {
                (_, true) => "a person".to_owned(),
                (true, false) => "no such group".to_owned(),
                (false, false) => one_of(fitting.iter().copied()),
            };
            run.say(format!("groups.map[{row}]"), code, effect, on, expected, received);
        }
        let removed = self.removed(run);
        self.change(&removed, run);
    }

    /// The person's groups that the row speaks of.
    fn fitting(&self, row: usize) -> Vec<&'a str> {
        match self.patterns.get(row) {
            Some(Some(Pattern::Exact(name))) => self.names.get(name).copied().into_iter().collect(),
            Some(Some(pattern)) => {
                let fitting = self.names.iter().filter(|(folded, _)| pattern.matches(folded));
                fitting.map(|(_, name)| *name).collect()
            }
            Some(None) | None => Vec::new(),
        }
    }

    /// What the row gives.
    fn new_of(&self, rule: &GroupRow, fitting: &[&str]) -> BTreeSet<Target> {
        let mut new: BTreeSet<Target> = rule.targets().collect();
        if rule.same_name {
            new.extend(fitting.iter().map(|name| self.called(name)));
        }
        new
    }

    /// The group here of that name; where capital letters do not count, as it is written here.
    fn called(&self, name: &str) -> Target {
        let target = Target(Kind::Group, name.to_owned());
        match self.groups.get(&self.rules.case.fold(name)) {
            Some(here) if !self.here.contains(&target) => Target(Kind::Group, here.clone()),
            _ => target,
        }
    }

    /// What is here, is the mapping's to take away, and was not given.
    fn removed(&self, run: &mut Run<'_>) -> BTreeSet<Target> {
        let mut removed = BTreeSet::new();
        for target in self.here.difference(&self.given) {
            let Some(rule) = self.owner(target) else { continue };
            let on = vec![target.to_string()];
            let expected = format!("a group that gives {target}");
            run.say(rule, Code::Vanished, Effect::Removed, on, expected, "none");
            removed.insert(target.clone());
        }
        removed
    }

    /// The rule that takes it away when nothing gives it.
    fn owner(&self, target: &Target) -> Option<String> {
        let Target(kind, name) = target;
        let folded = self.rules.case.fold(name);
        let rows = self.rules.map.iter().zip(&self.patterns).enumerate();
        let mut replacing = rows.filter(|(_, (rule, _))| rule.on_login == OnLogin::Replace);
        let row = replacing.find(|(_, (rule, pattern))| {
            let by_name = rule.same_name && *kind == Kind::Group;
            rule.gives(target) || by_name && pattern.as_ref().is_some_and(|pattern| pattern.matches(&folded))
        });
        match row {
            Some((row, _)) => Some(format!("groups.map[{row}]")),
            None => self.rules.owns.contains(kind).then(|| "groups.owns".to_owned()),
        }
    }

    fn change(&self, removed: &BTreeSet<Target>, run: &mut Run<'_>) {
        let added: BTreeSet<&Target> = self.given.difference(&self.here).collect();
        let of = |kind: Kind| SetChange {
            add: names_of(&kind, added.iter().copied()),
            remove: names_of(&kind, removed),
        };
        run.changes.groups = of(Kind::Group);
        run.changes.roles = of(Kind::Role);
        run.changes.flags = of(Kind::Flag);
        for attribute in self.rules.attributes() {
            let change = of(Kind::Attribute(attribute.to_owned()));
            if change.is_empty() {
                continue;
            }
            let mut list = match run.local.attributes.get(attribute) {
                Some(Value::Array(items)) => items.clone(),
                Some(Value::String(text)) => vec![Value::from(text.as_str())],
                _ => Vec::new(),
            };
            list.retain(|item| item.as_str().is_none_or(|text| !change.remove.contains(text)));
            list.extend(change.add.into_iter().map(Value::from));
            run.changes
                .set_attributes
                .insert(attribute.to_owned(), Value::Array(list));
        }
    }
}

impl GroupRow {
    fn gives(&self, Target(kind, name): &Target) -> bool {
        match kind {
            Kind::Group => self.groups.contains(name),
            Kind::Role => self.roles.contains(name),
            Kind::Flag => self.flags.contains(name),
            Kind::Attribute(attribute) => self.attributes.get(attribute).is_some_and(|texts| texts.contains(name)),
        }
    }
}

fn named(targets: &BTreeSet<Target>) -> Vec<String> {
    targets.iter().map(Target::to_string).collect()
}

fn names_of<'t>(kind: &Kind, targets: impl IntoIterator<Item = &'t Target>) -> BTreeSet<String> {
    let same = targets.into_iter().filter(|Target(one, _)| one == kind);
    same.map(|Target(_, name)| name.clone()).collect()
}

/// The texts of an attribute that is a list, or the one text.
fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let all = match value {
        Some(Value::Array(items)) => items.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    all.iter().filter_map(Value::as_str)
}
