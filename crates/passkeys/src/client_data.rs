//! clientDataJSON (Web Authentication §5.8.1): what the browser itself says of the ceremony. The only place where the
//! origin stands, so the only protection against a page that only looks like ours.

use doorward_jose::{base64url, constant_time_eq, parse_object, sha256};
use serde_json::{Map, Value};

use crate::{
    Ceremony, PasskeyError,
    error::{from_jose, json, shown},
};

const WHAT: &str = "clientDataJSON";
/// A challenge and an origin: some 200 bytes.
const MAX_BYTES: usize = 4096;

/// Which ceremony the browser performed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientDataType {
    /// `webauthn.create`.
    Create,
    /// `webauthn.get`.
    Get,
}

impl ClientDataType {
    /// The word in the JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// The members that count. Others may be there, and mean nothing (§5.8.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientData {
    kind: String,
    challenge: Vec<u8>,
    origin: String,
    is_cross_origin: bool,
    hash: [u8; 32],
}

impl ClientData {
    /// Parses the bytes as they came: their hash is what is signed.
    ///
    /// # Errors
    /// [`PasskeyError::TooLarge`], [`PasskeyError::Json`].
    pub fn parse(bytes: &[u8]) -> Result<Self, PasskeyError> {
        if bytes.len() > MAX_BYTES {
            return Err(PasskeyError::TooLarge {
                what: WHAT,
                received: bytes.len(),
                limit: MAX_BYTES,
            });
        }
        let members = parse_object(bytes, WHAT).map_err(from_jose(WHAT))?;
        let challenge = text(&members, "challenge")?;
        let challenge = base64url::decode(challenge).map_err(|_| json(WHAT, "the challenge is not base64url"))?;
        let is_cross_origin = match members.get("crossOrigin") {
            None => false,
            Some(Value::Bool(is)) => *is,
            Some(_) => return Err(json(WHAT, "crossOrigin is not a boolean")),
        };
        Ok(Self {
            kind: text(&members, "type")?.to_owned(),
            challenge,
            origin: text(&members, "origin")?.to_owned(),
            is_cross_origin: is_cross_origin || members.contains_key("topOrigin"),
            hash: sha256(bytes),
        })
    }

    /// The challenge that the browser was given.
    pub fn challenge(&self) -> &[u8] {
        &self.challenge
    }

    /// The page that asked.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// SHA-256 of the bytes as they came.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// §7.1 steps 7 to 12, §7.2 steps 11 to 15.
    pub(crate) fn is_of(&self, kind: ClientDataType, ceremony: &Ceremony<'_>) -> Result<(), PasskeyError> {
        if self.kind != kind.as_str() {
            return Err(PasskeyError::WrongType {
                expected: kind.as_str(),
                received: shown(&self.kind),
            });
        }
        if !constant_time_eq(&self.challenge, ceremony.challenge) {
            return Err(PasskeyError::WrongChallenge);
        }
        let expected = ceremony.relying_party.origin();
        if self.origin != expected {
            return Err(PasskeyError::WrongOrigin {
                expected: expected.to_owned(),
                received: shown(&self.origin),
            });
        }
        if self.is_cross_origin {
            return Err(PasskeyError::CrossOrigin);
        }
        Ok(())
    }
}

fn text<'m>(members: &'m Map<String, Value>, name: &str) -> Result<&'m str, PasskeyError> {
    members
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| json(WHAT, format!("{name} is not text, or absent")))
}
