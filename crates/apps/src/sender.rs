//! What binds an application's tokens to whoever they were issued to.

use doorward_jose::{Algorithm, ContentEncryption, EncryptionKey};
use doorward_oidc::{CertificateName, Refusal, shown};
use serde::{Deserialize, Serialize};

use crate::values;

/// The settings of an application about keys that it proves beside its authentication.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SenderSettings {
    /// Whether it has to prove a key with every request for tokens.
    pub dpop: Dpop,
    /// Its tokens are bound to the certificate that it presents (RFC 8705 §3.4).
    pub certificate_bound: bool,
    /// The name in its certificate, for `tls_client_auth`.
    pub certificate_name: Option<CertificateName>,
    /// What is sent to it is encrypted for this key, as far as [`SenderSettings::encrypt`] says.
    pub encryption_key: Option<EncryptionKey>,
    /// How the content is encrypted.
    pub content_encryption: ContentEncryption,
    /// What is encrypted.
    pub encrypt: Vec<Encrypted>,
    /// What signs the answers of introspection when it asks for signed ones (RFC 9701 §6); RS256 when absent.
    pub introspection_alg: Option<Algorithm>,
    /// It knows people by subjects that only the applications of this sector know (OpenID Connect Core §8.1).
    pub pairwise_sector: Option<String>,
}

/// What can be encrypted for an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encrypted {
    /// ID tokens.
    IdToken,
    /// The answers of userinfo.
    Userinfo,
    /// The signed answers of introspection.
    Introspection,
}

/// Whether tokens are bound to a key by DPoP (RFC 9449 §5.2 `dpop_bound_access_tokens`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dpop {
    /// Bound when the application sends a proof.
    #[default]
    Optional,
    /// A request for tokens without a proof is refused.
    Required,
    /// And a proof has to carry a nonce of this server, so that none can be made in advance (RFC 9449 §8).
    RequiredWithNonce,
}

/// One change of these settings.
#[derive(Debug, Clone)]
pub enum SenderEdit {
    /// Whether proofs are demanded.
    Dpop(Dpop),
    /// Whether its tokens are bound to its certificate.
    CertificateBound(bool),
    /// The name in its certificate: `subject_dn=CN=client,O=Example`.
    CertificateName(Option<String>),
    /// The key to encrypt for, a JWK or a JWK set in JSON; without one nothing is encrypted.
    EncryptionKey(Option<String>),
    /// How the content is encrypted.
    ContentEncryption(ContentEncryption),
    /// What is encrypted.
    Encrypt(Vec<Encrypted>),
    /// What signs the answers of introspection.
    IntrospectionAlgorithm(Option<Algorithm>),
    /// The sector of its subjects; `None` are the same for every application.
    PairwiseSector(Option<String>),
}

impl SenderSettings {
    /// Applies one change.
    pub(crate) fn step(&mut self, edit: &SenderEdit) -> Result<(), Refusal> {
        match edit {
            SenderEdit::Dpop(dpop) => self.dpop = *dpop,
            SenderEdit::CertificateBound(bound) => self.certificate_bound = *bound,
            SenderEdit::CertificateName(name) => {
                let name = name.as_deref().map(CertificateName::parse).transpose();
                self.certificate_name = name.map_err(values::invalid)?;
            }
            SenderEdit::EncryptionKey(None) => {
                self.encryption_key = None;
                self.encrypt.clear();
            }
            SenderEdit::EncryptionKey(Some(json)) => {
                let key = EncryptionKey::parse(json.as_bytes());
                self.encryption_key =
                    Some(key.map_err(|error| values::invalid(format!("the encryption key: {error}")))?);
            }
            SenderEdit::ContentEncryption(enc) => self.content_encryption = *enc,
            SenderEdit::Encrypt(what) => {
                self.encrypt.clear();
                for one in what {
                    if !self.encrypt.contains(one) {
                        self.encrypt.push(*one);
                    }
                }
            }
            SenderEdit::IntrospectionAlgorithm(algorithm) => self.introspection_alg = *algorithm,
            SenderEdit::PairwiseSector(sector) => {
                self.pairwise_sector = sector.as_deref().map(host).transpose()?;
            }
        }
        Ok(())
    }

    /// The key that `what` is encrypted for, if it is.
    pub fn encrypts(&self, what: Encrypted) -> Option<&EncryptionKey> {
        self.encryption_key.as_ref().filter(|_| self.encrypt.contains(&what))
    }
}

/// The host that stands for a sector (OpenID Connect Core §8.1).
fn host(text: &str) -> Result<String, Refusal> {
    let host = text.trim().to_ascii_lowercase();
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if (1..=253).contains(&host.len()) && host.bytes().all(is_host) {
        return Ok(host);
    }
    Err(values::invalid(format!(
        "expected the host of a sector like apps.example.com, received `{}`",
        shown(text)
    )))
}
