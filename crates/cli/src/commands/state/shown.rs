//! A plan as somebody reads it who is about to say yes. What is shown of a setting is the server's to say.

use doorward_api::{StateChange, StatePlan, StateShown, StateWhat};

use crate::{failure::Failure, output::Output};

/// How what is absent is shown.
const AS_USUAL: &str = "(as usual)";

pub(super) fn show(plan: &StatePlan, prune: bool, output: &Output) -> Result<(), Failure> {
    for change in &plan.changes {
        output.line(headline(change))?;
        for line in change.settings.iter().flat_map(|setting| lines(&setting.shown)) {
            output.line(format!("    {line}"))?;
        }
        for weaker in &change.weakens {
            output.line(format!("    WEAKER: {}: {}", weaker.name, weaker.meaning))?;
        }
    }
    if plan.changes.is_empty() {
        output.line("nothing would change: the server is as the files say")?;
    }
    if !plan.unread.is_empty() {
        output.line(format!(
            "\nSecrets that were not compared (--compare-secrets reads and sends them):\n    {}",
            plan.unread.join("\n    ")
        ))?;
    }
    if !plan.only_here.is_empty() {
        output.line(format!(
            "\nHere and in no file{}:\n    {}",
            if prune { "" } else { " (stays; --prune removes it)" },
            plan.only_here.join("\n    ")
        ))?;
    }
    Ok(())
}

fn headline(change: &StateChange) -> String {
    match change.what {
        StateWhat::Add => format!("+ {}", change.file),
        StateWhat::Change => format!("~ {}", change.file),
        StateWhat::Remove => format!("- {}", change.file),
    }
}

fn lines(shown: &StateShown) -> Vec<String> {
    let name = &shown.name;
    let goes = shown.goes.iter().map(|entry| format!("{name}: - {entry}"));
    let comes = shown.comes.iter().map(|entry| format!("{name}: + {entry}"));
    let lists: Vec<String> = goes.chain(comes).collect();
    if !lists.is_empty() {
        return lists;
    }
    let side = |text: &Option<String>| text.clone().unwrap_or_else(|| AS_USUAL.to_owned());
    vec![format!("{name}: {} → {}", side(&shown.from), side(&shown.to))]
}
