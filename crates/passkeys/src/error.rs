//! Why an answer of a browser is not believed: what was expected, and what came.

use doorward_jose::JoseError;

/// A ceremony that failed. Each has a stable [`PasskeyError::code`] for traces and counters; the text is for operators.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasskeyError {
    /// Larger than anything legitimate.
    #[error("{what}: {received} bytes, at most {limit} are read")]
    TooLarge {
        /// Which part.
        what: &'static str,
        /// Its size in bytes.
        received: usize,
        /// The bound in bytes.
        limit: usize,
    },
    /// JSON that is not what WebAuthn says it is.
    #[error("{what}: {detail}")]
    Json {
        /// Which part.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// CBOR that is not what WebAuthn says it is.
    #[error("{what}: {detail}")]
    Cbor {
        /// Which part.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The browser performed another ceremony.
    #[error("clientDataJSON: expected type {expected}, received {received}")]
    WrongType {
        /// `webauthn.create` or `webauthn.get`.
        expected: &'static str,
        /// What stood there, shortened.
        received: String,
    },
    /// Not the challenge of this ceremony.
    #[error("clientDataJSON: the challenge is not the one of this ceremony")]
    WrongChallenge,
    /// The browser was on another page.
    #[error("clientDataJSON: expected origin {expected}, received {received}")]
    WrongOrigin {
        /// Ours.
        expected: String,
        /// What stood there, shortened.
        received: String,
    },
    /// Our page was inside somebody else's.
    #[error("clientDataJSON: the ceremony ran inside a page of another origin")]
    CrossOrigin,
    /// The authenticator answered for another relying party.
    #[error("authenticator data: the hash of the RP ID is not that of {expected}")]
    WrongRelyingParty {
        /// Our RP ID.
        expected: String,
    },
    /// Nobody touched the authenticator.
    #[error("authenticator data: the person was not present (flag UP is not set)")]
    NotPresent,
    /// The device did not verify its person, and had to.
    #[error("authenticator data: the person was not verified by the device (flag UV is not set), and this is required")]
    NotVerified,
    /// Backed up, but not eligible for it.
    #[error("authenticator data: flag BS is set without BE")]
    BackupFlags,
    /// Whether a passkey may be backed up never changes during its life.
    #[error("authenticator data: backup eligibility was {registered} at registration and is {received} now")]
    BackupEligibilityChanged {
        /// As stored.
        registered: bool,
        /// As received.
        received: bool,
    },
    /// Authenticator data of a registration without a credential.
    #[error("authenticator data: no attested credential data (flag AT is not set)")]
    NoCredential,
    /// The id outside is not the one inside.
    #[error("the credential id of the answer is not the one in its authenticator data")]
    WrongCredential,
    /// A key of a kind that was not offered.
    #[error("COSE key: {detail}")]
    UnsupportedKey {
        /// Which.
        detail: String,
    },
    /// The members do not make a public key.
    #[error("COSE key: {detail}")]
    InvalidKey {
        /// What is wrong.
        detail: String,
    },
    /// A statement of a kind that is neither asked for nor read.
    #[error("attestation: expected the format none or packed, received {received}")]
    AttestationFormat {
        /// Its identifier, shortened.
        received: String,
    },
    /// The statement does not hold.
    #[error("attestation: {detail}")]
    Attestation {
        /// What is wrong.
        detail: String,
    },
    /// Nobody whom the administrators trust vouches for the authenticator.
    #[error("attestation: {detail}")]
    Untrusted {
        /// What is lacking.
        detail: String,
    },
    /// The signature is not by the passkey's key.
    #[error("the signature is not by the key of this passkey")]
    Signature,
    /// The counter did not go up: two devices may hold this key.
    #[error("the signature counter went from {stored} to {received}: the passkey may have been copied")]
    CounterWentBack {
        /// The last one seen.
        stored: u32,
        /// The one received.
        received: u32,
    },
}

impl PasskeyError {
    /// The stable code, snake case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "passkey_too_large",
            Self::Json { .. } => "passkey_json",
            Self::Cbor { .. } => "passkey_cbor",
            Self::WrongType { .. } => "passkey_wrong_type",
            Self::WrongChallenge => "passkey_wrong_challenge",
            Self::WrongOrigin { .. } => "passkey_wrong_origin",
            Self::CrossOrigin => "passkey_cross_origin",
            Self::WrongRelyingParty { .. } => "passkey_wrong_relying_party",
            Self::NotPresent => "passkey_not_present",
            Self::NotVerified => "passkey_not_verified",
            Self::BackupFlags => "passkey_backup_flags",
            Self::BackupEligibilityChanged { .. } => "passkey_backup_eligibility_changed",
            Self::NoCredential => "passkey_no_credential",
            Self::WrongCredential => "passkey_wrong_credential",
            Self::UnsupportedKey { .. } => "passkey_unsupported_key",
            Self::InvalidKey { .. } => "passkey_invalid_key",
            Self::AttestationFormat { .. } => "passkey_attestation_format",
            Self::Attestation { .. } => "passkey_attestation",
            Self::Untrusted { .. } => "passkey_untrusted",
            Self::Signature => "passkey_signature",
            Self::CounterWentBack { .. } => "passkey_counter_went_back",
        }
    }
}

pub(crate) fn json(what: &'static str, detail: impl Into<String>) -> PasskeyError {
    PasskeyError::Json {
        what,
        detail: detail.into(),
    }
}

pub(crate) fn from_jose(what: &'static str) -> impl Fn(JoseError) -> PasskeyError {
    move |error| json(what, error.to_string())
}

/// A foreign value short enough for a log, without anything that could move the terminal.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
