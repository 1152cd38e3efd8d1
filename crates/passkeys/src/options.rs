//! What the browser is asked, as the JSON that `parseCreationOptionsFromJSON` and `parseRequestOptionsFromJSON` take
//! (Web Authentication §5.1.9, §5.1.10).

use doorward_jose::base64url;
use serde_json::{Value, json};

use crate::{Ceremony, CoseAlgorithm, RelyingParty, Transport, UserVerification};

/// How long the browser's dialog may stand, in milliseconds; within the range that §15.1 recommends.
const TIMEOUT: u32 = 300_000;

/// A passkey that exists already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What it is known by.
    pub credential_id: Vec<u8>,
    /// How its device is reached.
    pub transports: Vec<Transport>,
}

impl Known {
    fn json(&self) -> Value {
        let mut descriptor = json!({ "type": "public-key", "id": base64url::encode(&self.credential_id) });
        // An empty list would say that there is no way.
        if let (false, Some(members)) = (self.transports.is_empty(), descriptor.as_object_mut()) {
            members.insert("transports".to_owned(), json!(self.transports));
        }
        descriptor
    }
}

/// Who a passkey is made for.
#[derive(Debug, Clone, Copy)]
pub struct User<'a> {
    /// The handle that comes back at login: at most 64 bytes, and nothing about the person (§14.6.1).
    pub handle: &'a [u8],
    /// What the person logs in with; tells accounts apart in the browser's list.
    pub name: &'a str,
    /// What the person is called.
    pub display_name: &'a str,
}

/// The question of a registration.
#[derive(Debug, Clone)]
pub struct CreationOptions<'a> {
    /// The ceremony that the answer is held against.
    pub ceremony: Ceremony<'a>,
    /// Who for.
    pub user: User<'a>,
    /// An authenticator that holds one of these refuses to make another.
    pub exclude: &'a [Known],
    /// Whether the authenticator is asked who made it. Browsers may ask the person about that.
    pub asks_attestation: bool,
}

impl CreationOptions<'_> {
    /// For the browser. A passkey that can be found without a name is preferred, not demanded: a security key that is full
    /// still makes a second factor.
    pub fn to_json(&self) -> Value {
        let party = self.ceremony.relying_party;
        let algorithms: Vec<Value> = CoseAlgorithm::ALL
            .into_iter()
            .map(|algorithm| json!({ "type": "public-key", "alg": algorithm.number() }))
            .collect();
        json!({
            "rp": { "id": party.id(), "name": party.name() },
            "user": {
                "id": base64url::encode(self.user.handle),
                "name": self.user.name,
                "displayName": self.user.display_name,
            },
            "challenge": base64url::encode(self.ceremony.challenge),
            "pubKeyCredParams": algorithms,
            "timeout": TIMEOUT,
            "excludeCredentials": self.exclude.iter().map(Known::json).collect::<Vec<_>>(),
            "authenticatorSelection": {
                "residentKey": "preferred",
                "requireResidentKey": false,
                "userVerification": self.ceremony.user_verification,
            },
            "attestation": if self.asks_attestation { "direct" } else { "none" },
            "extensions": { "credProps": true },
        })
    }
}

/// The question of a login.
#[derive(Debug, Clone)]
pub struct RequestOptions<'a> {
    /// Whose passkeys.
    pub relying_party: &'a RelyingParty,
    /// As in the ceremony that the answer is held against.
    pub challenge: &'a [u8],
    /// As in the ceremony that the answer is held against.
    pub user_verification: UserVerification,
    /// Only these; empty for whichever the person chooses.
    pub allow: &'a [Known],
}

impl RequestOptions<'_> {
    /// For the browser.
    pub fn to_json(&self) -> Value {
        json!({
            "challenge": base64url::encode(self.challenge),
            "timeout": TIMEOUT,
            "rpId": self.relying_party.id(),
            "allowCredentials": self.allow.iter().map(Known::json).collect::<Vec<_>>(),
            "userVerification": self.user_verification,
        })
    }
}
