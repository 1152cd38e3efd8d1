//! Hashes that tokens carry, and comparison that takes the same time whatever is different.

use aws_lc_rs::digest::{Context, SHA256, SHA512, digest};

use crate::{Algorithm, base64url};

/// SHA-256 of the bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    let mut context = Context::new(&SHA256);
    context.update(bytes);
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// The value of `at_hash`, `c_hash` and `s_hash` (OpenID Connect Core §3.1.3.6, §3.3.2.11): the left half of the hash
/// that belongs to the algorithm of the ID token, base64url. For `EdDSA` with Ed25519 that hash is SHA-512.
pub fn half_hash(algorithm: Algorithm, value: &str) -> String {
    let hash = match algorithm {
        Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 => digest(&SHA256, value.as_bytes()),
        Algorithm::EdDSA => digest(&SHA512, value.as_bytes()),
    };
    let bytes = hash.as_ref();
    let (left, _) = bytes.split_at(bytes.len() / 2);
    base64url::encode(left)
}

/// Whether the two are the same, in a time that depends on their lengths only.
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left, right).is_ok()
}
