//! A plan as somebody reads it who is about to say yes. Whatever is shortened, what differs is never what is left out.

use doorward_api::{StateChange, StatePlan, StateSetting, StateWhat};
use serde_json::Value;

use crate::{failure::Failure, output::Output};

/// Letters of a value that is shown whole.
const WHOLE: usize = 160;
/// Letters of a long text before and after the place that differs.
const AROUND: usize = 40;
/// Letters of what differs that are shown; how many more there are is said.
const MOST: usize = 4000;

pub(super) fn show(plan: &StatePlan, prune: bool, output: &Output) -> Result<(), Failure> {
    for change in &plan.changes {
        output.line(headline(change))?;
        for line in change.settings.iter().flat_map(lines) {
            output.line(format!("    {line}"))?;
        }
        for name in &change.weakens {
            output.line(format!("    WEAKER: {name}"))?;
        }
    }
    if plan.changes.is_empty() {
        output.line("nothing would change: the server is as the files say")?;
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

/// A setting that changes: of lists what comes and what goes, of long texts the part that differs with its surroundings.
fn lines(setting: &StateSetting) -> Vec<String> {
    let name = visible(&setting.name);
    if let (Some(Value::Array(from)), Some(Value::Array(to))) = (&setting.from, &setting.to) {
        let (gone, come) = (beyond(from, to), beyond(to, from));
        if !gone.is_empty() || !come.is_empty() {
            let gone = gone.iter().map(|entry| format!("{name}: - {}", cut(entry)));
            let come = come.iter().map(|entry| format!("{name}: + {}", cut(entry)));
            return gone.chain(come).collect();
        }
    }
    let (from, to) = (said(setting.from.as_ref()), said(setting.to.as_ref()));
    // A number and the same digits as a text look alike.
    let (from, to) = if from == to {
        (typed(setting.from.as_ref()), typed(setting.to.as_ref()))
    } else {
        (from, to)
    };
    let is_short = |text: &str| text.chars().count() <= WHOLE;
    if is_short(&from) && is_short(&to) || setting.from.is_none() || setting.to.is_none() {
        return vec![format!("{name}: {} → {}", cut(&from), cut(&to))];
    }
    let (from, to) = differing(&from, &to);
    vec![format!("{name}: {from} → {to}")]
}

/// What stands in one list and not in the other, as often as it does.
fn beyond(list: &[Value], other: &[Value]) -> Vec<String> {
    let mut left: Vec<&Value> = other.iter().collect();
    let mut beyond = Vec::new();
    for entry in list {
        match left.iter().position(|one| *one == entry) {
            Some(place) => drop(left.swap_remove(place)),
            None => beyond.push(said(Some(entry))),
        }
    }
    beyond
}

/// Two texts from where they begin to differ to where they end to, with some letters around it.
fn differing(from: &str, to: &str) -> (String, String) {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let same = |pair: &(&char, &char)| pair.0 == pair.1;
    let before = from.iter().zip(&to).take_while(same).count();
    let most = from.len().min(to.len()) - before;
    let after = from
        .iter()
        .rev()
        .zip(to.iter().rev())
        .take(most)
        .take_while(same)
        .count();
    let part = |text: &[char]| {
        let start = before.saturating_sub(AROUND);
        let end = text.len() - after.saturating_sub(AROUND);
        let middle: String = text.iter().take(end).skip(start).collect();
        let (left, right) = (
            if start > 0 { "…" } else { "" },
            if end < text.len() { "…" } else { "" },
        );
        format!("{left}{}{right}", cut(&middle))
    };
    (part(&from), part(&to))
}

/// At most so much of what is new that a screen bears it; that there is more is said.
fn cut(text: &str) -> String {
    match text.chars().count().checked_sub(MOST) {
        None | Some(0) => text.to_owned(),
        Some(more) => {
            let short: String = text.chars().take(MOST).collect();
            format!("{short}… (AND {more} MORE LETTERS: read the file)")
        }
    }
}

fn said(value: Option<&Value>) -> String {
    match value {
        None => "(as usual)".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "\"\"".to_owned(),
        Some(Value::String(text)) => visible(text),
        Some(Value::Array(list)) if !list.is_empty() && list.iter().all(is_plain) => {
            let entries: Vec<String> = list.iter().map(|entry| said(Some(entry))).collect();
            entries.join(", ")
        }
        Some(other) => visible(&other.to_string()),
    }
}

fn typed(value: Option<&Value>) -> String {
    value.map_or_else(|| said(None), |value| visible(&value.to_string()))
}

/// A text that does not look like a list when it stands in one.
fn is_plain(entry: &Value) -> bool {
    match entry {
        Value::String(text) => !text.contains(", "),
        Value::Array(_) | Value::Object(_) => false,
        _ => true,
    }
}

/// On one line, with letters that nobody sees written out: they could make a text look like another one, or like another line.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let is_unseen = c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
            || matches!(c, '\u{e0000}'..='\u{e007f}');
        if is_unseen {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(from: Value, to: Value) -> Vec<String> {
        let given = |value: Value| (!value.is_null()).then_some(value);
        lines(&StateSetting {
            name: "x".to_owned(),
            from: given(from),
            to: given(to),
        })
    }

    #[test]
    fn of_lists_only_what_comes_and_what_goes_is_shown_however_long_they_are() {
        let many: Vec<String> = (0..40)
            .map(|n| format!("https://app{n}.example.com/callback"))
            .collect();
        let mut evil = many.clone();
        evil.push("https://evil.example/cb".to_owned());
        assert_eq!(of(json!(many), json!(evil)), ["x: + https://evil.example/cb"]);
        assert_eq!(of(json!(evil), json!(many)), ["x: - https://evil.example/cb"]);
        evil.remove(0);
        assert_eq!(
            of(json!(many), json!(evil)),
            ["x: - https://app0.example.com/callback", "x: + https://evil.example/cb"]
        );
        assert_eq!(of(json!(["a"]), json!(["a", "a"])), ["x: + a"]);
        assert_eq!(of(json!([]), json!(["a, b"])), ["x: + a, b"]);
        // Of one that was as usual, everything.
        let all = of(Value::Null, json!(evil)).concat();
        assert!(all.ends_with("https://evil.example/cb"), "{all}");
    }

    #[test]
    fn of_long_texts_the_place_that_differs_is_shown_with_its_surroundings() {
        let long = "a".repeat(500);
        let shown = of(
            json!(format!("{long} user {long}")),
            json!(format!("{long} admin {long}")),
        )
        .concat();
        assert!(
            shown.contains("aaa user aaa") && shown.contains("aaa admin aaa"),
            "{shown}"
        );
        assert!(shown.chars().count() < 250, "{shown}");
        let more = of(json!(long), json!(format!("{long} or true"))).concat();
        assert!(more.ends_with("aaa or true"), "{more}");
        let turned: Vec<String> = (0..60).map(|n| format!("entry{n}")).collect();
        let back: Vec<String> = turned.iter().rev().cloned().collect();
        let shown = of(json!(turned), json!(back)).concat();
        assert!(shown.contains("entry0, ") && shown.contains("entry59, "), "{shown}");
        let huge = of(Value::Null, json!("b".repeat(5000))).concat();
        assert!(huge.contains("AND 1000 MORE LETTERS"), "{huge}");
    }

    #[test]
    fn two_sides_never_look_the_same() {
        for (from, to) in [
            (json!("30"), json!(30)),
            (json!("admin"), json!("ad\u{200b}min")),
            (json!("a\nb"), json!("a b")),
            (json!(""), json!([])),
            (json!(["a, b"]), json!(["a", "b"])),
            (json!("(as usual)"), Value::Null),
            (json!("c".repeat(9000)), json!("d".repeat(9000))),
            (json!(["a", "b"]), json!(["b", "a"])),
        ] {
            let shown = of(from.clone(), to.clone());
            for line in &shown {
                let sides = line.trim_start_matches("x: ").split_once(" → ");
                assert!(sides.is_none_or(|(from, to)| from != to), "{from} and {to}: {line}");
            }
            assert!(!shown.is_empty(), "{from} and {to}");
        }
    }
}
