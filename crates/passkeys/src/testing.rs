//! A software authenticator for tests: makes passkeys and uses them as a device would, also wrongly.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use doorward_jose::{base64url, sha256};
use minicbor::Encoder;
use serde_json::{Value, json};

/// A device with one passkey, and what it does next. Change the fields between ceremonies.
#[allow(clippy::struct_excessive_bools, reason = "each is one flag of the protocol")]
pub struct SoftwareAuthenticator {
    key: EcdsaKeyPair,
    /// What the passkey is known by.
    pub credential_id: Vec<u8>,
    /// The handle from its registration.
    pub user_handle: Option<Vec<u8>>,
    /// Where the browser is.
    pub origin: String,
    /// For whom it answers.
    pub rp_id: String,
    /// The counter of the next signature.
    pub sign_count: u32,
    /// Flag UP.
    pub user_present: bool,
    /// Flag UV.
    pub user_verified: bool,
    /// Flags BE and BS.
    pub synced: bool,
}

impl SoftwareAuthenticator {
    /// A new device whose browser is at `origin`, which belongs to the RP `rp_id`.
    #[allow(clippy::expect_used, reason = "tests only")]
    pub fn new(origin: &str, rp_id: &str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let credential_id = sha256(key.public_key().as_ref()).to_vec();
        Self {
            key,
            credential_id,
            user_handle: None,
            origin: origin.to_owned(),
            rp_id: rp_id.to_owned(),
            sign_count: 0,
            user_present: true,
            user_verified: true,
            synced: false,
        }
    }

    /// The answer to creation options, as a browser writes it.
    #[allow(clippy::expect_used, clippy::indexing_slicing, reason = "tests only")]
    pub fn create(&mut self, options: &Value) -> Value {
        let handle = options["user"]["id"].as_str().expect("a user handle");
        self.user_handle = Some(base64url::decode(handle).expect("base64url"));
        let mut data = self.authenticator_data(0x40);
        data.extend_from_slice(&[0; 16]);
        data.extend_from_slice(
            &u16::try_from(self.credential_id.len())
                .unwrap_or(u16::MAX)
                .to_be_bytes(),
        );
        data.extend_from_slice(&self.credential_id);
        data.extend_from_slice(&self.cose_key());
        let mut object = Encoder::new(Vec::new());
        object
            .map(3)
            .and_then(|e| e.str("fmt"))
            .and_then(|e| e.str("none"))
            .and_then(|e| e.str("attStmt"))
            .and_then(|e| e.map(0))
            .and_then(|e| e.str("authData"))
            .and_then(|e| e.bytes(&data))
            .expect("memory takes everything");
        self.answer(&json!({
            "clientDataJSON": base64url::encode(self.client_data("webauthn.create", &options["challenge"])),
            "attestationObject": base64url::encode(object.into_writer()),
            "transports": ["internal"],
        }))
    }

    /// The answer to request options, as a browser writes it.
    #[allow(clippy::expect_used, reason = "tests only")]
    pub fn get(&self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", &options["challenge"]);
        let data = self.authenticator_data(0);
        let message = [data.as_slice(), &sha256(&client_data)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &message).expect("a signature");
        self.answer(&json!({
            "clientDataJSON": base64url::encode(client_data),
            "authenticatorData": base64url::encode(data),
            "signature": base64url::encode(signature),
            "userHandle": self.user_handle.as_ref().map(base64url::encode),
        }))
    }

    /// The public key as COSE.
    #[allow(clippy::expect_used, reason = "tests only")]
    pub fn cose_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let (x, y) = point.get(1..65).expect("an uncompressed point").split_at(32);
        let mut key = Encoder::new(Vec::new());
        key.map(5)
            .and_then(|e| e.i64(1)?.i64(2)?.i64(3)?.i64(-7)?.i64(-1)?.i64(1))
            .and_then(|e| e.i64(-2)?.bytes(x)?.i64(-3)?.bytes(y))
            .expect("memory takes everything");
        key.into_writer()
    }

    fn answer(&self, response: &Value) -> Value {
        let id = base64url::encode(&self.credential_id);
        json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": { "credProps": { "rk": true } },
        })
    }

    fn client_data(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    fn authenticator_data(&self, more: u8) -> Vec<u8> {
        let mut flags = more;
        for (is, bit) in [
            (self.user_present, 0x01),
            (self.user_verified, 0x04),
            (self.synced, 0x18),
        ] {
            if is {
                flags |= bit;
            }
        }
        let mut data = sha256(self.rp_id.as_bytes()).to_vec();
        data.push(flags);
        data.extend_from_slice(&self.sign_count.to_be_bytes());
        data
    }
}
