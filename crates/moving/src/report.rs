//! What becomes of a document, said once for all people, groups and applications of which the same is to be said.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde::{Deserialize, Serialize};

/// Names that one remark shows at most; the rest is counted.
const SHOWN: usize = 50;
/// Different remarks at most: a hostile document could make each line a different one.
const MOST: usize = 2_000;

/// What comes of an import, or would.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whether it has been written.
    pub written: bool,
    /// People, groups, applications, upstreams.
    pub counts: Vec<Count>,
    /// What is to be said of them.
    pub remarks: Vec<Remark>,
    /// Remarks that are not shown because there are too many different ones.
    pub more: usize,
}

/// How many of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Of what.
    pub kind: Kind,
    /// That are added.
    pub added: usize,
    /// That are here already and stay as they are.
    pub already: usize,
    /// That cannot be added because something here is in their way.
    pub conflicts: usize,
}

/// What a remark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person.
    User,
    /// A group, or a role that becomes one.
    Group,
    /// An application.
    App,
    /// A provider that other people run.
    Upstream,
    /// The whole.
    Realm,
}

/// What becomes of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something here is in its way.
    Conflict,
    /// It cannot come.
    Left,
    /// It becomes something else that does the same.
    Translated,
    /// It is here already, and stays as it is.
    Already,
    /// It comes as it is.
    AsIs,
}

/// One thing to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// What becomes of it.
    pub outcome: Outcome,
    /// What it is about.
    pub kind: Kind,
    /// What there is to know, in a sentence without a name.
    pub what: String,
    /// What to do, if anything.
    pub remedy: Option<String>,
    /// About whom or what; the first fifty.
    pub names: Vec<String>,
    /// How many.
    pub count: usize,
    /// Fingerprints of all names, shown or not.
    #[serde(skip)]
    said: BTreeSet<u64>,
}

impl Report {
    /// Adds to the remark that says the same, or makes one.
    pub fn note(&mut self, outcome: Outcome, kind: Kind, what: impl Into<String>, remedy: Option<&str>, name: &str) {
        let what = what.into();
        let same = self
            .remarks
            .iter_mut()
            .rev()
            .find(|one| one.outcome == outcome && one.kind == kind && one.what == what);
        if let Some(remark) = same {
            // One of which several of its parts say the same, such as an application with two mappers, is one.
            if !remark.said.insert(fingerprint(name)) && !name.is_empty() {
                return;
            }
            remark.count += 1;
            if remark.names.len() < SHOWN && !name.is_empty() {
                remark.names.push(bounded(name));
            }
            return;
        }
        if self.remarks.len() >= MOST {
            self.more += 1;
            return;
        }
        self.remarks.push(Remark {
            outcome,
            kind,
            what,
            remedy: remedy.map(str::to_owned),
            names: Some(bounded(name))
                .into_iter()
                .filter(|name| !name.is_empty())
                .collect(),
            count: 1,
            said: BTreeSet::from([fingerprint(name)]),
        });
    }

    /// The most important first; within an outcome as they were found.
    pub(crate) fn sort(&mut self) {
        self.remarks.sort_by_key(|remark| (remark.outcome, remark.kind));
    }

    /// Counts one of a kind.
    pub(crate) fn count(&mut self, kind: Kind, outcome: Outcome) {
        let at = self
            .counts
            .iter()
            .position(|count| count.kind == kind)
            .unwrap_or_else(|| {
                self.counts.push(Count {
                    kind,
                    added: 0,
                    already: 0,
                    conflicts: 0,
                });
                self.counts.len() - 1
            });
        if let Some(count) = self.counts.get_mut(at) {
            match outcome {
                Outcome::Conflict => count.conflicts += 1,
                Outcome::Already => count.already += 1,
                Outcome::AsIs | Outcome::Translated | Outcome::Left => count.added += 1,
            }
        }
    }

    /// Whether something is in the way of something.
    pub fn has_conflicts(&self) -> bool {
        self.counts.iter().any(|count| count.conflicts > 0)
    }
}

fn fingerprint(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// A foreign text for reading: bounded, without control characters.
pub(crate) fn bounded(text: &str) -> String {
    const LONGEST: usize = 120;
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().count() > LONGEST {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_named_and_counted_once_also_beyond_those_that_are_shown() {
        let mut report = Report::default();
        for _ in 0..2 {
            for at in 0..60 {
                report.note(Outcome::Left, Kind::App, "the same", None, &format!("app {at}"));
                report.note(Outcome::Left, Kind::App, "the same", None, "app 0");
            }
            // Alike only where they are cut.
            for end in ["a", "b"] {
                let long = format!("{}{end}", "x".repeat(200));
                report.note(Outcome::Left, Kind::App, "the same", None, &long);
            }
        }
        assert_eq!((report.remarks[0].count, report.remarks[0].names.len()), (62, SHOWN));
    }
}
