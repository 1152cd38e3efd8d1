//! The `authorization_details` parameter: what exactly an application wants to do, in objects of registered types
//! (RFC 9396 §2).

use doorward_jose::parse_value;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Parameters, Refusal, catalogue};

/// One thing that an application wants to do: an object with a `type`, whose other members are the type's business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthorizationDetail(Map<String, Value>);

impl AuthorizationDetail {
    /// Its type.
    pub fn kind(&self) -> &str {
        self.0.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    /// The members beside the type, as an application wrote them.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Value)> {
        let members = self.0.iter().filter(|(name, _)| *name != "type");
        members.map(|(name, value)| (name.as_str(), value))
    }
}

/// Everything of one request, in its order. Its `Display` is the JSON text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthorizationDetails(Vec<AuthorizationDetail>);

impl AuthorizationDetails {
    /// Largest parameter in bytes.
    pub const MAX_BYTES: usize = 8 * 1024;
    /// Most objects of one request: a person is asked about each.
    pub const MOST: usize = 16;
    /// Longest type in bytes.
    pub const MAX_TYPE: usize = 128;

    /// Reads the parameter of a request; `None` when there is none.
    ///
    /// # Errors
    /// [`catalogue::AUTHORIZATION_DETAILS_MALFORMED`].
    pub fn read(parameters: &Parameters) -> Result<Option<Self>, Refusal> {
        parameters.find("authorization_details").map(Self::parse).transpose()
    }

    /// Reads its JSON text.
    ///
    /// # Errors
    /// [`catalogue::AUTHORIZATION_DETAILS_MALFORMED`]: too large, not an array of objects, one without a type, or a member
    /// that comes twice.
    pub fn parse(json: &str) -> Result<Self, Refusal> {
        if json.len() > Self::MAX_BYTES {
            return Err(malformed(format!(
                "expected at most {} bytes, got {}",
                Self::MAX_BYTES,
                json.len()
            )));
        }
        let value =
            parse_value(json.as_bytes(), "authorization_details").map_err(|error| malformed(error.to_string()))?;
        let Value::Array(entries) = value else {
            return Err(malformed("expected an array of objects".to_owned()));
        };
        if entries.len() > Self::MOST {
            return Err(malformed(format!(
                "expected at most {} objects, got {}",
                Self::MOST,
                entries.len()
            )));
        }
        entries.into_iter().map(detail).collect::<Result<_, _>>().map(Self)
    }

    /// Each object.
    pub fn iter(&self) -> impl Iterator<Item = &AuthorizationDetail> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those whose type is one of these.
    #[must_use]
    pub fn of_types(&self, known: &[String]) -> Self {
        let is_known = |one: &&AuthorizationDetail| known.iter().any(|kind| kind == one.kind());
        Self(self.0.iter().filter(is_known).cloned().collect())
    }

    /// Whether each of these is one of the others, member by member.
    pub fn is_part_of(&self, others: &Self) -> bool {
        self.0.iter().all(|one| others.0.contains(one))
    }
}

impl std::fmt::Display for AuthorizationDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Plain data: it always has a JSON form.
        f.write_str(&serde_json::to_string(&self.0).unwrap_or_default())
    }
}

fn detail(entry: Value) -> Result<AuthorizationDetail, Refusal> {
    let Value::Object(members) = entry else {
        return Err(malformed("expected an object in the array".to_owned()));
    };
    match members.get("type") {
        Some(Value::String(kind)) if (1..=AuthorizationDetails::MAX_TYPE).contains(&kind.len()) => {
            Ok(AuthorizationDetail(members))
        }
        _ => Err(malformed(format!(
            "expected a `type` of 1 to {} bytes in each object",
            AuthorizationDetails::MAX_TYPE
        ))),
    }
}

fn malformed(detail: String) -> Refusal {
    Refusal::redirect(&catalogue::AUTHORIZATION_DETAILS_MALFORMED, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_with_a_type_are_read_and_written_alike() {
        let text = r#"[{"type":"payment","amount":{"value":"12.50"}},{"type":"account"}]"#;
        let details = AuthorizationDetails::parse(text).unwrap();
        assert_eq!(AuthorizationDetails::parse(&details.to_string()).unwrap(), details);
        let first = details.iter().next().unwrap();
        assert_eq!(first.kind(), "payment");
        assert_eq!(first.members().map(|(name, _)| name).collect::<Vec<_>>(), ["amount"]);
        let less = AuthorizationDetails::parse(r#"[{"type":"account"}]"#).unwrap();
        assert!(less.is_part_of(&details) && !details.is_part_of(&less));
    }

    #[test]
    fn what_is_no_array_of_typed_objects_is_refused() {
        let deep = format!(r#"[{{"type":"t","x":{}{}}}]"#, "[".repeat(20), "]".repeat(20));
        let long = format!(r#"[{{"type":"{}"}}]"#, "x".repeat(129));
        let many = format!("[{}]", vec![r#"{"type":"t"}"#; 17].join(","));
        let large = format!(
            r#"[{{"type":"t","x":"{}"}}]"#,
            "x".repeat(AuthorizationDetails::MAX_BYTES)
        );
        for bad in [
            "",
            "{}",
            "[1]",
            "[{}]",
            r#"[{"type":1}]"#,
            r#"[{"type":""}]"#,
            r#"[{"type":"a","type":"b"}]"#,
            "[{\"type\":\"a\"}] x",
            &deep,
            &long,
            &many,
            &large,
        ] {
            let refused = AuthorizationDetails::parse(bad).unwrap_err();
            assert_eq!(refused.kind.oauth, "invalid_authorization_details", "{bad:.60}");
        }
    }
}
