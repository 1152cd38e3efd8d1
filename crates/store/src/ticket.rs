//! Opaque bearer values: session cookie, code, refresh token, enrolment link, API token, login attempt.

use aws_lc_rs::{constant_time, digest};
use data_encoding::BASE64URL_NOPAD;
use doorward_jose::{Random, Secret};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{MasterKey, new_id};

const ID: usize = 16;
const SECRET: usize = 32;
/// 48 bytes in base64url.
const ENCODED: usize = 64;

/// A time-ordered id by which the row is found, and 256 random bits that prove possession. The row keeps only the
/// [`Ticket::digest`] of the secret.
#[derive(Debug, Clone)]
pub struct Ticket {
    id: Uuid,
    secret: Secret<[u8; SECRET]>,
}

impl Ticket {
    /// A fresh ticket with a fresh id.
    pub fn new(now: Timestamp, random: &dyn Random) -> Self {
        Self::for_id(new_id(now, random), random)
    }

    /// A fresh secret for a row that exists: the next token of a refresh family.
    pub fn for_id(id: Uuid, random: &dyn Random) -> Self {
        let mut secret = [0; SECRET];
        random.fill(&mut secret);
        Self {
            id,
            secret: Secret::new(secret),
        }
    }

    /// The ticket that follows this one in its family. It is derived, not drawn: a client whose answer was lost presents
    /// the same ticket again and gets the very same successor, so that a family never has two. Nobody can derive it
    /// without the master key.
    pub fn successor(&self, key: &MasterKey) -> Self {
        Self {
            id: self.id,
            secret: Secret::new(key.keyed_hash("successor of a ticket", self.bytes().expose())),
        }
    }

    /// Reads what [`Ticket::encode`] wrote; `None` for anything else, whatever its length.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != ENCODED {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (id, secret) = bytes.split_first_chunk::<ID>()?;
        Some(Self {
            id: Uuid::from_bytes(*id),
            secret: Secret::new(secret.try_into().ok()?),
        })
    }

    /// The key of the row.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The bearer value: 64 characters of base64url. Showing it is giving it away.
    pub fn encode(&self) -> String {
        BASE64URL_NOPAD.encode(self.bytes().expose())
    }

    /// SHA-256 of the secret: what the row keeps. The secret has 256 random bits, so a fast hash is right.
    pub fn digest(&self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(digest::digest(&digest::SHA256, self.secret.expose()).as_ref());
        out
    }

    /// Whether the stored digest is that of this ticket, in constant time.
    pub fn matches(&self, stored: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.digest(), stored).is_ok()
    }

    fn bytes(&self) -> Secret<Vec<u8>> {
        let mut bytes = Vec::with_capacity(ID + SECRET);
        bytes.extend_from_slice(self.id.as_bytes());
        bytes.extend_from_slice(self.secret.expose());
        Secret::new(bytes)
    }
}
