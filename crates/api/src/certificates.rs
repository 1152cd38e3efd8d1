//! The server's certificate, and the private authority.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How things stand with the server's certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Tls {
    /// Where it comes from: `none` (plain HTTP, or a proxy's), `files`, `acme`, `authority`.
    pub source: String,
    /// The ACME directory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// The host of the public URL.
    pub host: String,
    /// What is presented, when it comes by itself and has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<TlsCertificate>,
    /// Why the next one does not come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<TlsProblem>,
}

/// A certificate in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TlsCertificate {
    /// Names and addresses that it is for.
    pub names: Vec<String>,
    /// Who issued it.
    pub issuer: String,
    /// From when it is good.
    #[schema(value_type = String, format = DateTime)]
    pub not_before: Timestamp,
    /// Until when.
    #[schema(value_type = String, format = DateTime)]
    pub not_after: Timestamp,
    /// When the next one is fetched.
    #[schema(value_type = String, format = DateTime)]
    pub renews_at: Timestamp,
    /// SHA-256 over the certificate, as openssl prints it.
    pub fingerprint: String,
}

/// What an authority refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TlsProblem {
    /// Stable code of the refusal.
    pub code: String,
    /// What the authority said.
    pub detail: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// When it was.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// When it is tried again.
    #[schema(value_type = String, format = DateTime)]
    pub next_try: Timestamp,
}

/// The private authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Authority {
    /// Its name in lists of authorities.
    pub name: String,
    /// Its certificate, PEM: what hosts install.
    pub certificate: String,
    /// SHA-256 over the certificate, as openssl prints it.
    pub fingerprint: String,
    /// Names and networks that it may vouch for: its certificate says so, and hosts that trust it accept no others.
    pub permitted: Vec<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// Until when it is good.
    #[schema(value_type = String, format = DateTime)]
    pub not_after: Timestamp,
    /// What each kind of host must be told.
    #[serde(default)]
    pub install: Vec<AuthorityInstall>,
}

/// How one kind of host or program learns to trust the authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AuthorityInstall {
    /// A word to choose it by: `debian`.
    pub name: String,
    /// For a heading.
    pub title: String,
    /// Commands and settings; the authority's certificate is in the file `doorward-ca.crt`.
    pub text: String,
}

/// An authority to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewAuthority {
    /// Domains, networks and addresses that it may vouch for; without any, what is around the public URL.
    pub permit: Vec<String>,
    /// Its name in lists of authorities.
    pub name: Option<String>,
    /// How long it lives, 1 to 10950; 3650 unless set.
    pub days: Option<u32>,
    /// In place of one that exists: every host has to install the new one.
    pub replace: bool,
}

/// A certificate to be issued.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCertificate {
    /// Host names, wildcards and addresses, 1 to 50.
    pub names: Vec<String>,
    /// How long it lives, 1 to 397; 397 unless set.
    #[serde(default)]
    pub days: Option<u32>,
    /// A signing request, PEM: its key is used, the names are those above. Without it a key is made.
    #[serde(default)]
    pub csr: Option<String>,
}

/// A certificate that was issued.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CertificateIssued {
    /// For which names.
    pub names: Vec<String>,
    /// The certificate, PEM.
    pub certificate: String,
    /// Its key, PKCS#8 in PEM, unless a signing request brought one. It is kept nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// SHA-256 over the certificate, as openssl prints it.
    pub fingerprint: String,
    /// Until when it is good.
    #[schema(value_type = String, format = DateTime)]
    pub not_after: Timestamp,
}
