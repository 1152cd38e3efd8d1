//! The signing keys: which one signs, which ones are published.

use doorward_jose::{Algorithm, JoseError, JwkSet, SigningKey, base64url, sha256};

use crate::rotation::KeyState;

/// One key as the store keeps it.
#[derive(Debug, Clone)]
pub struct RingKey {
    /// The key, private half included.
    pub key: SigningKey,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it signs, or began to, in seconds since the epoch.
    pub activates_at: i64,
}

/// All keys at one moment: an immutable snapshot, rebuilt when keys change.
#[derive(Debug, Clone)]
pub struct KeyRing {
    active: Vec<SigningKey>,
    verification: JwkSet,
    json: String,
    etag: String,
}

impl KeyRing {
    /// From the stored keys; retired ones are left out.
    ///
    /// # Errors
    /// Two different keys with one `kid`.
    pub fn new(keys: impl IntoIterator<Item = RingKey>) -> Result<Self, JoseError> {
        let mut keys: Vec<RingKey> = keys.into_iter().filter(|key| key.state != KeyState::Retired).collect();
        // RS256 first, because some applications take the first key when a token names none; then what signs now.
        keys.sort_by_key(|key| (rank(key.key.algorithm()), order(key.state), -key.activates_at));
        let verification = JwkSet::new(keys.iter().map(|key| key.key.public_jwk().clone()))?;
        let json = serde_json::to_string(&verification).map_err(|error| JoseError::Signing {
            detail: format!("the key set is not representable as JSON: {error}"),
        })?;
        let etag = format!("\"{}\"", base64url::encode(sha256(json.as_bytes())));
        let active = keys
            .into_iter()
            .filter(|key| key.state == KeyState::Active)
            .map(|key| key.key)
            .collect();
        Ok(Self {
            active,
            verification,
            json,
            etag,
        })
    }

    /// The key that signs with this algorithm.
    ///
    /// # Errors
    /// There is none: the machine's fault, never the client's.
    pub fn active(&self, algorithm: Algorithm) -> Result<&SigningKey, JoseError> {
        // The newest activation comes first, should a rotation on two nodes ever leave two.
        self.active
            .iter()
            .find(|key| key.algorithm() == algorithm)
            .ok_or_else(|| JoseError::Signing {
                detail: format!("there is no active {algorithm} key"),
            })
    }

    /// Algorithms that have an active key, in the order of discovery.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let has = |algorithm: &&Algorithm| self.active(**algorithm).is_ok();
        Algorithm::ALL.iter().filter(has).copied().collect()
    }

    /// Every published key, for tokens that come back to us.
    pub fn verification(&self) -> &JwkSet {
        &self.verification
    }

    /// The published set as JSON (RFC 7517 §5).
    pub fn jwks_json(&self) -> &str {
        &self.json
    }

    /// A strong entity tag of [`KeyRing::jwks_json`], quotes included.
    pub fn jwks_etag(&self) -> &str {
        &self.etag
    }
}

fn rank(algorithm: Algorithm) -> usize {
    Algorithm::ALL
        .iter()
        .position(|other| *other == algorithm)
        .unwrap_or(usize::MAX)
}

fn order(state: KeyState) -> u8 {
    match state {
        KeyState::Active => 0,
        KeyState::Next => 1,
        KeyState::Retiring => 2,
        KeyState::Retired => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(algorithm: Algorithm, state: KeyState, activates_at: i64) -> RingKey {
        RingKey {
            key: SigningKey::generate(algorithm).unwrap().key,
            state,
            activates_at,
        }
    }

    #[test]
    fn the_published_set_begins_with_rs256_and_holds_next_and_retiring_keys_but_not_retired_ones() {
        let keys = [
            key(Algorithm::EdDSA, KeyState::Active, 1),
            key(Algorithm::ES256, KeyState::Retiring, 1),
            key(Algorithm::ES256, KeyState::Next, 9),
            key(Algorithm::ES256, KeyState::Active, 5),
            key(Algorithm::RS256, KeyState::Active, 1),
            key(Algorithm::ES256, KeyState::Retired, 0),
        ];
        let ring = KeyRing::new(keys.clone()).unwrap();
        let published: Vec<_> = ring
            .verification()
            .keys()
            .iter()
            .map(|jwk| jwk.kid().unwrap())
            .collect();
        let expected = [&keys[4], &keys[3], &keys[2], &keys[1], &keys[0]].map(|key| key.key.kid());
        assert_eq!(published, expected);
        assert_eq!(ring.active(Algorithm::ES256).unwrap().kid(), keys[3].key.kid());
        assert_eq!(
            ring.algorithms(),
            [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA]
        );
        let json: serde_json::Value = serde_json::from_str(ring.jwks_json()).unwrap();
        for jwk in json["keys"].as_array().unwrap() {
            assert_eq!(jwk["use"], "sig");
            assert!(jwk["kid"].is_string() && jwk["alg"].is_string());
            assert!(jwk.get("d").is_none(), "no private key is ever published");
        }
    }

    #[test]
    fn a_next_or_retiring_key_never_signs() {
        let ring = KeyRing::new([
            key(Algorithm::ES256, KeyState::Next, 1),
            key(Algorithm::ES256, KeyState::Retiring, 1),
        ])
        .unwrap();
        assert!(ring.active(Algorithm::ES256).is_err());
    }

    #[test]
    fn of_two_active_keys_the_newer_one_signs() {
        let (old, new) = (
            key(Algorithm::EdDSA, KeyState::Active, 1),
            key(Algorithm::EdDSA, KeyState::Active, 2),
        );
        let ring = KeyRing::new([old, new.clone()]).unwrap();
        assert_eq!(ring.active(Algorithm::EdDSA).unwrap().kid(), new.key.kid());
    }
}
