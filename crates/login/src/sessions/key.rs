//! Names of rows.

use doorward_jose::sha256;
use serde::{Deserialize, Serialize};

/// The name under which something is kept: a SHA-256. Of sessions and logins under way it hashes a random value that only
/// the browser has, so that whoever reads the store can not be anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key([u8; 32]);

impl Key {
    /// Of a value with 256 random bits.
    pub(crate) fn of(value: &str) -> Self {
        Self(sha256(value.as_bytes()))
    }

    /// Of several words that together are one name. Each is preceded by its length, so that no other words give the same.
    pub(crate) fn of_words(words: &[&str]) -> Self {
        let mut bytes = Vec::new();
        for word in words {
            bytes.extend_from_slice(&u64::try_from(word.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(word.as_bytes());
        }
        Self(sha256(&bytes))
    }

    /// A name as it stands in a store.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
