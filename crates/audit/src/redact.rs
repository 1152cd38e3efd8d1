//! The net below: what looks like a bearer value does not get into an event or a trace, whatever a caller passed.

use std::borrow::Cow;

use serde_json::Value;

/// Our own secrets have 43 characters or more, tokens far more; UUIDs have 36 and names seldom 40.
const LONGEST_RUN: usize = 40;
/// Enough to recognise a key's name, far too little to be one.
const SHOWN: usize = 8;
/// Characters of one text that are kept.
const LONGEST_TEXT: usize = 600;
/// Members whose value is never kept.
const SECRET_MEMBERS: &[&str] = &[
    "password",
    "secret",
    "client_secret",
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "code",
    "code_verifier",
    "assertion",
    "client_assertion",
    "authorization",
    "cookie",
];
const REDACTED: &str = "[redacted]";

/// The text without long runs of base64url characters, without control characters, and cut at 600 characters.
pub fn redacted(text: &str) -> Cow<'_, str> {
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().min(LONGEST_TEXT));
    let mut run = String::new();
    for letter in text.chars().take(LONGEST_TEXT) {
        if is_of_a_token(letter) {
            run.push(letter);
            continue;
        }
        end_run(&mut run, &mut out);
        out.push(if letter.is_control() { ' ' } else { letter });
    }
    end_run(&mut run, &mut out);
    if text.chars().nth(LONGEST_TEXT).is_some() {
        out.push('…');
    }
    Cow::Owned(out)
}

/// The same for every text inside a JSON value; members that are named like secrets lose their value.
pub(crate) fn redacted_json(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redacted(text).into_owned()),
        Value::Array(items) => items.iter().map(redacted_json).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let value = if SECRET_MEMBERS.contains(&name.to_ascii_lowercase().as_str()) && value.is_string() {
                    Value::String(REDACTED.to_owned())
                } else {
                    redacted_json(value)
                };
                (name.clone(), value)
            })
            .collect(),
        other => other.clone(),
    }
}

fn is_clean(text: &str) -> bool {
    // Bytes are enough here: a text of at most this many bytes has at most as many characters.
    let mut run = 0;
    text.len() <= LONGEST_TEXT
        && text.chars().all(|letter| {
            run = if is_of_a_token(letter) { run + 1 } else { 0 };
            run < LONGEST_RUN && !letter.is_control()
        })
}

fn is_of_a_token(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')
}

fn end_run(run: &mut String, out: &mut String) {
    if run.len() < LONGEST_RUN {
        out.push_str(run);
    } else {
        out.extend(run.chars().take(SHOWN));
        out.push('…');
        out.push_str(REDACTED);
    }
    run.clear();
}
