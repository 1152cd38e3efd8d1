//! What files change, or would change.

use std::collections::{BTreeMap, BTreeSet};

use doorward_jose::{base64url, sha256};
use serde_json::Value;

use crate::{Kind, Path, Reference, form, here::Here};

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
    /// Loud names of what becomes weaker than the default.
    pub weakens: Vec<String>,
}

/// What files come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Stands for the state that was planned for.
    pub digest: String,
    /// What changes here.
    pub changes: Vec<Change>,
    /// What is here and in no file, and stays.
    pub only_here: Vec<String>,
}

/// Stands for everything that files can say.
pub(crate) fn digest(here: &Here) -> String {
    let lines: Vec<String> = here
        .iter()
        .map(|(path, entry)| format!("{path}\n{}\n", Value::Object(entry.form.clone())))
        .collect();
    base64url::encode(sha256(lines.concat().as_bytes()))
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
        let settings_of = |entry: Option<&crate::here::Entry>| -> BTreeMap<String, Value> {
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
        if what == What::Change && settings.is_empty() {
            continue;
        }
        let weak_before: &[String] = from.map_or(&[], |entry| entry.weak.as_slice());
        let weak_after: &[String] = to.map_or(&[], |entry| entry.weak.as_slice());
        changes.push(Change {
            file: path.to_string(),
            what,
            settings,
            weakens: weak_after
                .iter()
                .filter(|name| !weak_before.contains(name))
                .cloned()
                .collect(),
        });
    }
    changes
}
