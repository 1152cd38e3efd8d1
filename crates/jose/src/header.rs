//! The protected header of a compact JWS.

use serde_json::{Map, Value};

use crate::algorithm::names;
use crate::error::shown;
use crate::verify::{UnknownMembers, VerificationPolicy};
use crate::{Algorithm, JoseError, strict_json};

/// A header that passed a policy (or, from [`crate::peek_unverified`], one that only could be read).
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The algorithm, one that the policy allows.
    pub alg: Algorithm,
    /// Which key signed.
    pub kid: Option<String>,
    /// The media type of the whole token, as sent.
    pub typ: Option<String>,
    /// The members beyond these three that the policy let pass. Never a source of keys.
    pub extra: Map<String, Value>,
}

impl Header {
    /// Reads a decoded header: JSON, `crit`, `b64`, `alg`, `typ`, `kid`.
    pub(crate) fn parse(bytes: &[u8], algorithms: &[Algorithm]) -> Result<Self, JoseError> {
        let mut members = strict_json::parse_object(bytes, "header")?;
        if let Some(extensions) = members.get("crit") {
            return Err(JoseError::CriticalExtension {
                members: shown(&extensions.to_string()),
            });
        }
        // RFC 7797 §6: without `crit` it has no meaning, and a peer that honours it sees other bytes than we do.
        if members.contains_key("b64") {
            return Err(JoseError::UnknownHeaderMember { member: shown("b64") });
        }
        let alg = read_algorithm(members.remove("alg"), algorithms)?;
        let typ = text(members.remove("typ"), "typ")?;
        let kid = text(members.remove("kid"), "kid")?;
        Ok(Self {
            alg,
            kid,
            typ,
            extra: members,
        })
    }

    /// Whether `typ` and the other members are what the policy lets pass.
    pub(crate) fn obeys(&self, policy: &VerificationPolicy<'_>) -> Result<(), JoseError> {
        policy.typ.check(self.typ.as_deref())?;
        if let UnknownMembers::RefusedExcept(known) = policy.unknown_members
            && let Some(member) = self.extra.keys().find(|name| !known.contains(&name.as_str()))
        {
            return Err(JoseError::UnknownHeaderMember { member: shown(member) });
        }
        Ok(())
    }
}

fn read_algorithm(member: Option<Value>, allowed: &[Algorithm]) -> Result<Algorithm, JoseError> {
    let name = text(member, "alg")?.ok_or(JoseError::HeaderMember {
        member: "alg",
        expected: "present",
    })?;
    Algorithm::from_name(&name)
        .filter(|algorithm| allowed.contains(algorithm))
        .ok_or_else(|| JoseError::AlgorithmNotAllowed {
            received: shown(&name),
            allowed: names(allowed),
        })
}

fn text(member: Option<Value>, name: &'static str) -> Result<Option<String>, JoseError> {
    match member {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JoseError::HeaderMember {
            member: name,
            expected: "a string",
        }),
    }
}
