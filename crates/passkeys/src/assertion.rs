//! Using a passkey (Web Authentication §7.2).

use crate::{
    AuthenticatorData, Ceremony, ClientData, ClientDataType, CoseKey, PasskeyError, counter, wire::Credential,
};

/// User handles are at most 64 bytes (§5.4.3); a longer one is nobody's.
const MAX_USER_HANDLE: usize = 64;

/// A browser's answer to [`crate::RequestOptions`], not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssertionResponse {
    id: Vec<u8>,
    client_data: ClientData,
    authenticator_data: AuthenticatorData,
    message: Vec<u8>,
    signature: Vec<u8>,
    user_handle: Option<Vec<u8>>,
}

/// What is kept of a passkey since its registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered<'a> {
    /// What it is known by.
    pub credential_id: &'a [u8],
    /// Its public key.
    pub public_key: &'a CoseKey,
    /// The last counter seen.
    pub sign_count: u32,
    /// Whether it may be copied to other devices.
    pub backup_eligible: bool,
}

/// A passkey that was used here and now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assertion {
    /// The counter to keep.
    pub sign_count: u32,
    /// Whether the device verified its person.
    pub user_verified: bool,
    /// Whether it is backed up now.
    pub backed_up: bool,
}

impl AssertionResponse {
    /// Reads the JSON of `PublicKeyCredential.toJSON()`.
    ///
    /// # Errors
    /// [`PasskeyError`]: the first thing that cannot be read.
    pub fn parse(bytes: &[u8]) -> Result<Self, PasskeyError> {
        let credential = Credential::parse(bytes)?;
        let client_data = ClientData::parse(&credential.required("clientDataJSON")?)?;
        let signed = credential.required("authenticatorData")?;
        let authenticator_data = AuthenticatorData::parse(&signed)?;
        let user_handle = credential.optional("userHandle")?;
        if let Some(handle) = user_handle.as_ref().filter(|handle| handle.len() > MAX_USER_HANDLE) {
            return Err(PasskeyError::TooLarge {
                what: "userHandle",
                received: handle.len(),
                limit: MAX_USER_HANDLE,
            });
        }
        // §7.2 step 22: the signature is over the two joined.
        let mut message = signed;
        message.extend_from_slice(client_data.hash());
        Ok(Self {
            signature: credential.required("signature")?,
            id: credential.id,
            client_data,
            authenticator_data,
            message,
            user_handle,
        })
    }

    /// Which passkey answers, as the browser says.
    pub fn credential_id(&self) -> &[u8] {
        &self.id
    }

    /// Whose it is, as the authenticator says; absent when it was asked for particular passkeys.
    pub fn user_handle(&self) -> Option<&[u8]> {
        self.user_handle.as_deref()
    }

    /// The challenge that the browser was given, to find the ceremony by.
    pub fn challenge(&self) -> &[u8] {
        self.client_data.challenge()
    }

    /// Holds the answer against what was asked and what is registered. The counter comes last: a copied passkey is one
    /// whose signature is good.
    ///
    /// # Errors
    /// [`PasskeyError`]: the first thing that does not hold.
    pub fn verify(&self, ceremony: &Ceremony<'_>, registered: &Registered<'_>) -> Result<Assertion, PasskeyError> {
        if self.id != registered.credential_id {
            return Err(PasskeyError::WrongCredential);
        }
        self.client_data.is_of(ClientDataType::Get, ceremony)?;
        let data = &self.authenticator_data;
        data.is_of(ceremony)?;
        if data.flags.backup_eligible() != registered.backup_eligible {
            return Err(PasskeyError::BackupEligibilityChanged {
                registered: registered.backup_eligible,
                received: data.flags.backup_eligible(),
            });
        }
        registered.public_key.verify(&self.message, &self.signature)?;
        counter::went_up(registered.sign_count, data.sign_count)?;
        Ok(Assertion {
            sign_count: data.sign_count,
            user_verified: data.flags.user_verified(),
            backed_up: data.flags.backed_up(),
        })
    }
}
