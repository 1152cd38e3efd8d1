//! Applications that register themselves.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who may register an application.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrationMode {
    /// Nobody.
    #[default]
    Off,
    /// Whoever has an initial access token.
    Token,
    /// Anybody.
    WeakenOpen,
}

/// Whether applications may register themselves, and what becomes of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ClientRegistration {
    /// Who may.
    pub mode: RegistrationMode,
    /// Where they do: what discovery says while anybody may.
    pub endpoint: String,
    /// Whom such an application lets in, by group; `everyone` for everybody. Nobody while empty.
    pub groups: Vec<String>,
    /// After so many days an application that nobody has used goes.
    pub unused_days: u32,
    /// Unused ones at the same time at the most.
    pub most_unused: u32,
}

/// What to change about it. Absent members stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientRegistrationChange {
    /// Who may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<RegistrationMode>,
    /// All groups that such an application lets in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// Days after which an unused application goes, 1 to 365.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unused_days: Option<u32>,
    /// Unused ones at the same time, 1 to 10,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_unused: Option<u32>,
}

/// An initial access token as listed: never its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InitialAccessToken {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    /// What it is for.
    pub label: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub expires: Timestamp,
    /// How many applications may still register by it; any number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_left: Option<u32>,
    /// How many did.
    pub used: u32,
}

/// An initial access token to make.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInitialAccessToken {
    /// What it is for, 1 to 100 characters.
    pub label: String,
    /// How long it counts; 30 days when absent, a year at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime_seconds: Option<u32>,
    /// How many applications may register by it; any number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
}

/// An initial access token with its value, shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InitialAccessTokenShown {
    /// What is stored about it.
    pub about: InitialAccessToken,
    /// The value for `Authorization: Bearer …` at the registration endpoint; shown only now.
    #[schema(examples("dwi_…"))]
    pub token: String,
}

impl std::fmt::Debug for InitialAccessTokenShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InitialAccessTokenShown")
            .field("about", &self.about)
            .finish_non_exhaustive()
    }
}
