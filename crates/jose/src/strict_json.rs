//! JSON from strangers: objects that name a member twice are refused, and depth is bounded. A parser that takes the
//! last of two members and a peer that takes the first do not see the same token.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::JoseError;
use crate::error::shown;

/// How deeply arrays and objects may nest. Real tokens use three or four levels.
const DEEPEST: usize = 16;

/// Parses one JSON object and nothing after it. `what` names the part in errors ("payload").
pub fn parse_object(bytes: &[u8], what: &'static str) -> Result<Map<String, Value>, JoseError> {
    match parse_value(bytes, what)? {
        Value::Object(members) => Ok(members),
        _ => Err(JoseError::Json {
            what,
            detail: "expected an object".to_owned(),
        }),
    }
}

/// Parses one JSON value and nothing after it. `what` names the part in errors ("payload").
pub fn parse_value(bytes: &[u8], what: &'static str) -> Result<Value, JoseError> {
    let flaw = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    Strict { depth: 0, flaw: &flaw }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| match flaw.take() {
            Some(Flaw::Duplicate(member)) => JoseError::DuplicateMember {
                what,
                member: shown(&member),
            },
            Some(Flaw::Depth) => JoseError::Json {
                what,
                detail: format!("nested more than {DEEPEST} levels deep"),
            },
            // serde_json's own words may quote the content, which may be secret: only the place is kept.
            None => JoseError::Json {
                what,
                detail: format!("line {}, column {}", error.line(), error.column()),
            },
        })
}

enum Flaw {
    Duplicate(String),
    Depth,
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    flaw: &'a RefCell<Option<Flaw>>,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= DEEPEST {
            self.flaw.replace(Some(Flaw::Depth));
            return Err(E::custom("too deep"));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut out = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut out = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if out.contains_key(&name) {
                self.flaw.replace(Some(Flaw::Duplicate(name)));
                return Err(A::Error::custom("duplicate member"));
            }
            let value = members.next_value_seed(inner)?;
            out.insert(name, value);
        }
        Ok(Value::Object(out))
    }
}

/// An object read with the same rules through any serde format; for `Deserialize` implementations.
pub(crate) struct StrictObject(pub(crate) Map<String, Value>);

impl<'de> serde::Deserialize<'de> for StrictObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let flaw = RefCell::new(None);
        match (Strict { depth: 0, flaw: &flaw }).deserialize(deserializer)? {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(D::Error::custom("expected an object")),
        }
    }
}
