//! What an application's tokens are bound to.

use serde::{Deserialize, Serialize};

use crate::Edit;

/// The settings about keys that an application proves beside its authentication.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SenderSettings {
    /// Whether its tokens are bound to a key by DPoP (RFC 9449).
    #[serde(default)]
    pub dpop: Dpop,
    /// Whether its tokens are bound to the certificate that it presents (RFC 8705 §3).
    #[serde(default)]
    pub certificate_bound: bool,
    /// The name in its certificate, for `tls_client_auth`: `subject_dn=`, `san_dns=`, `san_uri=`, `san_ip=` or `san_email=`
    /// and the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(examples("subject_dn=CN=client,O=Example"))]
    pub certificate_name: Option<String>,
}

/// Whether an application has to send DPoP proofs (RFC 9449 §5.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Dpop {
    /// Its tokens are bound when it sends a proof.
    #[default]
    Optional,
    /// A request for tokens without a proof is refused.
    Required,
    /// And each proof has to carry a nonce of this server.
    RequiredWithNonce,
}

/// Which of these settings to change; absent members stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SenderChange {
    /// Whether its tokens are bound to a key by DPoP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop: Option<Dpop>,
    /// Whether its tokens are bound to the certificate that it presents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_bound: Option<bool>,
    /// The name in its certificate.
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub certificate_name: Edit<String>,
}
