//! What is shown about an application on demand: its secret, its configuration, what a person would get.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::App;
use crate::TraceOutcome;

/// What adding an application answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AppAdded {
    /// The application as stored.
    pub app: App,
    /// What to paste into it. The secret in it is a placeholder, unless the actor may see secrets.
    pub snippet: Snippet,
}

/// A secret, on explicit demand.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SecretShown {
    /// The application.
    pub client_id: String,
    /// The secret in force.
    pub secret: String,
    /// Until when the secret before it is accepted too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub previous_until: Option<Timestamp>,
}

impl std::fmt::Debug for SecretShown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretShown")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// The configuration to paste into an application.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Snippet {
    /// The pieces, in the order in which they are to be done.
    pub parts: Vec<SnippetPart>,
}

impl std::fmt::Debug for Snippet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snippet")
            .field("parts", &self.parts.len())
            .finish_non_exhaustive()
    }
}

/// One piece of configuration.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SnippetPart {
    /// What it is and where it goes.
    pub title: String,
    /// What it is written in: `python`, `shell`, `ini`, `text`, …
    #[serde(default)]
    pub language: String,
    /// The text to paste.
    pub text: String,
}

/// Whose tokens to preview.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// The person, by name.
    pub user: String,
    /// The scopes that the application would ask for; the preset's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

/// What a person would get, by the path that issues real tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Preview {
    /// Whether they would be let in.
    pub allowed: bool,
    /// The scopes they would be granted.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Each check with its outcome, and why.
    pub steps: Vec<PreviewStep>,
    /// Payload of the ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub id_token: Option<Value>,
    /// Payload of the access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub access_token: Option<Value>,
    /// The userinfo answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub userinfo: Option<Value>,
}

/// One check of a preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PreviewStep {
    /// The check, by its stable name.
    pub check: String,
    /// How it went.
    pub outcome: TraceOutcome,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}
