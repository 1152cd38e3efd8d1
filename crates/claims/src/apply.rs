//! Rules at work.

use serde_json::{Map, Value};

use crate::{ByGroup, ClaimError, ClaimPath, ClaimSet, Destination, Format, Pattern, Rule, Source};

/// What is known about a person.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Attributes: the standard claims and whatever the installation added.
    pub attributes: &'a Map<String, Value>,
    /// Names of all groups, nested membership included.
    pub groups: &'a [String],
    /// Names of those that the person is in directly, not only in one below.
    pub direct_groups: &'a [String],
}

/// A rule that put nothing, for the preview and the trace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Skipped {
    /// The person does not have the attribute.
    #[error("`{claim}` is left out: the person has no attribute `{attribute}`")]
    NoAttribute {
        /// The rule's target.
        claim: ClaimPath,
        /// What was looked for.
        attribute: ClaimPath,
    },
    /// There is no value, and the shape needs one.
    #[error("`{claim}` is left out: there is no value")]
    NoValue {
        /// The rule's target.
        claim: ClaimPath,
    },
    /// The value has members that a string cannot show.
    #[error("`{claim}` is left out: an object or a nested list cannot become a string")]
    NotText {
        /// The rule's target.
        claim: ClaimPath,
    },
    /// There is no place for it.
    #[error("`{claim}` is left out: {error}")]
    NoPlace {
        /// The rule's target.
        claim: ClaimPath,
        /// Why.
        error: ClaimError,
    },
}

/// Runs the rules that go into `destination`, in order. Lists for the same claim add up, anything else replaces what an
/// earlier rule or scope put there. Group sources always yield a list, empty when nothing fits, because applications
/// fail on a missing claim.
pub fn apply(rules: &[Rule], facts: &Facts<'_>, destination: Destination, claims: &mut ClaimSet) -> Vec<Skipped> {
    let wanted = rules.iter().filter(|rule| rule.destinations().contains(destination));
    wanted.filter_map(|rule| put(rule, facts, claims).err()).collect()
}

fn put(rule: &Rule, facts: &Facts<'_>, claims: &mut ClaimSet) -> Result<(), Skipped> {
    let claim = || rule.claim().clone();
    let groups_of = if rule.is_direct() {
        facts.direct_groups
    } else {
        facts.groups
    };
    let value = match rule.source() {
        Source::Attribute(path) => path
            .find(facts.attributes)
            .cloned()
            .ok_or_else(|| Skipped::NoAttribute {
                claim: claim(),
                attribute: path.clone(),
            })?,
        Source::Groups(glob) => groups(groups_of, glob),
        Source::ByGroup(table) => by_group(groups_of, table),
        Source::Constant(value) => value.clone(),
    };
    let value = match rule.format() {
        Format::AsIs => value,
        Format::Array => Value::Array(members(value)),
        Format::NonEmpty => match members(value) {
            none if none.is_empty() => return Err(Skipped::NoValue { claim: claim() }),
            some => Value::Array(some),
        },
        Format::String => match members(value).into_iter().next() {
            Some(first) => Value::String(text(&first).ok_or_else(|| Skipped::NotText { claim: claim() })?),
            None => return Err(Skipped::NoValue { claim: claim() }),
        },
        Format::Csv => {
            let texts: Option<Vec<_>> = members(value).iter().map(text).collect();
            Value::String(texts.ok_or_else(|| Skipped::NotText { claim: claim() })?.join(","))
        }
    };
    claims
        .merge(rule.claim(), value)
        .map_err(|error| Skipped::NoPlace { claim: claim(), error })
}

fn groups(all: &[String], glob: &str) -> Value {
    let pattern = Pattern::Glob(glob.to_owned());
    let fitting = all.iter().filter(|name| pattern.matches(name));
    fitting.map(|name| Value::from(name.as_str())).collect()
}

fn by_group(all: &[String], table: &[ByGroup]) -> Value {
    let mut values: Vec<Value> = Vec::new();
    for value in table
        .iter()
        .filter(|row| all.contains(&row.group))
        .flat_map(|row| &row.values)
    {
        if !values.contains(value) {
            values.push(value.clone());
        }
    }
    Value::Array(values)
}

fn members(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        single => vec![single],
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
