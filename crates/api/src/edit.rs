//! The three things a change can say about a member that may be empty.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Keep (the member is absent), clear (`null`) or set it. Use with
/// `#[serde(default, skip_serializing_if = "Edit::is_keep")]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Edit<T> {
    /// The member is absent: leave what is there.
    #[default]
    Keep,
    /// The member is `null`: remove what is there.
    Clear,
    /// Put this in its place.
    Set(T),
}

impl<T> Edit<T> {
    /// Whether nothing is to change.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Carries the change out on what is there.
    pub fn apply(self, current: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *current = None,
            Self::Set(value) => *current = Some(value),
        }
    }

    /// From what a caller may have given: absent keeps, an empty value clears.
    pub fn from_given(given: Option<T>, is_empty: impl FnOnce(&T) -> bool) -> Self {
        match given {
            None => Self::Keep,
            Some(value) if is_empty(&value) => Self::Clear,
            Some(value) => Self::Set(value),
        }
    }

    /// The same change of another type.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Edit<U> {
        match self {
            Self::Keep => Edit::Keep,
            Self::Clear => Edit::Clear,
            Self::Set(value) => Edit::Set(f(value)),
        }
    }
}

impl<T: Serialize> Serialize for Edit<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Clear => serializer.serialize_none(),
            Self::Set(value) => serializer.serialize_some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Edit<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::deserialize(deserializer)? {
            None => Self::Clear,
            Some(value) => Self::Set(value),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Probe {
        #[serde(default, skip_serializing_if = "Edit::is_keep")]
        email: Edit<String>,
    }

    #[test]
    fn absent_keeps_null_clears_and_a_value_sets() {
        for (text, expected) in [
            ("{}", Edit::Keep),
            (r#"{"email":null}"#, Edit::Clear),
            (r#"{"email":"a@b"}"#, Edit::Set("a@b".to_owned())),
        ] {
            let parsed: Probe = serde_json::from_str(text).unwrap();
            assert_eq!(parsed.email, expected);
            assert_eq!(serde_json::to_string(&parsed).unwrap(), text);
        }
    }
}
