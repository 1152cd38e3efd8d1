//! What every refused request answers.

use serde::{Deserialize, Serialize};

/// Codes of refusals that the API itself makes; those of the subjects are in their own catalogues.
pub mod codes {
    /// No credential was sent, or it is not (or no longer) valid.
    pub const UNAUTHENTICATED: &str = "unauthenticated";
    /// The actor lacks a right; the detail names it.
    pub const FORBIDDEN: &str = "right_missing";
    /// What the path or the body names does not exist.
    pub const NOT_FOUND: &str = "not_found";
    /// The request is not what the operation reads; the detail says what was expected and what came.
    pub const INVALID: &str = "invalid_request";
    /// It exists already, or something still depends on it.
    pub const CONFLICT: &str = "conflict";
    /// The server cannot take the request now; `Retry-After` says when.
    pub const BUSY: &str = "busy";
    /// The machine failed; the operator finds the cause in the log under the reference.
    pub const INTERNAL: &str = "internal_error";
}

/// The body of every answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ErrorBody {
    /// Stable code, snake case: what a program decides by.
    #[schema(examples("right_missing"))]
    pub code: String,
    /// One sentence for people.
    pub message: String,
    /// What was expected and what came; never holds a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The command to type or the setting to change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// What to quote to the operator: a trace's reference or a request's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}
