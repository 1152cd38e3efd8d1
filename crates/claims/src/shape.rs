//! The shapes that a claim may have on its way to an attribute.

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::admission::text;
use crate::reason::Code;

/// What a claim is read as. Whatever else it is refuses the login: a mapping that quietly writes `[object Object]` is worse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A text and nothing else.
    #[default]
    String,
    /// A text; a number or a boolean becomes one.
    Text,
    /// A number; a text that is one becomes one.
    Number,
    /// A boolean; the texts "true" and "false" become one.
    Boolean,
    /// A list; a single value becomes a list of one.
    List,
    /// A list of texts; a text is cut at its commas.
    Comma,
    /// A list of texts; a text is cut at its spaces.
    Space,
    /// What the JSON in a text says.
    Json,
    /// Any value as it is.
    AsIs,
}

/// Largest value that becomes an attribute, in bytes as JSON.
const MAX_BYTES: usize = 16 * 1024;

impl Shape {
    /// In words, for a reason.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::String => "text",
            Self::Text => "text, a number or a boolean",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::List => "a list or a single value",
            Self::Comma => "text with commas, or a list of texts",
            Self::Space => "text with spaces, or a list of texts",
            Self::Json => "text that holds JSON",
            Self::AsIs => "a value",
        }
    }

    /// Whether several values can be added to each other.
    pub(crate) const fn is_list(self) -> bool {
        matches!(self, Self::List | Self::Comma | Self::Space)
    }

    pub(crate) fn take(self, value: &Value) -> Result<Value, Code> {
        let mut room = Room(MAX_BYTES);
        serde_json::to_writer(&mut room, value).map_err(|_| Code::ClaimTooLarge)?;
        self.form(value).ok_or(Code::ClaimWrongType)
    }

    fn form(self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Self::AsIs, value) => Some(value.clone()),
            (Self::String, Value::String(_)) | (Self::Number, Value::Number(_)) | (Self::Boolean, Value::Bool(_)) => {
                Some(value.clone())
            }
            (Self::Text, value) => text(value).map(Value::String),
            (Self::Number, Value::String(text)) => text.parse::<Number>().ok().map(Value::Number),
            (Self::Boolean, Value::String(text)) => text.parse::<bool>().ok().map(Value::Bool),
            (Self::List, Value::Array(_)) => Some(value.clone()),
            (Self::List, Value::Object(_)) => None,
            (Self::List, single) => Some(Value::Array(vec![single.clone()])),
            (Self::Comma, Value::String(text)) => Some(texts(text.split(',').map(str::trim))),
            (Self::Space, Value::String(text)) => Some(texts(text.split_whitespace())),
            (Self::Comma | Self::Space, Value::Array(items)) => {
                items.iter().all(Value::is_string).then(|| value.clone())
            }
            (Self::Json, Value::String(text)) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }
}

fn texts<'t>(parts: impl Iterator<Item = &'t str>) -> Value {
    parts.filter(|part| !part.is_empty()).map(Value::from).collect()
}

/// Counts instead of writing.
struct Room(usize);

impl std::io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self
            .0
            .checked_sub(bytes.len())
            .ok_or_else(|| std::io::Error::other("too large"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
