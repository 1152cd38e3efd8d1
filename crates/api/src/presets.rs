//! What Doorward knows about applications before they are added.

use serde::{Deserialize, Serialize};

/// A preset in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PresetSummary {
    /// What `app add` takes.
    #[schema(examples("netbox"))]
    pub id: String,
    /// The application's name.
    pub name: String,
    /// One sentence about it.
    #[serde(default)]
    pub summary: String,
    /// Other names that `app add` takes.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// How sure its facts are: `application` (a login with it was run), `library` (with its library), `documentation`.
    #[serde(default)]
    pub proof: String,
}

/// A preset in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Preset {
    /// What the list shows of it.
    #[serde(flatten)]
    pub about: PresetSummary,
    /// The data file itself: every setting that `app add` would start from.
    #[schema(value_type = Object)]
    pub settings: serde_json::Value,
}
