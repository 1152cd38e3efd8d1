//! Issuers of earlier providers at which the server answers too.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whose addresses are below an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AliasForm {
    /// Keycloak's: one issuer for all applications of a realm.
    Keycloak,
    /// Kanidm's: an issuer for each application.
    Kanidm,
}

/// An issuer of an earlier provider at which the server answers too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct IssuerAlias {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// The issuer; with Kanidm's form what stands before `/<client id>`.
    #[schema(examples("https://sso.example.com/realms/main"))]
    pub address: String,
    /// Whose addresses are below it; follows from the address.
    pub form: AliasForm,
    /// Client ids of the applications that have it as their issuer.
    pub apps: Vec<String>,
    /// Who added it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

/// An alias to add.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIssuerAlias {
    /// The issuer of a Keycloak realm, `https://host/realms/<realm>`, or `https://host/oauth2/openid` of a Kanidm.
    pub address: String,
}
