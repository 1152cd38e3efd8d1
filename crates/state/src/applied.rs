//! What the files said that were applied last, so that somebody can be told when the server says something else since.

use std::collections::BTreeMap;

use doorward_directory::Actor;
use doorward_jose::{base64url, sha256};
use doorward_store::{StoreError, Tx, settings};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Form, Path, carry_out::Wanted, here::Here};

/// The setting that holds it.
const SETTING: &str = "state_applied";
/// Letters of a digest that are kept: enough to see a change that nobody made on purpose.
const LETTERS: usize = 16;

/// What was applied.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Applied {
    at: Timestamp,
    by: String,
    /// Whether what no file named was removed: then nothing else is to be here.
    whole: bool,
    /// What each file came to, by its path in small letters.
    files: BTreeMap<String, String>,
}

/// What is no longer as the files say that were applied last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// When files were applied last.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Files that say something else than the server, or that are missing.
    pub differs: Vec<String>,
}

/// What files and server agree on, in few letters; none at all of what is not there, or as usual.
fn digest(form: Option<&Form>) -> String {
    let Some(form) = form else {
        return String::new();
    };
    let form = Value::Object(form.clone());
    let mut digest = base64url::encode(sha256(form.to_string().as_bytes()));
    digest.truncate(LETTERS);
    digest
}

fn keyed(here: &Here) -> BTreeMap<String, (&Path, &Form)> {
    here.iter()
        .filter(|(path, _)| path.kind != crate::Kind::Person)
        .map(|(path, entry)| (path.key().to_string(), (path, &entry.form)))
        .collect()
}

/// Remembers what was applied just now. Files that were applied before and are not among these keep what they said.
pub(crate) fn remember(tx: &mut Tx<'_>, actor: &Actor, wanted: &Wanted, after: &Here) -> Result<(), StoreError> {
    let before = read(tx)?.filter(|_| !wanted.prune);
    let here = keyed(after);
    let mut files = before.as_ref().map(|before| before.files.clone()).unwrap_or_default();
    for path in wanted.keys() {
        let name = path.to_string();
        let said = digest(here.get(&name).map(|(_, form)| *form));
        files.insert(name, said);
    }
    if files.is_empty() {
        return Ok(());
    }
    let applied = Applied {
        at: tx.now(),
        by: actor.name.clone(),
        whole: wanted.prune || before.is_some_and(|before| before.whole),
        files,
    };
    let text = serde_json::to_string(&applied).map_err(|error| StoreError::Damaged(error.to_string()))?;
    settings::set(tx, SETTING, &text)
}

fn read(tx: &mut Tx<'_>) -> Result<Option<Applied>, StoreError> {
    let Some(text) = settings::get(tx, SETTING)? else {
        return Ok(None);
    };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| StoreError::Damaged(format!("the setting {SETTING}: {error}")))
}

/// How the server differs from what was applied; `None` when nothing ever was.
pub(crate) fn drift(tx: &mut Tx<'_>, here: &Here) -> Result<Option<Drift>, StoreError> {
    let Some(applied) = read(tx)? else {
        return Ok(None);
    };
    let here = keyed(here);
    let shown = |name: &String| {
        here.get(name)
            .map_or_else(|| name.clone(), |(path, _)| path.to_string())
    };
    let changed = applied
        .files
        .iter()
        .filter(|(name, said)| digest(here.get(*name).map(|(_, form)| *form)) != **said)
        .map(|(name, _)| shown(name));
    let new = here
        .keys()
        .filter(|name| applied.whole && !applied.files.contains_key(*name))
        .map(shown);
    let mut differs: Vec<String> = changed.chain(new).collect();
    differs.sort();
    Ok(Some(Drift {
        at: applied.at,
        by: applied.by,
        differs,
    }))
}
