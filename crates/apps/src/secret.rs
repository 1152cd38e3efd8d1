//! Client secrets: 256 random bits as letters and digits, sealed for showing, a keyed hash for verification.

use doorward_jose::{Random, Secret};
use doorward_oidc::Refusal;
use doorward_store::MasterKey;
use jiff::Timestamp;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::{App, values};

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// 43 characters of 62 are 256.03 bits.
const LENGTH: usize = 43;
/// A longer value is not hashed: it cannot be one of ours.
const LONGEST_PRESENTED: usize = 256;
/// A shorter value may be guessed.
const SHORTEST_GIVEN: usize = 16;
pub(crate) const PURPOSE: &str = "client_secret";

/// A client secret as it is shown to an administrator: `[A-Za-z0-9]{43}`, which no library escapes.
#[derive(Debug, Clone)]
pub struct ClientSecret(Secret<String>);

impl ClientSecret {
    /// A new one.
    pub fn generate(random: &dyn Random) -> Self {
        let mut text = String::with_capacity(LENGTH);
        let mut block = [0_u8; 64];
        while text.len() < LENGTH {
            random.fill(&mut block);
            // 248 is the largest multiple of 62 that fits into a byte: what lies above would favour some characters.
            for byte in block.iter().filter(|byte| **byte < 248) {
                if text.len() < LENGTH
                    && let Some(letter) = ALPHABET.get(usize::from(byte % 62))
                {
                    text.push(char::from(*letter));
                }
            }
        }
        zeroize::Zeroize::zeroize(&mut block);
        Self(Secret::new(text))
    }

    /// A secret that was not made here: long enough not to be guessed, as a client can send it (RFC 6749 §2.3.1, appendix A.2).
    ///
    /// # Errors
    /// It is too short or too long, or has other characters.
    pub fn from_elsewhere(text: &str) -> Result<Self, Refusal> {
        let fits = (SHORTEST_GIVEN..=LONGEST_PRESENTED).contains(&text.len())
            && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
            && text.trim() == text;
        if fits {
            return Ok(Self::from_text(text.to_owned()));
        }
        Err(values::invalid(format!(
            "expected a client secret of {SHORTEST_GIVEN} to {LONGEST_PRESENTED} printable ASCII characters without a space at either end, received {} bytes",
            text.len()
        )))
    }

    pub(crate) fn from_text(text: String) -> Self {
        Self(Secret::new(text))
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn hash(&self, master: &MasterKey) -> [u8; 32] {
        master.keyed_hash(PURPOSE, self.expose().as_bytes())
    }
}

/// What the snapshot knows of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretHash {
    /// Id of the secret's row.
    pub id: Uuid,
    /// Keyed hash of the secret.
    pub hash: [u8; 32],
    /// When it was made.
    pub created: Timestamp,
    /// End of its validity: set when it was rotated away.
    pub until: Option<Timestamp>,
}

/// What came of a presented secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretMatch {
    /// It is the current one.
    Current,
    /// It is the previous one, still valid in its overlap.
    Previous,
    /// It was rotated away and its overlap has ended.
    Expired,
    /// It is none of the application's.
    Wrong,
}

impl SecretMatch {
    /// Whether the application is authenticated.
    pub fn is_valid(self) -> bool {
        matches!(self, Self::Current | Self::Previous)
    }
}

/// Compares a presented secret with the application's, in constant time: one keyed hash, no read query. A fast hash is
/// right for a value with 256 bits of its own.
pub fn secret_matches(master: &MasterKey, app: &App, presented: &str, now: Timestamp) -> SecretMatch {
    if presented.len() > LONGEST_PRESENTED {
        return SecretMatch::Wrong;
    }
    let hash = master.keyed_hash(PURPOSE, presented.as_bytes());
    let mut outcome = SecretMatch::Wrong;
    for secret in &app.secrets {
        if bool::from(secret.hash.ct_eq(&hash)) {
            outcome = match secret.until {
                None => SecretMatch::Current,
                Some(until) if now < until => SecretMatch::Previous,
                Some(_) => SecretMatch::Expired,
            };
        }
    }
    outcome
}
