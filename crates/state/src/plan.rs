//! What files change, or would change.

use std::collections::{BTreeMap, BTreeSet};

use doorward_jose::{base64url, sha256};
use doorward_oidc::Refusal;
use serde_json::{Value, json};

use crate::{
    Kind, Path, Reference, Weaker,
    carry_out::{Unit, Wanted},
    form,
    here::{Entry, Here},
    refusals::{STATE_MOVED, STATE_NOT_PLANNED},
    weaker,
};

/// What becomes of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It is not there yet.
    Add,
    /// It is there and says something else.
    Change,
    /// It is there and is not to be.
    Remove,
}

/// A setting that changes. What is absent is as usual: as the preset has it, or the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its dotted name: `lifetimes.code`.
    pub name: String,
    /// What it is here.
    pub from: Option<Value>,
    /// What the file says.
    pub to: Option<Value>,
}

/// What changes about one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Its file.
    pub file: String,
    /// What becomes of it.
    pub what: What,
    /// Each setting that changes; never a secret, only that there is a new one and where it comes from.
    pub settings: Vec<Setting>,
    /// What becomes weaker.
    pub weakens: Vec<Weaker>,
}

/// What files come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Stands for the state that was planned for, and for the files, secrets and removals that were planned.
    pub digest: String,
    /// What changes here.
    pub changes: Vec<Change>,
    /// What is here and in no file, and stays.
    pub only_here: Vec<String>,
    /// Files of things that are here whose secret was not sent: whether it is another one is not known.
    pub unread: Vec<String>,
}

/// Stands for everything that files can say.
pub(crate) fn digest(here: &Here) -> String {
    let lines: Vec<String> = here
        .iter()
        .map(|(path, entry)| format!("{path}\n{}\n", Value::Object(entry.form.clone())))
        .collect();
    base64url::encode(sha256(lines.concat().as_bytes()))
}

/// Stands for files, secrets and removals.
pub(crate) fn request_digest(unit: &Unit, wanted: &Wanted) -> String {
    let secrets: BTreeMap<&String, String> = unit
        .secrets
        .iter()
        .map(|(path, secret)| (path, unit.keyed_hash(secret.expose().as_bytes())))
        .collect();
    let all = json!([wanted.texts, secrets, wanted.prune]);
    unit.keyed_hash(all.to_string().as_bytes())
}

/// Stands for what somebody was shown: whatever forms do not say (a secret that is another one by now) is in it too.
pub(crate) fn outcome_digest(unit: &Unit, changes: &[Change]) -> String {
    unit.keyed_hash(format!("{changes:?}").as_bytes())
}

/// For which state something is planned, and what.
pub(crate) struct Digest {
    pub(crate) state: String,
    pub(crate) request: String,
}

impl Digest {
    /// With what it came to: what a plan says.
    pub(crate) fn with(&self, outcome: &str) -> String {
        format!("{}.{}.{outcome}", self.state, self.request)
    }

    /// That this is what a plan was made of; gives what it came to then.
    pub(crate) fn must_be<'a>(&self, planned: &'a str) -> Result<&'a str, Refusal> {
        let parts: Vec<&str> = planned.split('.').collect();
        let [state, request, outcome] = parts.as_slice() else {
            return Err(moved());
        };
        if *state != self.state {
            return Err(moved());
        }
        if *request != self.request {
            return Err(Refusal::response(
                &STATE_NOT_PLANNED,
                "expected the files, the secrets and the removals that were planned, received others",
            )
            .with_remedy("plan these, and read what they would do: doorward plan DIR"));
        }
        Ok(outcome)
    }
}

/// The state is another one than the one of the plan.
pub(crate) fn moved() -> Refusal {
    Refusal::response(
        &STATE_MOVED,
        "something was changed since the plan was made, here or in the list of people",
    )
    .with_remedy("plan again, and read what it says now: doorward plan DIR")
}

/// What files say that the state itself does not show.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// Where each secret comes from that becomes another one.
    pub(crate) secrets: BTreeMap<Path, Reference>,
    /// Keys of people whose id a file gives.
    pub(crate) ids: BTreeSet<Path>,
}

/// Each thing that differs.
pub(crate) fn between(before: &Here, after: &Here, beside: &Beside) -> Vec<Change> {
    let paths: BTreeSet<&Path> = before.keys().chain(after.keys()).collect();
    let mut changes = Vec::new();
    for path in paths {
        let (from, to) = (before.get(path), after.get(path));
        let what = match (from, to) {
            (None, _) => What::Add,
            (_, None) => What::Remove,
            _ => What::Change,
        };
        let settings_of = |entry: Option<&Entry>| -> BTreeMap<String, Value> {
            entry
                .map(|entry| form::flat(&entry.form))
                .unwrap_or_default()
                .into_iter()
                .collect()
        };
        let (old, new) = (settings_of(from), settings_of(to));
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let mut settings: Vec<Setting> = names
            .into_iter()
            .filter(|name| old.get(*name) != new.get(*name))
            // Somebody new gets an id that is another one at each try, unless the file gives it: that one is reviewed.
            .filter(|name| {
                let is_made_up = path.kind == Kind::Person && what == What::Add && !beside.ids.contains(&path.key());
                !(is_made_up && *name == "id")
            })
            .map(|name| Setting {
                name: name.clone(),
                from: old.get(name).cloned(),
                to: new.get(name).cloned(),
            })
            .collect();
        if let Some(reference) = beside.secrets.get(path) {
            settings.push(Setting {
                name: crate::SECRET.to_owned(),
                from: None,
                to: Some(Value::String(format!("another one, {reference}"))),
            });
        }
        let weakens = weakened(path, (from, to), what == What::Add && beside.ids.contains(&path.key()));
        // What another file does can weaken this thing too: a role for a group that an upstream leads into.
        if what == What::Change && settings.is_empty() && weakens.is_empty() {
            continue;
        }
        changes.push(Change {
            file: path.to_string(),
            what,
            settings,
            weakens,
        });
    }
    changes
}

fn weakened(path: &Path, (from, to): (Option<&Entry>, Option<&Entry>), is_given_id: bool) -> Vec<Weaker> {
    let before: &[Weaker] = from.map_or(&[], |entry| entry.weak.as_slice());
    let after: &[Weaker] = to.map_or(&[], |entry| entry.weak.as_slice());
    let mut list: Vec<Weaker> = after.iter().filter(|one| !before.contains(one)).cloned().collect();
    // Where an application goes, nobody logs in to it any more; where a group goes, its members still log in.
    if to.is_some() || path.kind != Kind::Application {
        let policy = |entry: Option<&Entry>| entry.map(|entry| entry.policy.clone()).unwrap_or_default();
        list.extend(weaker::of_policies(&policy(from), &policy(to)));
    }
    list.extend(is_given_id.then(weaker::of_id));
    list
}
