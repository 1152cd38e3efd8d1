//! Sealing under the cookie's secret: AES-256-GCM under a key that HKDF-SHA-256 (RFC 5869) derives from it. The name of the
//! row is authenticated along, so that a row opens nowhere else.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use doorward_jose::{Random, Secret};

use super::Key;

/// The first byte of what is sealed: how it was done.
const FORMAT: u8 = 1;

/// What a value is, so that a login under way never passes for a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Attempt,
    Session,
}

impl Purpose {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::Attempt => b"attempt",
            Self::Session => b"session",
        }
    }
}

/// Format, 12 bytes of nonce, ciphertext, 16 bytes of tag.
#[expect(clippy::expect_used, reason = "AES-GCM fails beyond 64 GiB only")]
pub(super) fn seal(secret: &str, purpose: Purpose, row: &Key, random: &dyn Random, plain: Vec<u8>) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    random.fill(&mut nonce);
    let mut body = plain;
    key(secret, purpose)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(row.bytes()), &mut body)
        .expect("a value that fits into memory can be sealed");
    let mut sealed = Vec::with_capacity(1 + NONCE_LEN + body.len());
    sealed.push(FORMAT);
    sealed.extend_from_slice(&nonce);
    sealed.append(&mut body);
    sealed
}

/// `None` when this is not the secret, or the value is damaged, or of a format that is not known.
pub(super) fn open(secret: &str, purpose: Purpose, row: &Key, sealed: &[u8]) -> Option<Secret<Vec<u8>>> {
    let (format, rest) = sealed.split_first()?;
    let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>()?;
    if *format != FORMAT {
        return None;
    }
    let mut body = body.to_vec();
    let length = key(secret, purpose)
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(row.bytes()), &mut body)
        .ok()?
        .len();
    body.truncate(length);
    Some(Secret::new(body))
}

#[expect(clippy::expect_used, reason = "32 bytes are no more than HKDF-SHA-256 gives")]
fn key(secret: &str, purpose: Purpose) -> LessSafeKey {
    let derived = Salt::new(HKDF_SHA256, b"doorward login")
        .extract(secret.as_bytes())
        .expand(&[purpose.name()], &AES_256_GCM)
        .map(UnboundKey::from);
    LessSafeKey::new(derived.expect("the length of an AES-256 key"))
}
