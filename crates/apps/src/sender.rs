//! What binds an application's tokens to whoever they were issued to.

use doorward_oidc::{CertificateName, Refusal};
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
        }
        Ok(())
    }
}
