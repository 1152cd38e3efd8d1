//! A form of many settings: each shows what is there, or what was typed and not taken.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Frame,
    app_settings::spelled,
    sheet::{Block, Cell, Field, FieldKind, Form, Style},
};

/// Fields in the making.
pub(super) struct LongForm<'a> {
    id: &'static str,
    typed: &'a BTreeMap<String, String>,
    frame: &'a Frame<'a>,
    fields: Vec<Field>,
}

/// The field that was added last.
pub(super) struct Added<'a>(Option<&'a mut Field>);

impl Added<'_> {
    /// What it is for, or what may be typed.
    pub(super) fn rule(self, rule: String) {
        if let Some(field) = self.0 {
            field.rule = Some(rule);
        }
    }
}

impl<'a> LongForm<'a> {
    pub(super) fn new(id: &'static str, typed: &'a BTreeMap<String, String>, frame: &'a Frame<'a>) -> Self {
        Self {
            id,
            typed,
            frame,
            fields: Vec::new(),
        }
    }

    fn value(&self, name: &str, known: String) -> String {
        self.typed.get(name).cloned().unwrap_or(known)
    }

    fn add(&mut self, field: Field) -> Added<'_> {
        self.fields.push(field);
        Added(self.fields.last_mut())
    }

    /// One line.
    pub(super) fn line(&mut self, name: &'static str, label: String, known: String) -> Added<'_> {
        let value = self.value(name, known);
        self.add(Field::line(self.id, name, label, value))
    }

    /// Several lines.
    pub(super) fn lines(&mut self, name: &'static str, label: String, known: String) -> Added<'_> {
        let value = self.value(name, known);
        self.add(Field::lines(self.id, name, label, value))
    }

    /// Names with spaces between.
    pub(super) fn list(&mut self, name: &'static str, label: String, known: &[String]) -> Added<'_> {
        self.line(name, label, known.join(" "))
    }

    /// A number.
    pub(super) fn number(&mut self, name: &'static str, label: String, known: impl ToString + Copy) -> Added<'_> {
        let value = self.value(name, known.to_string());
        self.add(Field::line(self.id, name, label, value).of_type("number"))
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, name: &'static str, label: String, known: bool) -> Added<'_> {
        let t = self.frame.text();
        let value = self.value(name, known.to_string());
        let options = vec![
            ("true".to_owned(), t.say("console-yes")),
            ("false".to_owned(), t.say("console-no")),
        ];
        self.add(Field::choice(self.id, name, label, value, options))
    }

    /// One of the words that commands and the API have.
    pub(super) fn words<T: Serialize>(&mut self, name: &'static str, label: String, known: &T, all: &[T]) -> Added<'_> {
        let value = self.value(name, spelled(known));
        let options = all.iter().map(spelled).map(|word| (word.clone(), word)).collect();
        self.add(Field::choice(self.id, name, label, value, options))
    }

    /// One of those words, or none, which is called `none`.
    pub(super) fn maybe_words<T: Serialize>(
        &mut self,
        name: &'static str,
        label: String,
        known: Option<&T>,
        none: String,
        all: &[T],
    ) -> Added<'_> {
        let value = self.value(name, known.map(spelled).unwrap_or_default());
        let mut options = vec![(String::new(), none)];
        options.extend(all.iter().map(spelled).map(|word| (word.clone(), word)));
        self.add(Field::choice(self.id, name, label, value, options))
    }

    /// The form, or for whoever may not change anything what is in it.
    pub(super) fn finished(self, action: String, may_change: bool) -> Block {
        if !may_change {
            return Block::Facts(self.fields.into_iter().map(shown).collect());
        }
        Block::Form(Form {
            action,
            csrf: self.frame.csrf(),
            fields: self.fields,
            submit: self.frame.text().say("console-save"),
            about: String::new(),
            style: Style::Usual,
        })
    }
}

fn shown(field: Field) -> (String, Cell) {
    let said = match &field.kind {
        FieldKind::Choice(options) => options
            .iter()
            .find(|(value, _)| *value == field.value)
            .map(|(_, text)| text.clone()),
        _ => Some(field.value),
    };
    let cell = match said {
        Some(text) if !text.is_empty() => Cell::Code(text),
        _ => Cell::Nothing,
    };
    (field.label, cell)
}
