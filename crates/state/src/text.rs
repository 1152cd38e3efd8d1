//! Forms as TOML, and back. What somebody wrote beside the settings (comments, order, empty lines) stays when a file is written
//! anew.

use doorward_oidc::Refusal;
use serde_json::{Map, Value};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value as Toml};

use crate::{Form, PEOPLE, Path, refusals, refusals::STATE_FILE_INVALID};

/// Stands for `null` inside of values, where TOML has no word for it.
const NOTHING: &str = "json:null";
/// Bytes of one file at most.
const LONGEST_FILE: usize = 1024 * 1024;

/// What the text of a file says.
pub(crate) fn read(path: &Path, text: &str) -> Result<Form, Refusal> {
    if text.len() > LONGEST_FILE {
        return Err(refusals::invalid(
            path,
            format!("expected at most {LONGEST_FILE} bytes, received {}", text.len()),
        ));
    }
    let document = parsed(text).map_err(|problem| refusals::invalid(path, problem))?;
    Ok(table(document.as_table()))
}

/// The people of a file of people, each a table `[[person]]`.
pub(crate) fn read_people(text: &str) -> Result<Vec<Form>, Refusal> {
    let refuse = |problem: String| Refusal::response(&STATE_FILE_INVALID, format!("{PEOPLE}: {problem}"));
    let document = parsed(text).map_err(refuse)?;
    let mut people = Vec::new();
    for (name, item) in document.iter() {
        match item {
            Item::ArrayOfTables(list) if name == "person" => people.extend(list.iter().map(table)),
            _ => return Err(refuse(format!("expected tables [[person]], received `{name}`"))),
        }
    }
    Ok(people)
}

/// Without the line itself: whoever wrote a secret into a file shall not find it in a log.
fn parsed(text: &str) -> Result<DocumentMut, String> {
    text.parse::<DocumentMut>().map_err(|error| {
        let line = error
            .span()
            .and_then(|span| text.get(..span.start))
            .map_or(1, |before| before.matches('\n').count() + 1);
        format!("line {line}: {}", error.message())
    })
}

/// A form as a file of its own.
pub(crate) fn write(form: &Form) -> String {
    let mut document = DocumentMut::new();
    fill(document.as_table_mut(), form);
    document.to_string()
}

/// One person as a table of the file of people.
pub(crate) fn write_person(form: &Form) -> String {
    let mut list = ArrayOfTables::new();
    let mut one = Table::new();
    fill(&mut one, form);
    list.push(one);
    let mut document = DocumentMut::new();
    document.insert("person", Item::ArrayOfTables(list));
    document.to_string()
}

/// A file that stands, made to say what `form` says. What says the same stays as it is written; so does what says something that
/// `full` says too although the form leaves it out, and where a secret comes from.
pub(crate) fn rewrite(text: &str, form: &Form, full: &Form) -> Option<String> {
    let mut document = parsed(text).ok()?;
    mend(document.as_table_mut(), form, full, true);
    Some(document.to_string())
}

fn mend(table: &mut Table, form: &Form, full: &Form, is_top: bool) {
    let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
    for name in names {
        let says = table.get(&name).map(item);
        let keeps = form.contains_key(&name) || (is_top && name == crate::SECRET) || says.as_ref() == full.get(&name);
        if !keeps {
            table.remove(&name);
        }
    }
    for (name, value) in form {
        let Some(there) = table.get_mut(name) else {
            insert(table, name, value);
            continue;
        };
        if item(there) == *value {
            continue;
        }
        match (there, value, full.get(name)) {
            (Item::Table(inner), Value::Object(form), Some(Value::Object(full))) => mend(inner, form, full, false),
            (Item::Value(there), value, _) if !is_tables(value) => {
                let decor = there.decor().clone();
                *there = scalar(value);
                *there.decor_mut() = decor;
            }
            _ => {
                table.remove(name);
                insert(table, name, value);
            }
        }
    }
}

/// Values before tables: what follows a table's heading belongs to it.
fn fill(table: &mut Table, form: &Form) {
    let (tables, values): (Vec<_>, Vec<_>) = form
        .iter()
        .partition(|(_, value)| value.is_object() || is_tables(value));
    for (name, value) in values.into_iter().chain(tables) {
        insert(table, name, value);
    }
}

fn insert(table: &mut Table, name: &str, value: &Value) {
    let item = match value {
        Value::Object(form) => {
            let mut inner = Table::new();
            fill(&mut inner, form);
            Item::Table(inner)
        }
        Value::Array(list) if is_tables(value) => {
            let mut tables = ArrayOfTables::new();
            for form in list.iter().filter_map(Value::as_object) {
                let mut inner = Table::new();
                fill(&mut inner, form);
                tables.push(inner);
            }
            Item::ArrayOfTables(tables)
        }
        value => Item::Value(scalar(value)),
    };
    table.insert(name, item);
}

/// A list of things, each with settings.
fn is_tables(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|list| !list.is_empty() && list.iter().all(Value::is_object))
}

fn scalar(value: &Value) -> Toml {
    match value {
        Value::Null => InlineTable::from_iter([(NOTHING, Toml::from(true))]).into(),
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(number)) => number.into(),
            (None, None) => number.to_string().into(),
        },
        Value::String(text) => text.as_str().into(),
        Value::Array(list) => {
            let mut array: Array = list.iter().map(scalar).collect();
            // One in a line, once they do not fit into one.
            if list.len() > 1 && array.to_string().len() > 80 {
                for value in array.iter_mut() {
                    value.decor_mut().set_prefix("\n    ");
                }
                array.set_trailing("\n");
                array.set_trailing_comma(true);
            }
            array.into()
        }
        Value::Object(form) => {
            let table: InlineTable = form.iter().map(|(name, value)| (name, scalar(value))).collect();
            table.into()
        }
    }
}

fn table(table: &Table) -> Form {
    table
        .iter()
        .map(|(name, value)| (name.to_owned(), item(value)))
        .collect()
}

fn item(item: &Item) -> Value {
    match item {
        Item::None => Value::Null,
        Item::Value(value) => from_toml(value),
        Item::Table(inner) => Value::Object(table(inner)),
        Item::ArrayOfTables(list) => list.iter().map(|one| Value::Object(table(one))).collect(),
    }
}

fn from_toml(value: &Toml) -> Value {
    match value {
        Toml::String(text) => text.value().as_str().into(),
        Toml::Integer(number) => (*number.value()).into(),
        Toml::Float(number) => (*number.value()).into(),
        Toml::Boolean(flag) => (*flag.value()).into(),
        Toml::Datetime(moment) => moment.value().to_string().into(),
        Toml::Array(list) => list.iter().map(from_toml).collect(),
        Toml::InlineTable(inner) if inner.contains_key(NOTHING) => Value::Null,
        Toml::InlineTable(inner) => Value::Object(
            inner
                .iter()
                .map(|(name, value)| (name.to_owned(), from_toml(value)))
                .collect::<Map<_, _>>(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Kind;

    fn form(value: Value) -> Form {
        match value {
            Value::Object(form) => form,
            other => unreachable!("{other}"),
        }
    }

    #[test]
    fn a_form_is_read_as_it_was_written() {
        let path = Path::single(Kind::Settings);
        let some = form(json!({
            "a": 1, "b": true, "c": "x\ny \"z\"", "list": [1, "two", [3]], "none": [], "inner": {"d": 1.5, "deep": {"e": "f"}},
            "rules": [{"claim": "r", "constant": {"x": null}}, {"claim": "s", "by": [{"g": "h"}]}], "empty": {},
        }));
        assert_eq!(read(&path, &write(&some)).unwrap(), some);
    }

    #[test]
    fn comments_stay_where_a_file_is_written_anew() {
        let text = "# why we have it\nname = \"A\" # the name\nold = 1\nurl = \"https://a.example\" # usual\n\n[lifetimes]\n# short\ncode = 30\n\
                    [secret]\nfile = \"/run/secrets/a\"\n";
        let wanted = form(json!({"name": "B", "lifetimes": {"code": 30, "id_token": 60}, "scopes": ["openid"]}));
        let full = form(
            json!({"name": "B", "url": "https://a.example", "lifetimes": {"code": 30, "id_token": 60}, "scopes": ["openid"]}),
        );
        let written = rewrite(text, &wanted, &full).unwrap();
        for part in [
            "# why we have it\nname = \"B\" # the name",
            "# usual",
            "# short\ncode = 30",
            "id_token = 60",
            "file = \"/run/secrets/a\"",
        ] {
            assert!(written.contains(part), "{written}");
        }
        assert!(!written.contains("old"), "{written}");
        let path = Path::single(Kind::Settings);
        assert_eq!(read(&path, &written).unwrap()["scopes"], json!(["openid"]), "{written}");
    }

    #[test]
    fn an_error_names_the_line_and_not_what_stands_there() {
        let path = Path::of(Kind::Application, "a");
        let refused = read(&path, "name = \"A\"\nsecret = \"hunter2\" x\n").unwrap_err();
        assert!(
            refused.detail.starts_with("applications/a.toml: line 2"),
            "{}",
            refused.detail
        );
        assert!(!refused.detail.contains("hunter2"));
    }
}
