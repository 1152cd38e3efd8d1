//! Who may come in: bound audiences, bound subject, bound claims.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::evaluation::Run;
use crate::login_rules::{check_rows, check_text, wrong};
use crate::reason::{Code, Effect, one_of, shown};
use crate::{ClaimError, ClaimPath, Pattern};

/// Conditions on the claims of everybody who logs in. All of them must hold; what is empty asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Admission {
    /// `aud` holds one of these. That it holds the client id is checked before and elsewhere, always.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub audiences: BTreeSet<String>,
    /// `sub` is this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Every one of these claims has one of its values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<BoundClaim>,
}

/// A claim that has one of some values. A claim that is a list has them when one of its members is among them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundClaim {
    /// Where it is.
    pub claim: ClaimPath,
    /// The values: texts, numbers, booleans. A single one need not be a list.
    #[serde(deserialize_with = "one_or_many")]
    pub any: Vec<Value>,
    /// How values are compared.
    #[serde(default, rename = "match")]
    pub compare: Compare,
}

/// How a value of a claim is compared with a value of the rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compare {
    /// Same type and same value; the number 7 is 7.0, but neither 7.9 nor the text "7".
    #[default]
    Exact,
    /// Texts only, where each `*` stands for any run of characters.
    Glob,
    /// By their texts: the number 7 is the text "7", and true the text "true".
    Text,
}

impl Admission {
    /// Members of a list, or audiences, that are looked at. A token with more is refused.
    pub const MAX_MEMBERS: usize = 4096;

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    pub(crate) fn check(&self) -> Result<(), ClaimError> {
        check_rows("admission.audiences", self.audiences.len())?;
        for audience in &self.audiences {
            check_text("admission.audiences", audience)?;
        }
        if let Some(subject) = &self.subject {
            check_text("admission.subject", subject)?;
        }
        check_rows("admission.claims", self.claims.len())?;
        let all: usize = self.claims.iter().map(|bound| bound.any.len()).sum();
        check_rows("admission.claims, all values together", all)?;
        self.claims
            .iter()
            .enumerate()
            .try_for_each(|(row, bound)| bound.check(&format!("admission.claims[{row}]")))
    }

    pub(crate) fn judge(&self, run: &mut Run<'_>) {
        if !self.audiences.is_empty() {
            let received = run.claims.get("aud");
            let bound = members(received).is_some_and(|mut all| {
                all.any(|audience| audience.as_str().is_some_and(|text| self.audiences.contains(text)))
            });
            let expected = format!(
                "`aud` with one of {}",
                one_of(self.audiences.iter().map(String::as_str))
            );
            let (code, effect) = if bound {
                (Code::AudienceBound, Effect::Passed)
            } else {
                (Code::AudienceMismatch, Effect::Denied)
            };
            run.say(
                "admission.audiences",
                code,
                effect,
                Vec::new(),
                expected,
                shown(received),
            );
        }
        if let Some(subject) = &self.subject {
            let received = run.claims.get("sub");
            let (code, effect) = if received.and_then(Value::as_str) == Some(subject) {
                (Code::SubjectBound, Effect::Passed)
            } else {
                (Code::SubjectMismatch, Effect::Denied)
            };
            let expected = format!("`sub` {subject}");
            run.say("admission.subject", code, effect, Vec::new(), expected, shown(received));
        }
        for (row, bound) in self.claims.iter().enumerate() {
            bound.judge(row, run);
        }
    }
}

impl BoundClaim {
    fn check(&self, rule: &str) -> Result<(), ClaimError> {
        if self.any.is_empty() {
            return Err(wrong(rule, "at least one value in `any`", "none, which nobody has"));
        }
        for value in &self.any {
            match (self.compare, value) {
                (_, Value::String(text)) => check_value(rule, text)?,
                (Compare::Glob, Value::Bool(_) | Value::Number(_)) => {
                    return Err(wrong(rule, "texts, because `match` is `glob`", shown(Some(value))));
                }
                (_, Value::Bool(_) | Value::Number(_)) => {}
                (_, Value::Null | Value::Array(_) | Value::Object(_)) => {
                    return Err(wrong(rule, "texts, numbers and booleans in `any`", shown(Some(value))));
                }
            }
        }
        Ok(())
    }

    fn judge(&self, row: usize, run: &mut Run<'_>) {
        let received = self.claim.find(run.claims).filter(|value| !value.is_null());
        let (code, effect) = match received {
            None => (Code::BoundClaimMissing, Effect::Denied),
            Some(value) if members(Some(value)).is_some_and(|mut all| all.any(|one| self.is_among(one))) => {
                (Code::BoundClaimMatched, Effect::Passed)
            }
            Some(_) => (Code::BoundClaimMismatch, Effect::Denied),
        };
        let values: Vec<String> = self.any.iter().map(|value| shown(Some(value))).collect();
        let expected = format!(
            "`{}` {} {}",
            self.claim,
            match self.compare {
                Compare::Exact => "with one of",
                Compare::Glob => "like one of",
                Compare::Text => "written as one of",
            },
            one_of(values.iter().map(String::as_str))
        );
        let rule = format!("admission.claims[{row}]");
        run.say(rule, code, effect, Vec::new(), expected, shown(received));
    }

    fn is_among(&self, value: &Value) -> bool {
        self.any.iter().any(|wanted| self.compare.is_same(wanted, value))
    }
}

impl Compare {
    fn is_same(self, wanted: &Value, value: &Value) -> bool {
        match self {
            Self::Exact => match (wanted, value) {
                (Value::Number(wanted), Value::Number(value)) => is_same_number(wanted, value),
                (Value::String(_) | Value::Bool(_), _) => wanted == value,
                _ => false,
            },
            Self::Glob => match (wanted, value) {
                (Value::String(glob), Value::String(text)) => Pattern::glob_matches(glob, text),
                _ => false,
            },
            Self::Text => match (text(wanted), text(value)) {
                (Some(wanted), Some(value)) => wanted == value,
                _ => false,
            },
        }
    }
}

/// Not by way of a float where both are whole: 2^53 and 2^53 + 1 are two different people.
fn is_same_number(left: &serde_json::Number, right: &serde_json::Number) -> bool {
    let whole = |number: &serde_json::Number| number.as_i64().map(i128::from).or(number.as_u64().map(i128::from));
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => left == right,
        (None, None) => left.as_f64() == right.as_f64(),
        (Some(whole), None) => is_whole(right, whole),
        (None, Some(whole)) => is_whole(left, whole),
    }
}

fn is_whole(float: &serde_json::Number, whole: i128) -> bool {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it saturates, and fractions are looked at first"
    )]
    float
        .as_f64()
        .is_some_and(|float| float.fract() == 0.0 && float as i128 == whole)
}

/// The text of a single value.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The members of a list, or the single value; nothing when there are more than are looked at.
fn members(value: Option<&Value>) -> Option<std::slice::Iter<'_, Value>> {
    let all = match value? {
        Value::Array(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    (all.len() <= Admission::MAX_MEMBERS).then(|| all.iter())
}

/// The empty text may be asked for.
fn check_value(rule: &str, text: &str) -> Result<(), ClaimError> {
    if text.is_empty() {
        Ok(())
    } else {
        check_text(rule, text)
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(items) => items,
        single => vec![single],
    })
}
