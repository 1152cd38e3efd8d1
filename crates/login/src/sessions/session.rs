//! A person who is logged in.

use doorward_jose::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Key;
use crate::Tokens;

/// A person who is logged in: who they are, and what the provider gave for them.
#[derive(Clone, Serialize, Deserialize)]
pub struct Session {
    pub(crate) issuer: String,
    pub(crate) sub: String,
    pub(crate) sid: Option<String>,
    pub(crate) claims: Map<String, Value>,
    #[serde(with = "maybe_secret")]
    pub(crate) id_token: Option<Secret<String>>,
    pub(crate) tokens: Held,
    /// When the provider said who it is, NumericDate.
    pub(crate) issued: i64,
    /// When it ends at the latest, NumericDate.
    pub(crate) ends: i64,
}

/// The tokens of the last answer.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Held {
    #[serde(with = "secret")]
    pub(crate) access_token: Secret<String>,
    #[serde(with = "maybe_secret")]
    pub(crate) refresh_token: Option<Secret<String>>,
    /// When they were asked for, NumericDate.
    pub(crate) obtained: i64,
    /// When the access token ends, NumericDate; `None` when the provider did not say.
    pub(crate) expires: Option<i64>,
    pub(crate) scope: Option<String>,
}

impl Held {
    /// Whether four fifths of the access token's life are over: time to ask for the next one.
    pub(crate) fn is_due(&self, now: i64) -> bool {
        let life = |expires: i64| expires.saturating_sub(self.obtained).max(0);
        self.expires
            .is_some_and(|expires| now >= expires.saturating_sub(life(expires) / 5))
    }

    /// Takes the tokens of a refresh. A provider that gives no new refresh token goes on with the one before (RFC 6749 §6),
    /// and one that says no scope means the same as before (§5.1).
    pub(crate) fn replace(&mut self, tokens: Tokens, obtained: i64) {
        self.access_token = tokens.access_token;
        self.refresh_token = tokens.refresh_token.or_else(|| self.refresh_token.take());
        self.scope = tokens.scope.or_else(|| self.scope.take());
        self.expires = tokens.expires;
        self.obtained = obtained;
    }

    pub(crate) fn is_over(&self, now: i64) -> bool {
        self.expires.is_some_and(|expires| now >= expires)
    }
}

impl Session {
    /// The issuer that knows the person.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The person's identifier at the issuer.
    pub fn sub(&self) -> &str {
        &self.sub
    }

    /// The provider's name for its session, when it said one.
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// When it ends at the latest, NumericDate.
    pub const fn expires(&self) -> i64 {
        self.ends
    }

    /// What was granted, when the provider said so.
    pub fn scope(&self) -> Option<&str> {
        self.tokens.scope.as_deref()
    }

    pub(super) fn subject(&self, client_id: &str) -> Key {
        subject(client_id, &self.issuer, &self.sub)
    }

    pub(super) fn provider_session(&self, client_id: &str) -> Option<Key> {
        let sid = self.sid.as_deref()?;
        Some(provider_session(client_id, &self.issuer, sid))
    }
}

/// The name of a person's sessions. The client is in it because applications may share a store.
pub(super) fn subject(client_id: &str, issuer: &str, sub: &str) -> Key {
    Key::of_words(&["sub", client_id, issuer, sub])
}

/// The name of the sessions that belong to one of the provider.
pub(super) fn provider_session(client_id: &str, issuer: &str, sid: &str) -> Key {
    Key::of_words(&["sid", client_id, issuer, sid])
}

mod secret {
    use doorward_jose::Secret;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(secret: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
        secret.expose().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret<String>, D::Error> {
        Secret::deserialize(deserializer)
    }
}

mod maybe_secret {
    use doorward_jose::Secret;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(secret: &Option<Secret<String>>, serializer: S) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(Secret::expose).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret<String>>, D::Error> {
        Option::<Secret<String>>::deserialize(deserializer)
    }
}
