//! What is shown about an application on demand: its secret, its configuration, what a person would get.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::App;
use crate::StepOutcome;

/// What adding an application answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AppAdded {
    /// The application as stored.
    pub app: App,
    /// What to paste into it, with its secret filled in.
    pub snippet: Snippet,
}

/// A secret, on explicit demand.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SecretShown {
    /// The application.
    pub client_id: String,
    /// The secret in force.
    pub secret: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
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
    /// What to do when this server's certificate comes from a private authority.
    #[serde(default)]
    pub private_ca: String,
    /// What a logout in the application does.
    #[serde(default)]
    pub logout: String,
    /// What else to know.
    #[serde(default)]
    pub notes: Vec<SnippetNote>,
}

impl std::fmt::Debug for Snippet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The text may hold the secret.
        f.debug_struct("Snippet")
            .field("parts", &self.parts.len())
            .finish_non_exhaustive()
    }
}

/// How a piece of configuration gets into the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SnippetWay {
    /// Into a file.
    File,
    /// Into the environment.
    Env,
    /// Typed into a shell.
    Cli,
    /// Into a form of the application.
    Ui,
    /// Into the file of a Compose project.
    Compose,
    /// Into the values of a Helm chart.
    Helm,
}

/// One piece of configuration.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SnippetPart {
    /// What it is.
    pub title: String,
    /// How it gets into the application.
    pub way: SnippetWay,
    /// Where it goes: a path or a page of the application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What it is written in: `python`, `sh`, `ini`, `json`, `text`.
    #[serde(default)]
    pub language: String,
    /// One of this and the piece before is enough.
    #[serde(default)]
    pub alternative: bool,
    /// The text to paste.
    pub text: String,
}

impl std::fmt::Debug for SnippetPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SnippetPart")
            .field("title", &self.title)
            .finish_non_exhaustive()
    }
}

/// Something to know about an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SnippetNote {
    /// Versions of the application that it is about; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<String>,
    /// The text.
    pub text: String,
}

/// How to print the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SnippetQuery {
    /// Path of a private CA's certificate on the application's machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// With the secret filled in, which needs the right to change applications; how to have it shown otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<bool>,
}

/// Whose tokens to preview.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// The person, by name.
    pub user: String,
    /// The scopes that the application would ask for; those of its settings when absent.
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
    /// Whether a refresh token would come with it.
    #[serde(default)]
    pub refresh_token: bool,
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
    pub outcome: StepOutcome,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}
