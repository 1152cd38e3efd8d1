//! What an application's tokens are bound to.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::SigningAlg;
use crate::Edit;

/// The settings about keys that an application proves beside its authentication.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
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
    /// The public key that is encrypted for (RFC 7517).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub encryption_key: Option<Value>,
    /// How the content is encrypted.
    #[serde(default)]
    pub content_encryption: ContentEncryption,
    /// What is encrypted for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encrypt: Vec<Encrypted>,
    /// What signs the answers of introspection when it asks for signed ones (RFC 9701); RS256 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_alg: Option<SigningAlg>,
    /// The sector whose applications alone know the subjects by which it knows people; absent: every application knows a
    /// person by the same subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(examples("apps.example.com"))]
    pub pairwise_sector: Option<String>,
}

/// How the content is encrypted (RFC 7518 §5.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum ContentEncryption {
    /// AES-GCM with 128 bits.
    A128GCM,
    /// AES-GCM with 256 bits.
    #[default]
    A256GCM,
}

/// What can be encrypted for an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encrypted {
    /// ID tokens.
    IdToken,
    /// The answers of userinfo.
    Userinfo,
    /// The signed answers of introspection.
    Introspection,
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
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
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
    /// The public key to encrypt for: a JWK, or a set with one of `use` `enc`. Without one nothing is encrypted.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub encryption_key: Edit<Value>,
    /// How the content is encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_encryption: Option<ContentEncryption>,
    /// All that is encrypted for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypt: Option<Vec<Encrypted>>,
    /// What signs the answers of introspection.
    #[schema(value_type = Option<SigningAlg>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub introspection_alg: Edit<SigningAlg>,
    /// The host of the sector of its subjects. Changing it makes everybody a stranger to the application.
    #[schema(value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Edit::is_keep")]
    pub pairwise_sector: Edit<String>,
}
