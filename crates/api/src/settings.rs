//! Settings of the whole server that are state, not configuration.

use serde::{Deserialize, Serialize};

/// The settings in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Settings {
    /// How many days events are kept.
    pub event_retention_days: u32,
    /// How many days traces are kept.
    pub trace_retention_days: u32,
}

/// Settings to change; absent ones stay.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    /// How many days events are kept, 1 to 36500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_retention_days: Option<u32>,
    /// How many days traces are kept, 1 to 3650.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_retention_days: Option<u32>,
}
