//! What a type reads from a file, found out by letting it read: each question that it asks of its source (a text? a list? which
//! fields?) is noted. So a schema cannot come to say something else than the reader, and needs no second description of any type.
//!
//! A type that refuses an answer (a text that is no address) is asked again with the next sample, until it has read all of itself.

mod source;

use std::{cell::RefCell, collections::BTreeMap, fmt};

use serde::de::{self, DeserializeOwned};
use serde_json::{Value, json};

use source::Source;

/// Texts that types of ours take: one for each form that they insist on.
const TEXTS: [&str; 9] = [
    "a",
    "https://a.example.com",
    "https://a.example.com/realms/a",
    "2030-01-01T00:00:00Z",
    "0198c0de-0000-7000-8000-000000000001",
    "192.0.2.1",
    "a.example.com",
    "/a",
    "server",
];
/// Runs at most: each teaches something, and a type that is never content is a mistake here.
const MOST_RUNS: usize = 5_000;

/// What was asked of the source at one place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fact {
    /// Whatever is there; once it is known, of these types of JSON.
    Any(Vec<&'static str>),
    Flag,
    /// From this number on, where it has a least one.
    Whole(Option<u64>),
    Number,
    Text,
    /// One of these words, or a table with one of them as its only name.
    Choice(Vec<(&'static str, bool)>),
    /// Its members are at `[]`.
    List,
    /// Its values are at `{}`.
    Map,
    /// A table that is judged as a whole.
    Table,
    /// Its fields, and those that must be there.
    Struct(Vec<&'static str>, Vec<&'static str>),
}

/// What was asked, by place: `lifetimes.code`, `claim_rules[].claim`.
pub(crate) type Facts = BTreeMap<String, Fact>;

/// What a type reads.
pub(crate) fn trace<T: DeserializeOwned>() -> Facts {
    let mut run = Run::default();
    for _ in 0..MOST_RUNS {
        if run.read::<T>(None).is_ok() || !run.bump() {
            break;
        }
    }
    let good = run.choices.clone();
    let places: Vec<(String, Fact)> = run.facts.clone().into_iter().collect();
    for (place, fact) in places {
        match fact {
            Fact::Any(_) => {
                let mut types = Vec::new();
                for (number, sample) in samples().iter().enumerate() {
                    run.choices = good.clone();
                    run.choices.insert(place.clone(), number);
                    let was_asked = |run: &Run| run.visited.iter().any(|one| one.key == place);
                    if run.read::<T>(None).is_ok() && was_asked(&run) && !types.contains(&word(sample)) {
                        types.push(word(sample));
                    }
                }
                run.facts.insert(place, Fact::Any(types));
            }
            Fact::Choice(variants) => {
                for number in 0..variants.len() {
                    run.choices = good.clone();
                    run.choices.insert(place.clone(), number);
                    // Whether it is content or not: what it asks for is noted.
                    drop(run.read::<T>(None));
                }
            }
            // What stands in a list is not laid over anything: it has to say all that it needs.
            Fact::Struct(fields, _) if place.contains("[]") => {
                run.choices = good.clone();
                let mut needed = fields.clone();
                needed.retain(|field| {
                    let read = run.read::<T>(Some(&at(&place, field)));
                    read.is_err_and(|problem| problem.0.contains("missing field"))
                });
                run.facts.insert(place, Fact::Struct(fields, needed));
            }
            _ => {}
        }
    }
    run.facts
}

/// The place of a field.
pub(crate) fn at(place: &str, field: &str) -> String {
    if place.is_empty() {
        field.to_owned()
    } else {
        format!("{place}.{field}")
    }
}

fn samples() -> Vec<Value> {
    let key = json!({
        "kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    });
    let mut list: Vec<Value> = TEXTS.iter().map(|text| json!(text)).collect();
    list.extend([
        json!(["a"]),
        json!({"claim": "a"}),
        json!({}),
        key.clone(),
        json!({ "keys": [key] }),
        json!(7),
        json!(2.5),
        json!(true),
    ]);
    list
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Something that was asked for and could be answered in several ways.
#[derive(Debug, Clone)]
struct Asked {
    key: String,
    answers: usize,
    /// Whether the last answer is that nothing is there.
    is_optional: bool,
    /// In what it stands.
    parent: Option<usize>,
}

/// Reading after reading of one type.
#[derive(Default)]
struct Run {
    facts: Facts,
    choices: BTreeMap<String, usize>,
    visited: Vec<Asked>,
}

impl Run {
    fn read<T: DeserializeOwned>(&mut self, omitted: Option<&str>) -> Result<T, Problem> {
        self.visited.clear();
        let cell = RefCell::new(std::mem::take(self));
        let read = T::deserialize(Source {
            run: &cell,
            place: String::new(),
            parent: None,
            omitted,
        });
        *self = cell.into_inner();
        read
    }

    /// Another answer where it was refused: to what was asked last, to what is optional beside it, to what it stands in. Whether
    /// there was one.
    fn bump(&mut self) -> bool {
        let Some(mut last) = self.visited.len().checked_sub(1) else {
            return false;
        };
        loop {
            let Some(asked) = self.visited.get(last).cloned() else {
                return false;
            };
            if self.next(&asked) {
                return true;
            }
            let beside = self
                .visited
                .iter()
                .enumerate()
                .rev()
                .filter(|(number, other)| *number < last && other.is_optional && other.parent == asked.parent)
                .map(|(_, other)| other.clone())
                .find(|other| self.has_next(other));
            if let Some(beside) = beside {
                return self.next(&beside);
            }
            match asked.parent {
                Some(parent) => last = parent,
                None => return false,
            }
        }
    }

    fn has_next(&self, asked: &Asked) -> bool {
        self.choices.get(&asked.key).copied().unwrap_or_default() + 1 < asked.answers
    }

    fn next(&mut self, asked: &Asked) -> bool {
        let has = self.has_next(asked);
        if has {
            *self.choices.entry(asked.key.clone()).or_default() += 1;
        }
        has
    }
}

/// Why a type did not take an answer.
#[derive(Debug)]
struct Problem(String);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self(text.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    #[expect(dead_code, reason = "it is only read")]
    enum Kind {
        Plain,
        Named(String),
    }

    #[derive(Deserialize)]
    #[serde(try_from = "Form")]
    struct One;

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "it is only read")]
    struct Form {
        to: std::net::IpAddr,
        from: Option<String>,
        or: Option<jiff::Timestamp>,
        flag: bool,
        #[serde(default)]
        more: u32,
    }

    impl TryFrom<Form> for One {
        type Error = &'static str;

        fn try_from(form: Form) -> Result<Self, &'static str> {
            (form.from.is_some() != form.or.is_some())
                .then_some(Self)
                .ok_or("one of both")
        }
    }

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "it is only read")]
    struct Whole {
        kind: Kind,
        list: Vec<One>,
        any: Value,
        after: BTreeMap<String, i64>,
    }

    #[test]
    fn a_type_is_asked_until_it_has_read_all_of_itself() {
        let facts = trace::<Whole>();
        let is = |place: &str| facts.get(place).cloned().unwrap_or(Fact::Table);
        assert_eq!(is("kind"), Fact::Choice(vec![("plain", false), ("named", true)]));
        assert_eq!(is("kind.named"), Fact::Text);
        let fields = vec!["to", "from", "or", "flag", "more"];
        assert_eq!(is("list[]"), Fact::Struct(fields, vec!["to", "flag"]));
        assert_eq!(is("list[].or"), Fact::Text);
        assert_eq!(is("list[].more"), Fact::Whole(Some(0)));
        assert_eq!(is("after"), Fact::Map);
        assert_eq!(is("after{}"), Fact::Whole(None));
        let Fact::Any(types) = is("any") else {
            unreachable!("{facts:?}")
        };
        assert_eq!(types, ["string", "array", "object", "integer", "number", "boolean"]);
    }
}
