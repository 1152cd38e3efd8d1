//! The attestation object (Web Authentication §6.5.4): the new passkey, and perhaps who made its authenticator.

use crate::{AuthenticatorData, PasskeyError, cbor::Reader, error::shown, packed};

const WHAT: &str = "attestation object";
/// Authenticator data and a chain of a few certificates.
const MAX_BYTES: usize = 32 * 1024;

/// What a statement proves about the authenticator. None of it is needed to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attestation {
    /// Nothing: what we ask for.
    None,
    /// The passkey vouches for itself: its key was there at registration.
    SelfSigned,
    /// A certificate vouches for the model. Who issued it is for [`crate::TrustAnchors`] to say.
    Certified {
        /// In DER, the authenticator's own first.
        chain: Vec<Vec<u8>>,
    },
}

/// A parsed attestation object, not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestationObject {
    /// The new passkey is in here.
    pub authenticator_data: AuthenticatorData,
    signed: Vec<u8>,
    statement: Statement,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Statement {
    None,
    Packed(packed::Statement),
}

impl AttestationObject {
    /// Parses all of `bytes`.
    ///
    /// # Errors
    /// [`PasskeyError::TooLarge`], [`PasskeyError::Cbor`], [`PasskeyError::AttestationFormat`], or what is wrong inside.
    pub fn parse(bytes: &[u8]) -> Result<Self, PasskeyError> {
        if bytes.len() > MAX_BYTES {
            return Err(PasskeyError::TooLarge {
                what: WHAT,
                received: bytes.len(),
                limit: MAX_BYTES,
            });
        }
        let mut reader = Reader::new(bytes, WHAT);
        let (mut format, mut statement, mut data) = (None, None, None);
        for _ in 0..reader.map()? {
            let name = reader.text()?;
            let again = match name {
                "fmt" => format.replace(reader.text()?).is_some(),
                "authData" => data.replace(reader.bytes()?).is_some(),
                "attStmt" => {
                    let from = reader.position();
                    reader.skip()?;
                    statement
                        .replace(bytes.get(from..reader.position()).unwrap_or_default())
                        .is_some()
                }
                _ => {
                    reader.skip()?;
                    false
                }
            };
            if again {
                return Err(reader.wrong(format!("{name} stands there twice")));
            }
        }
        reader.end()?;
        let (Some(format), Some(statement), Some(data)) = (format, statement, data) else {
            return Err(reader.wrong("fmt, attStmt or authData is absent"));
        };
        let authenticator_data = AuthenticatorData::parse(data)?;
        let statement = match format {
            "none" => none(statement)?,
            "packed" => Statement::Packed(packed::Statement::parse(statement)?),
            other => {
                return Err(PasskeyError::AttestationFormat { received: shown(other) });
            }
        };
        Ok(Self {
            authenticator_data,
            signed: data.to_vec(),
            statement,
        })
    }

    /// §7.1 steps 21 and 22: what the statement proves.
    pub(crate) fn verify(&self, client_data_hash: &[u8; 32]) -> Result<Attestation, PasskeyError> {
        let Some(credential) = &self.authenticator_data.credential else {
            return Err(PasskeyError::NoCredential);
        };
        match &self.statement {
            Statement::None => Ok(Attestation::None),
            Statement::Packed(statement) => {
                let mut message = self.signed.clone();
                message.extend_from_slice(client_data_hash);
                statement.verify(credential, &message)
            }
        }
    }
}

/// §8.7: the statement is an empty map.
fn none(statement: &[u8]) -> Result<Statement, PasskeyError> {
    if statement == [0xa0] {
        return Ok(Statement::None);
    }
    Err(PasskeyError::Attestation {
        detail: "the format none has a statement".to_owned(),
    })
}
