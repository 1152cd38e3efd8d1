//! The JSON that browsers make of their answers (`PublicKeyCredential.toJSON()`, Web Authentication §5.1).

use doorward_jose::{base64url, parse_object};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    PasskeyError,
    error::{from_jose, json},
};

/// An attestation object with certificates in base64, twice: browsers add `authenticatorData` and `publicKey` again.
const MAX_BYTES: usize = 96 * 1024;
const WHAT: &str = "the browser's answer";

/// How a device is reached (Web Authentication §5.8.4); a hint for the browser's dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// Plugged in.
    Usb,
    /// Held against the reader.
    Nfc,
    /// Bluetooth.
    Ble,
    /// A contact card.
    SmartCard,
    /// Another device, by a code on the screen.
    Hybrid,
    /// This device itself.
    Internal,
}

impl Transport {
    /// The word of the specification.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usb => "usb",
            Self::Nfc => "nfc",
            Self::Ble => "ble",
            Self::SmartCard => "smart-card",
            Self::Hybrid => "hybrid",
            Self::Internal => "internal",
        }
    }

    /// From the word; browsers may send others, which mean nothing to us (§5.2.1.1).
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Usb,
            Self::Nfc,
            Self::Ble,
            Self::SmartCard,
            Self::Hybrid,
            Self::Internal,
        ]
        .into_iter()
        .find(|transport| transport.as_str() == word)
    }
}

/// The outer object of either answer.
pub(crate) struct Credential {
    members: Map<String, Value>,
    pub(crate) id: Vec<u8>,
}

impl Credential {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, PasskeyError> {
        if bytes.len() > MAX_BYTES {
            return Err(PasskeyError::TooLarge {
                what: WHAT,
                received: bytes.len(),
                limit: MAX_BYTES,
            });
        }
        let members = parse_object(bytes, WHAT).map_err(from_jose(WHAT))?;
        if members.get("type").and_then(Value::as_str) != Some("public-key") {
            return Err(json(WHAT, "type is not public-key"));
        }
        let id = binary(&members, "id")?;
        if members.contains_key("rawId") && binary(&members, "rawId")? != id {
            return Err(json(WHAT, "id and rawId differ"));
        }
        if !(1..=1023).contains(&id.len()) {
            return Err(json(WHAT, "id is not 1 to 1023 bytes"));
        }
        Ok(Self { members, id })
    }

    fn response(&self) -> Result<&Map<String, Value>, PasskeyError> {
        self.members
            .get("response")
            .and_then(Value::as_object)
            .ok_or_else(|| json(WHAT, "response is not an object, or absent"))
    }

    pub(crate) fn required(&self, name: &str) -> Result<Vec<u8>, PasskeyError> {
        binary(self.response()?, name)
    }

    /// Absent and null are the same.
    pub(crate) fn optional(&self, name: &str) -> Result<Option<Vec<u8>>, PasskeyError> {
        match self.response()?.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.required(name).map(Some),
        }
    }

    /// Those that we know, each once.
    pub(crate) fn transports(&self) -> Result<Vec<Transport>, PasskeyError> {
        let words = self.response()?.get("transports").and_then(Value::as_array);
        let mut known: Vec<Transport> = words
            .into_iter()
            .flatten()
            .filter_map(|word| Transport::parse(word.as_str()?))
            .collect();
        known.sort_unstable();
        known.dedup();
        Ok(known)
    }

    /// `credProps.rk`: whether the passkey can be found without a name (§10.1.3). Said by the browser, signed by nobody.
    pub(crate) fn is_discoverable(&self) -> Option<bool> {
        self.members
            .get("clientExtensionResults")?
            .get("credProps")?
            .get("rk")?
            .as_bool()
    }
}

fn binary(members: &Map<String, Value>, name: &str) -> Result<Vec<u8>, PasskeyError> {
    let text = members
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| json(WHAT, format!("{name} is not text, or absent")))?;
    base64url::decode(text).map_err(|_| json(WHAT, format!("{name} is not base64url")))
}
