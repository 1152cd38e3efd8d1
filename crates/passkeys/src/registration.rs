//! Registering a passkey (Web Authentication §7.1).

use uuid::Uuid;

use crate::{
    Attestation, AttestationObject, Ceremony, ClientData, ClientDataType, CoseKey, PasskeyError, Transport,
    wire::Credential,
};

/// A browser's answer to [`crate::CreationOptions`], not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationResponse {
    id: Vec<u8>,
    client_data: ClientData,
    attestation: AttestationObject,
    transports: Vec<Transport>,
    is_discoverable: Option<bool>,
}

/// A passkey that has proved to be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasskey {
    /// What it is known by: 1 to 1023 bytes.
    pub credential_id: Vec<u8>,
    /// Its public key.
    pub public_key: CoseKey,
    /// The counter to begin with; 0 when it does not count.
    pub sign_count: u32,
    /// The model of the authenticator; zeros when it does not say.
    pub aaguid: Uuid,
    /// Whether it may be copied to other devices (synced), for all its life.
    pub backup_eligible: bool,
    /// Whether it is backed up now.
    pub backed_up: bool,
    /// Whether the device verified its person.
    pub user_verified: bool,
    /// How the device is reached.
    pub transports: Vec<Transport>,
    /// Whether it can be used without a name typed, as far as the browser says.
    pub is_discoverable: Option<bool>,
    /// What is known of the authenticator.
    pub attestation: Attestation,
}

impl RegistrationResponse {
    /// Reads the JSON of `PublicKeyCredential.toJSON()`.
    ///
    /// # Errors
    /// [`PasskeyError`]: the first thing that cannot be read.
    pub fn parse(bytes: &[u8]) -> Result<Self, PasskeyError> {
        let credential = Credential::parse(bytes)?;
        Ok(Self {
            client_data: ClientData::parse(&credential.required("clientDataJSON")?)?,
            attestation: AttestationObject::parse(&credential.required("attestationObject")?)?,
            transports: credential.transports()?,
            is_discoverable: credential.is_discoverable(),
            id: credential.id,
        })
    }

    /// The challenge that the browser was given, to find the ceremony by.
    pub fn challenge(&self) -> &[u8] {
        self.client_data.challenge()
    }

    /// Holds the answer against what was asked.
    ///
    /// # Errors
    /// [`PasskeyError`]: the first thing that does not hold.
    pub fn verify(&self, ceremony: &Ceremony<'_>) -> Result<NewPasskey, PasskeyError> {
        self.client_data.is_of(ClientDataType::Create, ceremony)?;
        let data = &self.attestation.authenticator_data;
        data.is_of(ceremony)?;
        let credential = data.credential.as_ref().ok_or(PasskeyError::NoCredential)?;
        if credential.credential_id != self.id {
            return Err(PasskeyError::WrongCredential);
        }
        let attestation = self.attestation.verify(self.client_data.hash())?;
        Ok(NewPasskey {
            credential_id: credential.credential_id.clone(),
            public_key: credential.public_key.clone(),
            sign_count: data.sign_count,
            aaguid: credential.aaguid,
            backup_eligible: data.flags.backup_eligible(),
            backed_up: data.flags.backed_up(),
            user_verified: data.flags.user_verified(),
            transports: self.transports.clone(),
            is_discoverable: self.is_discoverable,
            attestation,
        })
    }
}
