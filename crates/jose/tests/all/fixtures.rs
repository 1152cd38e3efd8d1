//! Keys that several tests share; generating RSA keys takes its time.

use std::sync::OnceLock;

use doorward_jose::{Algorithm, JwkSet, SigningKey, Typ, VerificationPolicy};

/// One key per algorithm, made once.
pub(crate) fn key(algorithm: Algorithm) -> &'static SigningKey {
    static KEYS: OnceLock<Vec<SigningKey>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        let generate = |algorithm: &Algorithm| SigningKey::generate(*algorithm).unwrap().key;
        Algorithm::ALL.iter().map(generate).collect()
    });
    keys.iter().find(|key| key.algorithm() == algorithm).unwrap()
}

/// The public halves of [`key`] for all algorithms.
pub(crate) fn all_keys() -> JwkSet {
    JwkSet::new(
        Algorithm::ALL
            .iter()
            .map(|algorithm| key(*algorithm).public_jwk().clone()),
    )
    .unwrap()
}

/// A policy like that of ID tokens.
pub(crate) const PLAIN: VerificationPolicy<'static> = VerificationPolicy::new(Typ::PLAIN, Algorithm::ALL);
