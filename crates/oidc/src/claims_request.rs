//! The `claims` parameter: single claims asked for by name (OpenID Connect Core §5.5).

use std::collections::BTreeMap;

use doorward_jose::parse_object;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Refusal, catalogue};

/// Which claims the client asked for, and where. Members of the parameter that we do not know are ignored (§5.5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct ClaimsRequest {
    /// For the userinfo response.
    #[serde(skip_serializing_if = "RequestedClaims::is_empty")]
    pub userinfo: RequestedClaims,
    /// For the ID token.
    #[serde(skip_serializing_if = "RequestedClaims::is_empty")]
    pub id_token: RequestedClaims,
}

impl ClaimsRequest {
    /// Largest parameter in bytes.
    pub const MAX_BYTES: usize = 8 * 1024;
    /// Largest number of claims in each of the two lists.
    pub const MAX_CLAIMS: usize = 100;

    /// Reads the parameter.
    ///
    /// # Errors
    /// [`catalogue::CLAIMS_REQUEST_MALFORMED`]: too large, not such an object, or a member that comes twice.
    pub fn parse(json: &str) -> Result<Self, Refusal> {
        let refuse = |detail: String| Refusal::redirect(&catalogue::CLAIMS_REQUEST_MALFORMED, detail);
        if json.len() > Self::MAX_BYTES {
            let (max, got) = (Self::MAX_BYTES, json.len());
            return Err(refuse(format!("expected at most {max} bytes, got {got}")));
        }
        let members = parse_object(json.as_bytes(), "claims").map_err(|error| refuse(error.to_string()))?;
        Self::try_from(members).map_err(refuse)
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }
}

/// Claim name → how it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RequestedClaims(BTreeMap<String, RequestedClaim>);

impl RequestedClaims {
    /// How a claim is asked for.
    pub fn find(&self, claim: &str) -> Option<&RequestedClaim> {
        self.0.get(claim)
    }

    /// Names and wishes, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RequestedClaim)> {
        self.0.iter().map(|(name, claim)| (name.as_str(), claim))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, RequestedClaim)> for RequestedClaims {
    fn from_iter<I: IntoIterator<Item = (String, RequestedClaim)>>(claims: I) -> Self {
        Self(claims.into_iter().collect())
    }
}

/// One claim; `null` on the wire means "voluntary, any value" (§5.5.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RequestedClaim {
    /// The client says that it cannot do without. Never an error for us when it is missing (§5.5.1).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The values, in order of preference; empty means any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl RequestedClaim {
    /// Whether `value` is one that was asked for.
    pub fn accepts(&self, value: &Value) -> bool {
        self.values.is_empty() || self.values.contains(value)
    }
}

impl TryFrom<Map<String, Value>> for ClaimsRequest {
    type Error = String;

    fn try_from(mut members: Map<String, Value>) -> Result<Self, String> {
        Ok(Self {
            userinfo: requested("userinfo", members.remove("userinfo"))?,
            id_token: requested("id_token", members.remove("id_token"))?,
        })
    }
}

fn requested(list: &str, value: Option<Value>) -> Result<RequestedClaims, String> {
    let members = match value {
        None | Some(Value::Null) => return Ok(RequestedClaims::default()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(format!("expected an object or null in `{list}`")),
    };
    if members.len() > ClaimsRequest::MAX_CLAIMS {
        let (max, got) = (ClaimsRequest::MAX_CLAIMS, members.len());
        return Err(format!("expected at most {max} claims in `{list}`, got {got}"));
    }
    let claims = members.into_iter().map(|(name, value)| {
        let claim = claim(value).map_err(|expected| format!("expected {expected} in a claim of `{list}`"))?;
        Ok((name, claim))
    });
    claims.collect()
}

fn claim(value: Value) -> Result<RequestedClaim, &'static str> {
    let mut members = match value {
        Value::Null => return Ok(RequestedClaim::default()),
        Value::Object(members) => members,
        _ => return Err("an object or null"),
    };
    let essential = match members.remove("essential") {
        None => false,
        Some(Value::Bool(essential)) => essential,
        Some(_) => return Err("true or false as `essential`"),
    };
    let values = match (members.remove("value"), members.remove("values")) {
        (None, None) => Vec::new(),
        (Some(value), None) => vec![value],
        (None, Some(Value::Array(values))) => values,
        (None, Some(_)) => return Err("a list as `values`"),
        (Some(_), Some(_)) => return Err("`value` or `values`, not both,"),
    };
    Ok(RequestedClaim { essential, values })
}
