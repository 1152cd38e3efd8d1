//! A setting that changes as somebody reads it who is about to say yes. Whatever is shortened, what differs is never what is left
//! out, and letters that nobody sees are written out.

use serde_json::Value;

use crate::Setting;

/// Letters of a value that is shown whole.
const WHOLE: usize = 160;
/// Letters of a long text before and after the place that differs.
const AROUND: usize = 40;
/// Letters of what differs that are shown; how many more there are is said.
const MOST: usize = 4000;

/// What is shown: of a list that changes what goes and what comes, of everything else what it is and what it becomes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The name of the setting.
    pub name: String,
    /// Of a list that stays one: what stands there no more.
    pub goes: Vec<String>,
    /// Of a list that stays one: what is new in it.
    pub comes: Vec<String>,
    /// What it is; absent is as usual.
    pub from: Option<String>,
    /// What it becomes; absent is as usual.
    pub to: Option<String>,
}

impl Shown {
    /// A setting as somebody reads it.
    pub fn of(setting: &Setting) -> Self {
        let shown = Self {
            name: visible(&setting.name),
            ..Self::default()
        };
        if let (Some(Value::Array(from)), Some(Value::Array(to))) = (&setting.from, &setting.to) {
            let (goes, comes) = (beyond(from, to), beyond(to, from));
            if !goes.is_empty() || !comes.is_empty() {
                return Self { goes, comes, ..shown };
            }
        }
        let (Some(from), Some(to)) = (&setting.from, &setting.to) else {
            let alone = |value: &Option<Value>| value.as_ref().map(|value| cut(&said(value)));
            return Self {
                from: alone(&setting.from),
                to: alone(&setting.to),
                ..shown
            };
        };
        let (mut old, mut new) = (said(from), said(to));
        // A number and the same digits as a text look alike.
        if old == new {
            (old, new) = (visible(&from.to_string()), visible(&to.to_string()));
        }
        let is_short = |text: &str| text.chars().count() <= WHOLE;
        if !is_short(&old) || !is_short(&new) {
            (old, new) = differing(&old, &new);
        }
        Self {
            from: Some(old),
            to: Some(new),
            ..shown
        }
    }
}

/// What stands in one list and not in the other, as often as it does.
fn beyond(list: &[Value], other: &[Value]) -> Vec<String> {
    let mut left: Vec<&Value> = other.iter().collect();
    let mut beyond = Vec::new();
    for entry in list {
        match left.iter().position(|one| *one == entry) {
            Some(place) => drop(left.swap_remove(place)),
            None => beyond.push(cut(&said(entry))),
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

fn said(value: &Value) -> String {
    match value {
        // Parentheses are how faces say what is no value: as usual.
        Value::String(text) if text.is_empty() || text.starts_with('(') => visible(&value.to_string()),
        Value::String(text) => visible(text),
        Value::Array(list) if !list.is_empty() && list.iter().all(is_plain) => {
            let entries: Vec<String> = list.iter().map(said).collect();
            entries.join(", ")
        }
        other => visible(&other.to_string()),
    }
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
        let shown = Shown::of(&Setting {
            name: "x".to_owned(),
            from: given(from),
            to: given(to),
        });
        let usual = || "(as usual)".to_owned();
        let goes = shown.goes.iter().map(|entry| format!("x: - {entry}"));
        let comes = shown.comes.iter().map(|entry| format!("x: + {entry}"));
        let lists: Vec<String> = goes.chain(comes).collect();
        if lists.is_empty() {
            let (from, to) = (shown.from.unwrap_or_else(usual), shown.to.unwrap_or_else(usual));
            return vec![format!("x: {from} → {to}")];
        }
        lists
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
