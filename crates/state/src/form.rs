//! A form: what a file says, as a tree of values. A form leaves out what would be so anyway (the preset's setting, the server's
//! usual one), so that files say what somebody decided.

use serde_json::{Map, Value};

/// What a file says.
pub type Form = Map<String, Value>;

/// Names settings that are nothing although they usually are something: TOML has no word for nothing.
pub const UNSET: &str = "unset";

/// What differs from what would be so anyway.
pub(crate) fn without(full: &Form, usual: &Form) -> Form {
    let mut unset = Vec::new();
    let mut form = difference(full, usual, "", &mut unset);
    if !unset.is_empty() {
        form.insert(UNSET.to_owned(), Value::Array(unset));
    }
    form
}

fn difference(full: &Form, usual: &Form, under: &str, unset: &mut Vec<Value>) -> Form {
    let mut form = Form::new();
    for (name, value) in full {
        match (value, usual.get(name)) {
            (value, Some(usual)) if value == usual => {}
            (Value::Null, None) => {}
            (Value::Null, Some(_)) => unset.push(Value::String(format!("{under}{name}"))),
            (Value::Object(inner), Some(Value::Object(usual))) => {
                let inner = difference(inner, usual, &format!("{under}{name}."), unset);
                if !inner.is_empty() {
                    form.insert(name.clone(), Value::Object(inner));
                }
            }
            (value, _) => {
                form.insert(name.clone(), value.clone());
            }
        }
    }
    // Types leave out what is nothing: that it is nothing although it usually is something has to be said.
    for (name, usual) in usual {
        if !full.contains_key(name) && !usual.is_null() {
            unset.push(Value::String(format!("{under}{name}")));
        }
    }
    form
}

/// Takes out what is nothing, at any depth of tables: the type has a word of its own for it.
pub(crate) fn compact(form: &mut Form) {
    form.retain(|_, value| !value.is_null());
    for value in form.values_mut() {
        if let Value::Object(inner) = value {
            compact(inner);
        }
    }
}

/// What would be so anyway, changed to what the form says. `Err` names a setting to unset that does not exist.
pub(crate) fn over(usual: &Form, form: &Form) -> Result<Form, String> {
    let mut full = usual.clone();
    let mut form = form.clone();
    let unset = form.remove(UNSET);
    lay(&mut full, form);
    let expected = || format!("{UNSET}: expected a list of names of settings");
    for name in unset.iter().flat_map(|list| list.as_array().into_iter().flatten()) {
        let name = name.as_str().ok_or_else(expected)?;
        let mut steps = name.split('.');
        let mut here = Some(&mut full);
        let mut step = steps.next().unwrap_or_default();
        for next in steps {
            here = here.and_then(|map| map.get_mut(step)).and_then(Value::as_object_mut);
            step = next;
        }
        match here.and_then(|map| map.get_mut(step)) {
            Some(value) => *value = Value::Null,
            None => return Err(format!("{UNSET}: there is no setting {name:?}")),
        }
    }
    if unset.is_some_and(|list| !list.is_array()) {
        return Err(expected());
    }
    Ok(full)
}

fn lay(full: &mut Form, form: Form) {
    for (name, value) in form {
        match (full.get_mut(&name), value) {
            (Some(Value::Object(full)), Value::Object(form)) => lay(full, form),
            (_, value) => {
                full.insert(name, value);
            }
        }
    }
}

/// Reads a form as a type, and refuses what the type would skip.
pub(crate) fn strictly<T: serde::de::DeserializeOwned + serde::Serialize>(form: &Form) -> Result<T, String> {
    let value: T = serde_json::from_value(Value::Object(form.clone())).map_err(|error| error.to_string())?;
    let written = serde_json::to_value(&value).map_err(|error| error.to_string())?;
    match lost(&Value::Object(form.clone()), &written, "") {
        None => Ok(value),
        Some(name) => Err(format!("unknown setting `{name}`")),
    }
}

/// The first name that stands in one and not in the other.
fn lost(read: &Value, written: &Value, under: &str) -> Option<String> {
    let (Value::Object(read), Value::Object(written)) = (read, written) else {
        return None;
    };
    read.iter().find_map(|(name, value)| match written.get(name) {
        Some(written) => lost(value, written, &format!("{under}{name}.")),
        None if value.is_null() || value.as_array().is_some_and(Vec::is_empty) => None,
        None => Some(format!("{under}{name}")),
    })
}

/// A value as an object.
pub(crate) fn object(value: &impl serde::Serialize) -> Result<Form, String> {
    match serde_json::to_value(value) {
        Ok(Value::Object(form)) => Ok(form),
        Ok(other) => Err(format!("expected a table, received {other}")),
        Err(error) => Err(error.to_string()),
    }
}

/// Each setting by its dotted name.
pub(crate) fn flat(form: &Form) -> Vec<(String, Value)> {
    let mut list = Vec::new();
    flatten(form, "", &mut list);
    list
}

fn flatten(form: &Form, under: &str, list: &mut Vec<(String, Value)>) {
    for (name, value) in form {
        match value {
            Value::Object(inner) if !inner.is_empty() => flatten(inner, &format!("{under}{name}."), list),
            value => list.push((format!("{under}{name}"), value.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(value: Value) -> Form {
        match value {
            Value::Object(form) => form,
            other => unreachable!("{other}"),
        }
    }

    #[test]
    fn what_is_left_out_is_as_usual_and_nothing_is_said_by_name() {
        let usual = form(json!({"a": 1, "b": {"c": "x", "d": [1]}, "e": "y", "n": null}));
        let full = form(json!({"a": 1, "b": {"c": null, "d": [2]}, "e": null, "n": "z"}));
        let short = without(&full, &usual);
        assert_eq!(short, form(json!({"b": {"d": [2]}, "n": "z", "unset": ["b.c", "e"]})));
        assert_eq!(over(&usual, &short).unwrap(), full);
        let without_b = form(json!({"a": 1, "e": "y"}));
        assert_eq!(without(&without_b, &usual), form(json!({"unset": ["b"]})));
        for bad in [json!({"unset": ["b.x"]}), json!({"unset": "a"}), json!({"unset": [1]})] {
            over(&usual, &form(bad)).unwrap_err();
        }
    }
}
