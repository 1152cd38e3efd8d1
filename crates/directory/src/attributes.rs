//! Attributes of a user: the standard claims that are not fields of their own, and custom ones.

use std::collections::BTreeMap;

use doorward_oidc::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{INVALID_USER, shortened};

/// The type a standard claim has (OpenID Connect Core §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Text,
    Flag,
    Address,
}

/// Standard claims kept as attributes. `sub`, `name`, `preferred_username`, `email`, `email_verified` and `updated_at` come from
/// the user's own fields.
pub const STANDARD_ATTRIBUTES: &[&str] = &[
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "address",
];

/// Members of the `address` claim (OpenID Connect Core §5.1.1).
const ADDRESS_MEMBERS: &[&str] = &[
    "formatted",
    "street_address",
    "locality",
    "region",
    "postal_code",
    "country",
];

/// Names that no attribute may have: fields of the user, and what the protocol itself puts into a token.
const RESERVED: &[&str] = &[
    "sub",
    "iss",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "acr",
    "amr",
    "auth_time",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "cnf",
    "scope",
    "client_id",
    "name",
    "preferred_username",
    "email",
    "email_verified",
    "updated_at",
    "groups",
];

const MAX_DOCUMENT_BYTES: usize = 16 * 1024;
const MAX_NAME_BYTES: usize = 64;
const MAX_DEPTH: usize = 6;

fn shape(name: &str) -> Option<Shape> {
    match name {
        "address" => Some(Shape::Address),
        "phone_number_verified" => Some(Shape::Flag),
        _ if STANDARD_ATTRIBUTES.contains(&name) => Some(Shape::Text),
        _ => None,
    }
}

/// Named JSON values, checked: standard claims have their standard types, the whole document has at most 16 KiB and six
/// levels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(BTreeMap<String, Value>);

impl Attributes {
    /// No attributes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether an attribute may have this name.
    pub fn may_be_named(name: &str) -> bool {
        check_name(name).is_ok()
    }

    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// An attribute that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets an attribute, unchecked until it is stored.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.insert(name.into(), value.into());
    }

    /// Applies changes: `null` removes, everything else replaces.
    pub(crate) fn merge(&mut self, changes: &BTreeMap<String, Value>) {
        for (name, value) in changes {
            if value.is_null() {
                self.0.remove(name);
            } else {
                self.0.insert(name.clone(), value.clone());
            }
        }
    }

    /// Checks everything the type promises; called before storing.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        for (name, value) in &self.0 {
            check_name(name)?;
            check_value(name, value)?;
        }
        let bytes = self.to_json().len();
        if bytes > MAX_DOCUMENT_BYTES {
            return Err(refused(format!(
                "the attributes have {bytes} bytes as JSON, at most {MAX_DOCUMENT_BYTES} are allowed"
            )));
        }
        Ok(())
    }

    pub(crate) fn to_json(&self) -> String {
        Value::Object(
            self.0
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
        .to_string()
    }

    pub(crate) fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }
}

fn refused(detail: String) -> Refusal {
    Refusal::response(&INVALID_USER, detail)
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let well_formed = !name.is_empty()
        && name.len() <= MAX_NAME_BYTES
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':' | b'/'));
    if !well_formed {
        return Err(refused(format!("attribute name {:?} cannot be used", shortened(name)))
            .with_remedy("Use 1 to 64 letters, digits, `_`, `-`, `.`, `:` or `/`."));
    }
    if RESERVED.contains(&name) {
        let remedy = match name {
            "name" => "Set the full name instead (`--name`).",
            "preferred_username" => "Rename the user instead (`--rename`).",
            "email" | "email_verified" => "Set the e-mail address of the user instead (`--email`).",
            "groups" => "Put the user into groups instead.",
            _ => "Choose another name; an application's claim rules can still put it anywhere.",
        };
        return Err(refused(format!("`{name}` is set by the server and cannot be an attribute")).with_remedy(remedy));
    }
    Ok(())
}

fn check_value(name: &str, value: &Value) -> Result<(), Refusal> {
    match shape(name) {
        Some(Shape::Text) if !value.is_string() => Err(refused(format!("`{name}` must be text"))),
        Some(Shape::Flag) if !value.is_boolean() => Err(refused(format!("`{name}` must be true or false"))),
        Some(Shape::Address) => check_address(value),
        None if depth(value) > MAX_DEPTH => Err(refused(format!("`{name}` is nested deeper than {MAX_DEPTH} levels"))),
        Some(_) | None => Ok(()),
    }
}

fn check_address(value: &Value) -> Result<(), Refusal> {
    let Some(members) = value.as_object() else {
        return Err(refused(
            "`address` must be an object (OpenID Connect Core 5.1.1)".to_owned(),
        ));
    };
    for (name, value) in members {
        if !ADDRESS_MEMBERS.contains(&name.as_str()) {
            return Err(refused(format!("`address` has no member {:?}", shortened(name)))
                .with_remedy(format!("Its members are {}.", ADDRESS_MEMBERS.join(", "))));
        }
        if !value.is_string() {
            return Err(refused(format!("`address.{name}` must be text")));
        }
    }
    Ok(())
}

/// Levels of arrays and objects. Recursion is bounded: serde_json refuses input nested deeper than 128 levels.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

impl FromIterator<(String, Value)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn one(name: &str, value: Value) -> Attributes {
        [(name.to_owned(), value)].into_iter().collect()
    }

    #[test]
    fn standard_claims_keep_their_standard_types() {
        assert!(one("given_name", json!("Alice")).check().is_ok());
        assert!(one("given_name", json!(["Alice"])).check().is_err());
        assert!(one("phone_number_verified", json!(true)).check().is_ok());
        assert!(one("phone_number_verified", json!("true")).check().is_err());
        assert!(one("address", json!({"locality": "Ulm"})).check().is_ok());
        assert!(one("address", json!({"town": "Ulm"})).check().is_err());
        assert!(one("address", json!("Ulm")).check().is_err());
    }

    #[test]
    fn what_the_server_sets_cannot_be_an_attribute() {
        for name in RESERVED {
            assert!(one(name, json!("x")).check().is_err(), "{name}");
        }
    }

    #[test]
    fn custom_attributes_are_bounded_in_name_depth_and_size() {
        assert!(one("department", json!({"unit": ["a", {"b": 1}]})).check().is_ok());
        assert!(one("", json!(1)).check().is_err());
        assert!(one("a b", json!(1)).check().is_err());
        assert!(one("deep", json!([[[[[[1]]]]]])).check().is_ok());
        assert!(one("deep", json!([[[[[[[1]]]]]]])).check().is_err());
        assert!(one("big", json!("x".repeat(MAX_DOCUMENT_BYTES))).check().is_err());
    }

    #[test]
    fn null_removes_and_everything_else_stays() {
        let mut attributes = one("locale", json!("de"));
        attributes.set("department", "net");
        attributes.merge(&BTreeMap::from([
            ("locale".to_owned(), Value::Null),
            ("floor".to_owned(), json!(3)),
        ]));
        assert_eq!(attributes.to_json(), r#"{"department":"net","floor":3}"#);
    }
}
