//! The `claims` parameter: single claims asked for by name (OpenID Connect Core §5.5).

use std::collections::BTreeMap;

use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Refusal, catalogue};

/// Which claims the client asked for, and where. Members of the parameter that we do not know are ignored (§5.5).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// For the userinfo response.
    #[serde(default, skip_serializing_if = "RequestedClaims::is_empty")]
    pub userinfo: RequestedClaims,
    /// For the ID token.
    #[serde(default, skip_serializing_if = "RequestedClaims::is_empty")]
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
        serde_json::from_str(json).map_err(|error| {
            refuse(format!(
                "expected an object with `userinfo` and `id_token` (OpenID Connect Core §5.5): {error}"
            ))
        })
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

impl<'de> Deserialize<'de> for RequestedClaim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Wire {
            #[serde(default)]
            essential: bool,
            value: Option<Value>,
            #[serde(default)]
            values: Vec<Value>,
        }
        let Some(wire) = Option::<Wire>::deserialize(deserializer)? else {
            return Ok(Self::default());
        };
        let values = match wire.value {
            Some(_) if !wire.values.is_empty() => {
                return Err(D::Error::custom("`value` and `values` exclude each other"));
            }
            Some(value) => vec![value],
            None => wire.values,
        };
        Ok(Self {
            essential: wire.essential,
            values,
        })
    }
}

impl<'de> Deserialize<'de> for RequestedClaims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = RequestedClaims;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object with claim names")
            }

            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(RequestedClaims::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut claims = BTreeMap::new();
                while let Some((name, claim)) = map.next_entry::<String, RequestedClaim>()? {
                    if claims.len() == ClaimsRequest::MAX_CLAIMS {
                        return Err(A::Error::custom(format!(
                            "at most {} claims",
                            ClaimsRequest::MAX_CLAIMS
                        )));
                    }
                    if claims.insert(name, claim).is_some() {
                        return Err(A::Error::custom("a claim is asked for twice"));
                    }
                }
                Ok(RequestedClaims(claims))
            }
        }
        deserializer.deserialize_any(Members)
    }
}
