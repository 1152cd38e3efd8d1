//! The claims about a person that go into a token, beside those that the protocol sets itself.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{ClaimError, ClaimPath};

/// Claims that carry the protocol. Whoever could set them could speak for another issuer, person or time.
const PROTOCOL_CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "azp",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "scope",
    "client_id",
    "cnf",
    "act",
    "may_act",
    "events",
    "active",
    "token_type",
    "token_use",
    "_claim_names",
    "_claim_sources",
];

/// Whether a claim belongs to the protocol, so that no rule may set it.
pub fn is_protocol_claim(name: &str) -> bool {
    PROTOCOL_CLAIMS.contains(&name)
}

/// Claims about a person. It never holds a protocol claim, so it can be merged into a token as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ClaimSet(Map<String, Value>);

impl ClaimSet {
    /// Puts a value at a path and replaces what was there.
    ///
    /// # Errors
    /// A protocol claim, or something on the way that is not an object; then nothing has changed.
    pub fn insert(&mut self, path: &ClaimPath, value: Value) -> Result<(), ClaimError> {
        if is_protocol_claim(path.claim()) {
            return Err(ClaimError::ProtocolClaim(path.claim().to_owned()));
        }
        path.insert(&mut self.0, value)
    }

    /// Puts a top-level claim.
    ///
    /// # Errors
    /// As [`ClaimSet::insert`].
    pub fn set(&mut self, claim: &str, value: impl Into<Value>) -> Result<(), ClaimError> {
        self.insert(&ClaimPath::name(claim)?, value.into())
    }

    /// Adds the members of a list to a list that is there already, each once; otherwise as [`ClaimSet::insert`].
    ///
    /// # Errors
    /// As [`ClaimSet::insert`].
    pub fn merge(&mut self, path: &ClaimPath, value: Value) -> Result<(), ClaimError> {
        let (Some(Value::Array(before)), Value::Array(added)) = (self.find(path), &value) else {
            return self.insert(path, value);
        };
        let mut all = before.clone();
        all.extend(added.iter().filter(|item| !before.contains(item)).cloned());
        self.insert(path, Value::Array(all))
    }

    /// The value at a path.
    pub fn find(&self, path: &ClaimPath) -> Option<&Value> {
        path.find(&self.0)
    }

    /// Keeps the top-level claims for which the question is answered with yes.
    pub fn retain(&mut self, mut keep: impl FnMut(&str) -> bool) {
        self.0.retain(|name, _| keep(name));
    }

    /// All claims.
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// All claims, given away.
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }
}
