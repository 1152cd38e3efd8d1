//! Authenticator data (Web Authentication §6.1): what the authenticator signs, beside the hash of the client data.

use uuid::Uuid;

use crate::{Ceremony, CoseKey, PasskeyError, UserVerification, cbor::Reader};

const WHAT: &str = "authenticator data";
/// Header 37, credential id up to 1023, an RSA key of 4096 bits, a few extensions.
const MAX_BYTES: usize = 8192;
/// The longest credential id that a relying party must accept (§7.1 step 25).
const MAX_CREDENTIAL_ID: usize = 1023;

/// The flags byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flags(u8);

impl Flags {
    const fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    /// UP: somebody was there and agreed.
    pub const fn user_present(self) -> bool {
        self.has(0x01)
    }

    /// UV: the device knows that it was its person (PIN, finger, face).
    pub const fn user_verified(self) -> bool {
        self.has(0x04)
    }

    /// BE: the passkey may be copied to other devices by whoever keeps it (a synced passkey).
    pub const fn backup_eligible(self) -> bool {
        self.has(0x08)
    }

    /// BS: it is backed up at this moment.
    pub const fn backed_up(self) -> bool {
        self.has(0x10)
    }

    const fn has_credential(self) -> bool {
        self.has(0x40)
    }

    const fn has_extensions(self) -> bool {
        self.has(0x80)
    }
}

/// The new passkey in the answer to a registration (§6.5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestedCredential {
    /// The model of the authenticator; zeros when it does not say.
    pub aaguid: Uuid,
    /// What the passkey is known by.
    pub credential_id: Vec<u8>,
    /// Its public key.
    pub public_key: CoseKey,
}

/// Authenticator data, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatorData {
    rp_id_hash: [u8; 32],
    /// What was true when it was signed.
    pub flags: Flags,
    /// How often the authenticator has signed; 0 when it does not count.
    pub sign_count: u32,
    /// Only in the answer to a registration.
    pub credential: Option<AttestedCredential>,
}

impl AuthenticatorData {
    /// Parses all of `bytes`.
    ///
    /// # Errors
    /// [`PasskeyError::TooLarge`], [`PasskeyError::Cbor`], or what is wrong with the key.
    pub fn parse(bytes: &[u8]) -> Result<Self, PasskeyError> {
        if bytes.len() > MAX_BYTES {
            return Err(PasskeyError::TooLarge {
                what: WHAT,
                received: bytes.len(),
                limit: MAX_BYTES,
            });
        }
        let (rp_id_hash, rest) = take::<32>(bytes)?;
        let ([flags], rest) = take::<1>(rest)?;
        let (sign_count, rest) = take::<4>(rest)?;
        let flags = Flags(flags);
        let (credential, rest) = if flags.has_credential() {
            let (credential, rest) = attested(rest)?;
            (Some(credential), rest)
        } else {
            (None, rest)
        };
        if flags.has_extensions() {
            let mut reader = Reader::new(rest, "extensions");
            if reader.next()? != minicbor::data::Type::Map {
                return Err(reader.wrong("expected a map"));
            }
            reader.skip()?;
            reader.end()?;
        } else if !rest.is_empty() {
            return Err(wrong(format!("{} bytes follow its end", rest.len())));
        }
        Ok(Self {
            rp_id_hash,
            flags,
            sign_count: u32::from_be_bytes(sign_count),
            credential,
        })
    }

    /// §7.1 steps 14 to 18, §7.2 steps 16 to 19.
    pub(crate) fn is_of(&self, ceremony: &Ceremony<'_>) -> Result<(), PasskeyError> {
        if self.rp_id_hash != *ceremony.relying_party.id_hash() {
            return Err(PasskeyError::WrongRelyingParty {
                expected: ceremony.relying_party.id().to_owned(),
            });
        }
        if !self.flags.user_present() {
            return Err(PasskeyError::NotPresent);
        }
        if ceremony.user_verification == UserVerification::Required && !self.flags.user_verified() {
            return Err(PasskeyError::NotVerified);
        }
        if self.flags.backed_up() && !self.flags.backup_eligible() {
            return Err(PasskeyError::BackupFlags);
        }
        Ok(())
    }
}

fn attested(bytes: &[u8]) -> Result<(AttestedCredential, &[u8]), PasskeyError> {
    let (aaguid, rest) = take::<16>(bytes)?;
    let (length, rest) = take::<2>(rest)?;
    let length = usize::from(u16::from_be_bytes(length));
    if !(1..=MAX_CREDENTIAL_ID).contains(&length) {
        return Err(wrong(format!(
            "a credential id of {length} bytes, expected 1 to {MAX_CREDENTIAL_ID}"
        )));
    }
    let (credential_id, rest) = rest.split_at_checked(length).ok_or_else(early)?;
    let (public_key, length) = CoseKey::read(rest)?;
    let rest = rest.get(length..).unwrap_or_default();
    Ok((
        AttestedCredential {
            aaguid: Uuid::from_bytes(aaguid),
            credential_id: credential_id.to_vec(),
            public_key,
        },
        rest,
    ))
}

fn take<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), PasskeyError> {
    let (taken, rest) = bytes.split_first_chunk::<N>().ok_or_else(early)?;
    Ok((*taken, rest))
}

fn early() -> PasskeyError {
    wrong("ends too early")
}

fn wrong(detail: impl Into<String>) -> PasskeyError {
    PasskeyError::Cbor {
        what: WHAT,
        detail: detail.into(),
    }
}
