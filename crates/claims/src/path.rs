//! Where a claim is: a name, a JSON pointer (RFC 6901), or a list of names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::ClaimError;

/// A path into a set of claims. As text, `/realm_access/roles` is a JSON pointer and anything without a leading slash is
/// one name, dots and all; as JSON it may also be a list of names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimPath(Vec<String>);

impl ClaimPath {
    /// Deepest path.
    pub const MAX_SEGMENTS: usize = 8;
    /// Longest path, all names together, in bytes.
    pub const MAX_BYTES: usize = 256;

    /// One name, whatever characters it has.
    ///
    /// # Errors
    /// Empty or too long.
    pub fn name(name: impl Into<String>) -> Result<Self, ClaimError> {
        Self::from_segments(vec![name.into()])
    }

    /// A name of our own.
    pub(crate) fn fixed(name: &'static str) -> Self {
        Self(vec![name.to_owned()])
    }

    /// A list of names from the outside in.
    ///
    /// # Errors
    /// No name at all, an empty first name, too many, or too long.
    pub fn from_segments(segments: Vec<String>) -> Result<Self, ClaimError> {
        if segments.first().is_none_or(String::is_empty) {
            return Err(ClaimError::EmptyPath);
        }
        if segments.len() > Self::MAX_SEGMENTS || segments.iter().map(String::len).sum::<usize>() > Self::MAX_BYTES {
            return Err(ClaimError::PathTooLong);
        }
        Ok(Self(segments))
    }

    /// The names from the outside in; never empty.
    pub fn segments(&self) -> &[String] {
        &self.0
    }

    /// The outermost name: the claim itself.
    pub fn claim(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// The value at this path. In an array a name is an index (RFC 6901 §4).
    pub fn find<'v>(&self, claims: &'v Map<String, Value>) -> Option<&'v Value> {
        let (first, rest) = self.0.split_first()?;
        rest.iter().try_fold(claims.get(first)?, |value, name| match value {
            Value::Object(members) => members.get(name),
            Value::Array(items) => items.get(index(name)?),
            _ => None,
        })
    }

    /// Puts a value at this path, making the objects on the way. What was there is replaced.
    ///
    /// # Errors
    /// [`ClaimError::NotAnObject`] when something else is on the way; then nothing has changed.
    pub fn insert(&self, claims: &mut Map<String, Value>, value: Value) -> Result<(), ClaimError> {
        self.is_free(claims)?;
        let Some((last, outer)) = self.0.split_last() else {
            return Err(ClaimError::EmptyPath);
        };
        let mut members = claims;
        for name in outer {
            let next = members.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
            members = next.as_object_mut().ok_or(ClaimError::EmptyPath)?;
        }
        members.insert(last.clone(), value);
        Ok(())
    }

    /// Whether only objects, or nothing, are on the way.
    fn is_free(&self, claims: &Map<String, Value>) -> Result<(), ClaimError> {
        let mut members = claims;
        let outer = self.0.len() - 1;
        for (depth, name) in self.0.iter().take(outer).enumerate() {
            match members.get(name) {
                None => return Ok(()),
                Some(Value::Object(inner)) => members = inner,
                Some(_) => {
                    return Err(ClaimError::NotAnObject {
                        path: self.to_string(),
                        at: Self(self.0.iter().take(depth + 1).cloned().collect()).to_string(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// An array index without leading zeros (RFC 6901 §4).
fn index(name: &str) -> Option<usize> {
    let canonical = name == "0" || !name.starts_with('0');
    (canonical && name.bytes().all(|byte| byte.is_ascii_digit())).then(|| name.parse().ok())?
}

impl FromStr for ClaimPath {
    type Err = ClaimError;

    fn from_str(text: &str) -> Result<Self, ClaimError> {
        let Some(pointer) = text.strip_prefix('/') else {
            return Self::name(text);
        };
        if text.len() > 2 * Self::MAX_BYTES {
            return Err(ClaimError::PathTooLong);
        }
        pointer
            .split('/')
            .map(unescape)
            .collect::<Result<_, _>>()
            .and_then(Self::from_segments)
    }
}

fn unescape(segment: &str) -> Result<String, ClaimError> {
    let mut name = String::with_capacity(segment.len());
    let mut characters = segment.chars();
    while let Some(character) = characters.next() {
        name.push(match character {
            '~' => match characters.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err(ClaimError::PointerEscape),
            },
            other => other,
        });
    }
    Ok(name)
}

impl fmt::Display for ClaimPath {
    /// A single name as it is, unless it could be taken for a pointer; anything else as a JSON pointer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [name] if !name.starts_with('/') => f.write_str(name),
            segments => segments
                .iter()
                .try_for_each(|name| write!(f, "/{}", name.replace('~', "~0").replace('/', "~1"))),
        }
    }
}

impl Serialize for ClaimPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ClaimPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a claim name, a JSON pointer, or a list of names")]
        enum Wire {
            Text(String),
            List(Vec<String>),
        }
        match Wire::deserialize(deserializer)? {
            Wire::Text(text) => text.parse(),
            Wire::List(segments) => Self::from_segments(segments),
        }
        .map_err(serde::de::Error::custom)
    }
}
