//! The whole state as files, and what files would change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The folders of files of the state, of which there may be many.
pub const STATE_FOLDERS: [&str; 4] = ["groups", "services", "upstreams", "applications"];
/// The files of what there is once, people not among them.
pub const STATE_FILES: [&str; 5] = [
    "settings.toml",
    "policies.toml",
    "registration.toml",
    "client-registration.toml",
    "terms.toml",
];
/// The file of all people.
pub const STATE_PEOPLE: &str = "people.toml";
/// Bytes of all files together at most.
pub const STATE_BYTES: usize = 16 * 1024 * 1024;

/// Files of the state, by their paths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StateFiles {
    /// TOML by path: `applications/netbox.toml`.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

/// Which file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StateFileQuery {
    /// Its path: `applications/netbox.toml`; of one person `people.toml: anna`.
    #[serde(default)]
    pub path: String,
}

/// One file of the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StateFile {
    /// Its path.
    pub path: String,
    /// What it says, in TOML.
    pub text: String,
}

/// Which people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StatePeopleQuery {
    /// `next` of the part before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// A part of the file of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StatePeople {
    /// Tables `[[person]]`, in TOML.
    pub text: String,
    /// Where to go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What files are to do.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StateRequest {
    /// TOML by path: `applications/netbox.toml`.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// The secrets that files name and do not hold, by the path of the file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, String>,
    /// Whether what no file names is removed. People never are.
    #[serde(default)]
    pub prune: bool,
    /// What the plan said of the state that it was made for; to apply, not to plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl std::fmt::Debug for StateRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StateRequest")
            .field("files", &self.files.len())
            .field("prune", &self.prune)
            .finish_non_exhaustive()
    }
}

/// What files change, or would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StatePlan {
    /// Stands for the state that was planned for and for the files, secrets and removals: nothing else is applied, and not to
    /// another state.
    pub digest: String,
    /// What changes here.
    pub changes: Vec<StateChange>,
    /// What is here and in no file; it stays unless it is pruned.
    pub only_here: Vec<String>,
    /// Files of things that are here whose secret was not sent: whether it is another one is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
}

/// Schemas of the files, for editors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StateSchemas {
    /// JSON schema (draft 7) by folder or file: `applications`, `settings`.
    #[schema(value_type = BTreeMap<String, Object>)]
    pub schemas: BTreeMap<String, Value>,
}

/// What becomes of a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StateWhat {
    /// It is not there yet.
    Add,
    /// It is there and says something else.
    Change,
    /// It is there and is not to be.
    Remove,
}

/// What changes about one thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StateChange {
    /// Its file.
    pub file: String,
    /// What becomes of it.
    pub what: StateWhat,
    /// Each setting that changes; never a secret, only that there is another one.
    pub settings: Vec<StateSetting>,
    /// What becomes weaker.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weakens: Vec<StateWeaker>,
}

/// Something that becomes weaker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StateWeaker {
    /// Its loud name: `weaken-pkce-if-sent`.
    pub name: String,
    /// What it costs.
    pub meaning: String,
}

/// A setting that changes as somebody reads it who is about to say yes: long texts by the part that differs, letters that nobody
/// sees written out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StateShown {
    /// Its name.
    pub name: String,
    /// Of a list that stays one: what stands there no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub goes: Vec<String>,
    /// Of a list that stays one: what is new in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comes: Vec<String>,
    /// What it is; absent is as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it becomes; absent is as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// A setting that changes. What is absent is as usual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StateSetting {
    /// Its dotted name: `lifetimes.code`.
    pub name: String,
    /// What it is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub from: Option<Value>,
    /// What the file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub to: Option<Value>,
    /// The same as somebody reads it.
    #[serde(default)]
    pub shown: StateShown,
}
