//! JOSE: keys, signatures, key sets and encryption, with strict verification policies. Knows nothing about OpenID.
//!
//! Signing goes through a [`SigningKey`], verification through [`verify`] with a [`JwkSet`] and a
//! [`VerificationPolicy`] that names the algorithms and the `typ` values one kind of token may have; [`TimeRules`]
//! checks `exp`, `nbf` and `iat` afterwards. Every refusal is a [`JoseError`] with a stable [`JoseError::code`].
//!
//! Invariants: no key that is trusted ever comes out of a token (`jku`, `x5u`, `x5c` are never read, and `jwk` by
//! [`verify_possession`] alone, which says nothing of whose key it is), `crit` is always fatal, `alg` only ever selects
//! among what the policy allows, and nothing unverified is parsed further than its header.

mod algorithm;
pub mod base64url;
mod digest;
mod encryption;
mod error;
mod header;
mod jwk;
mod jwk_set;
mod possession;
mod random;
mod secret;
mod signing_key;
mod strict_json;
mod time;
mod verify;

pub use algorithm::Algorithm;
pub use digest::{constant_time_eq, half_hash, sha256};
pub use encryption::{ContentEncryption, EncryptionKey, KeyManagement};
pub use error::JoseError;
pub use header::Header;
pub use jwk::Jwk;
pub use jwk_set::{JwkSet, SkippedKey};
pub use possession::verify_possession;
pub use random::{Random, SystemRandom, prepare_to_sign};
pub use secret::Secret;
pub use signing_key::{GeneratedKey, SigningKey};
pub use strict_json::{parse_object, parse_value};
pub use time::TimeRules;
pub use verify::{Typ, UnknownMembers, VerificationPolicy, VerifiedJws, peek_unverified, verify, verify_bytes};
