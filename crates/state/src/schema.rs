//! Schemas of the files, for editors: which settings there are, and what each may be. Made of the types that read the files.

use std::{collections::BTreeMap, sync::OnceLock};

use doorward_directory::LoginPolicy;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::{
    Kind, SECRET, ServerSettings, UNSET, forms,
    traced::{Fact, Facts, at, trace},
};

/// What the metaschema is called that the schemas keep to: the one that editors of TOML know.
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// A JSON schema of one kind of file, or of a part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema(Value);

impl Schema {
    /// What a type reads.
    pub fn of<T: DeserializeOwned>() -> Self {
        Self(node(&trace::<T>(), ""))
    }

    /// As JSON.
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// One of several settings, by its dotted name; made where it is not.
    pub(crate) fn with(mut self, name: &str, schema: Value) -> Self {
        if let Some(properties) = self.0.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(name.to_owned(), schema);
        }
        self
    }

    /// Without a setting that files do not have.
    pub(crate) fn without(mut self, table: &str, name: &str) -> Self {
        let properties = self.0.pointer_mut(&format!("/properties/{table}/properties"));
        if let Some(properties) = properties.and_then(Value::as_object_mut) {
            properties.remove(name);
        }
        self
    }

    /// Settings that every file says.
    pub(crate) fn needs(mut self, names: &[&str]) -> Self {
        if let Some(schema) = self.0.as_object_mut() {
            schema.insert("required".to_owned(), json!(names));
        }
        self
    }

    /// With where a secret is.
    pub(crate) fn with_secret(self) -> Self {
        let text = json!({"type": "string"});
        let secret = json!({
            "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
            "properties": {"file": text, "env": text, "credential": text},
            "description": "Where the secret is, on the machine where doorward apply runs; never the secret itself.",
        });
        self.with(SECRET, secret)
    }

    /// With the names of settings that may be nothing.
    fn with_unset(self) -> Self {
        let mut names = Vec::new();
        settings(&self.0, "", &mut names);
        let unset = json!({
            "type": "array", "items": {"enum": names},
            "description": "Settings that are nothing although they usually are something.",
        });
        self.with(UNSET, unset)
    }

    fn titled(mut self, place: &str) -> Self {
        if let Some(schema) = self.0.as_object_mut() {
            schema.insert("$schema".to_owned(), json!(DRAFT));
            schema.insert("title".to_owned(), json!(format!("Doorward: {place}")));
        }
        self
    }
}

/// Dotted names of all settings.
fn settings(schema: &Value, under: &str, names: &mut Vec<String>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, inner) in properties.into_iter().flatten() {
        let name = at(under, name);
        settings(inner, &name, names);
        names.push(name);
    }
}

/// The schema of every kind of file, by the name of its file or folder.
pub(crate) fn all(server: &dyn ServerSettings) -> &'static BTreeMap<&'static str, Schema> {
    // The same for as long as the program runs: types do not change, and presets are read at its start.
    static ALL: OnceLock<BTreeMap<&'static str, Schema>> = OnceLock::new();
    ALL.get_or_init(|| made(server))
}

fn made(server: &dyn ServerSettings) -> BTreeMap<&'static str, Schema> {
    let many = Kind::MANY.into_iter().chain(Kind::SINGLE).chain([Kind::Person]);
    many.map(|kind| {
        let schema = match kind {
            Kind::Application => forms::apps::schema(),
            Kind::Upstream => forms::upstreams::schema(),
            Kind::Group => forms::groups::schema(),
            Kind::Service => forms::services::schema(),
            Kind::Settings => server.schema(),
            Kind::Policies => Schema::of::<LoginPolicy>(),
            Kind::Registration | Kind::ClientRegistration | Kind::Terms => forms::single::schema(kind),
            Kind::Person => return (kind.place(), people().titled(kind.place())),
        };
        (kind.place(), schema.with_unset().titled(kind.place()))
    })
    .collect()
}

/// The file of people: tables of them.
fn people() -> Schema {
    let one = forms::people::schema().with_unset();
    Schema(json!({
        "type": "object", "additionalProperties": false,
        "properties": {"person": {"type": "array", "items": one.0}},
    }))
}

fn node(facts: &Facts, place: &str) -> Value {
    match facts.get(place) {
        None => json!({}),
        Some(Fact::Any(types)) if types.is_empty() || types.len() >= 6 => json!({}),
        Some(Fact::Any(types)) => json!({ "type": types }),
        Some(Fact::Flag) => json!({"type": "boolean"}),
        Some(Fact::Whole(Some(least))) => json!({"type": "integer", "minimum": least}),
        Some(Fact::Whole(None)) => json!({"type": "integer"}),
        Some(Fact::Number) => json!({"type": "number"}),
        Some(Fact::Text) => json!({"type": "string"}),
        Some(Fact::Choice(words)) => choice(facts, place, words),
        Some(Fact::List) => json!({"type": "array", "items": node(facts, &format!("{place}[]"))}),
        Some(Fact::Map) => {
            json!({"type": "object", "additionalProperties": node(facts, &format!("{place}{{}}"))})
        }
        Some(Fact::Table) => json!({"type": "object"}),
        Some(Fact::Struct(fields, needed)) => {
            let properties: Map<String, Value> = fields
                .iter()
                .map(|field| ((*field).to_owned(), node(facts, &at(place, field))))
                .collect();
            let mut schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
            if let Some(schema) = schema.as_object_mut().filter(|_| !needed.is_empty()) {
                schema.insert("required".to_owned(), json!(needed));
            }
            schema
        }
    }
}

fn choice(facts: &Facts, place: &str, words: &[(&'static str, bool)]) -> Value {
    let plain: Vec<&str> = words.iter().filter(|word| !word.1).map(|word| word.0).collect();
    let holding: Map<String, Value> = words
        .iter()
        .filter(|word| word.1)
        .map(|word| (word.0.to_owned(), node(facts, &at(place, word.0))))
        .collect();
    if holding.is_empty() {
        return json!({ "enum": plain });
    }
    let table = json!({
        "type": "object", "properties": holding, "additionalProperties": false, "minProperties": 1, "maxProperties": 1,
    });
    if plain.is_empty() {
        return table;
    }
    json!({"anyOf": [{"enum": plain}, table]})
}
