//! Showing things: tables and plain sentences for people, the API's own bytes for programs.

use std::{
    cell::RefCell,
    io::{IsTerminal, Write},
};

use comfy_table::{Attribute, Cell, ContentArrangement, Table, presets};
use doorward_api::List;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use crate::failure::Failure;

/// Where a command's results go: one door for all of them.
pub(crate) struct Output {
    /// The API's body unchanged, for programs.
    pub(crate) json: bool,
    result: RefCell<Box<dyn Write>>,
    beside: RefCell<Box<dyn Write>>,
}

impl Output {
    /// Results to `result`, everything else to `beside`.
    pub(crate) fn new(result: Box<dyn Write>, beside: Box<dyn Write>) -> Self {
        Self {
            json: false,
            result: RefCell::new(result),
            beside: RefCell::new(beside),
        }
    }

    /// Bytes as they are, and a line end if they have none.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.write(bytes.trim_ascii_end())
    }

    fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = self.result.borrow_mut();
        out.write_all(bytes)?;
        out.write_all(b"\n")?;
        out.flush()?;
        Ok(())
    }

    /// A line for people. Nothing with `--json`, where the body has said it.
    pub(crate) fn line(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        if self.json {
            Ok(())
        } else {
            self.write(clean(text.as_ref()).as_bytes())
        }
    }

    /// Something beside the result, on the error stream. Nothing with `--json`.
    pub(crate) fn aside(&self, text: impl AsRef<str>) -> Result<(), Failure> {
        if self.json {
            Ok(())
        } else {
            self.error(clean(text.as_ref()).as_bytes())
        }
    }

    /// A line on the error stream, in any case.
    pub(crate) fn error(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = self.beside.borrow_mut();
        out.write_all(bytes.trim_ascii_end())?;
        out.write_all(b"\n")?;
        Ok(())
    }

    /// Rows under headings; a sentence instead of an empty table.
    pub(crate) fn table(&self, headings: &[&str], rows: Vec<Vec<String>>, when_empty: &str) -> Result<(), Failure> {
        if rows.is_empty() {
            return self.aside(when_empty);
        }
        let mut table = plain();
        table.set_header(
            headings
                .iter()
                .map(|heading| Cell::new(heading).add_attribute(Attribute::Bold)),
        );
        for row in rows {
            table.add_row(row.iter().map(|text| clean(text)));
        }
        self.print(table)
    }

    /// A page of a list, and how to get the next.
    pub(crate) fn list<T>(
        &self,
        list: &List<T>,
        headings: &[&str],
        row: impl FnMut(&T) -> Vec<String>,
        when_empty: &str,
    ) -> Result<(), Failure> {
        self.table(headings, list.items.iter().map(row).collect(), when_empty)?;
        match &list.next {
            Some(next) => self.aside(format!("There are more: --cursor {next}, or a larger --limit.")),
            None => Ok(()),
        }
    }

    /// Names and values, one a line; empty values are left out.
    pub(crate) fn fields(&self, fields: &[(&str, String)]) -> Result<(), Failure> {
        let mut table = plain();
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            table.add_row([Cell::new(name).add_attribute(Attribute::Bold), Cell::new(clean(value))]);
        }
        self.print(table)
    }

    fn print(&self, mut table: Table) -> Result<(), Failure> {
        table.column_iter_mut().for_each(|column| {
            column.set_padding((0, 2));
        });
        let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        self.raw(lines.join("\n").as_bytes())
    }
}

fn plain() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table
}

/// Prose in lines that an eye can follow.
pub(crate) fn wrap(text: &str) -> String {
    const WIDTH: usize = 100;
    let mut wrapped = String::new();
    for paragraph in text.lines() {
        let mut length = 0;
        for word in paragraph.split_whitespace() {
            let more = word.chars().count();
            if length > 0 && length + 1 + more > WIDTH {
                wrapped.push('\n');
                length = 0;
            } else if length > 0 {
                wrapped.push(' ');
                length += 1;
            }
            wrapped.push_str(word);
            length += more;
        }
        wrapped.push('\n');
    }
    wrapped.truncate(wrapped.trim_end().len());
    wrapped
}

/// An instant as the reader's clock shows it.
pub(crate) fn instant(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// The same, when there is one.
pub(crate) fn maybe_instant(at: Option<Timestamp>) -> String {
    at.map(instant).unwrap_or_default()
}

/// `yes` or nothing: a table is read by what stands out.
pub(crate) fn mark(set: bool, word: &str) -> String {
    if set { word.to_owned() } else { String::new() }
}

/// JSON as a person reads it: text without quotes, lists with commas.
pub(crate) fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) if list.iter().all(|entry| !entry.is_object() && !entry.is_array()) => {
            list.iter().map(self::value).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// Text that cannot steer the terminal: what a stranger's browser or application sent appears in traces.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\n' && c != '\t' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_steer_the_terminal() {
        assert_eq!(
            clean("a\u{1b}[2Jb\u{9b}1m\r\nc\td"),
            "a\u{fffd}[2Jb\u{fffd}1m\u{fffd}\nc\td"
        );
    }

    #[test]
    fn prose_is_wrapped_between_words_and_keeps_its_paragraphs() {
        let text = format!("{} end\nnext", "word ".repeat(25));
        let wrapped = wrap(&text);
        assert!(wrapped.lines().all(|line| line.len() <= 100), "{wrapped}");
        assert_eq!(wrapped.lines().count(), 3);
        assert_eq!(wrapped.split_whitespace().count(), text.split_whitespace().count());
    }

    #[test]
    fn values_are_shown_without_the_quotes_of_json() {
        assert_eq!(value(&serde_json::json!("x")), "x");
        assert_eq!(value(&serde_json::json!(["a", 1, true])), "a, 1, true");
        assert_eq!(value(&serde_json::json!({"a": [1]})), r#"{"a":[1]}"#);
    }
}
