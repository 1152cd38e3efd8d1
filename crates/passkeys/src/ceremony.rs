//! What an answer is held against.

use serde::{Deserialize, Serialize};

use crate::RelyingParty;

/// Whether the device must verify its person (by PIN, finger, face), Web Authentication §5.8.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UserVerification {
    /// It must: the passkey alone is to prove who somebody is.
    Required,
    /// It should where it can: the passkey is a second factor.
    Preferred,
    /// A touch is enough.
    Discouraged,
}

/// One ceremony: what was asked, by whom.
#[derive(Debug, Clone, Copy)]
pub struct Ceremony<'a> {
    /// This server.
    pub relying_party: &'a RelyingParty,
    /// The bytes that were given as challenge; at least 16 of them random (Web Authentication §13.4.3), used once.
    pub challenge: &'a [u8],
    /// What was asked of the device.
    pub user_verification: UserVerification,
}
