//! The error body of an endpoint that a program called (RFC 6749 §5.2, RFC 6750 §3.1).

use serde::{Deserialize, Serialize};

use crate::Refusal;

/// What a program receives when it is refused. The operator's detail never goes out: it is in the trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// The error code of the specification.
    pub error: String,
    /// One sentence for the client's developer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
    /// A page about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_uri: Option<String>,
}

impl ErrorResponse {
    /// The HTTP status that belongs to the error code (RFC 6749 §5.2, RFC 6750 §3.1).
    pub fn status(&self) -> u16 {
        match self.error.as_str() {
            "invalid_client" | "invalid_token" | "login_required" => 401,
            "insufficient_scope" | "access_denied" => 403,
            "server_error" => 500,
            "temporarily_unavailable" => 503,
            _ => 400,
        }
    }

    /// The value of `WWW-Authenticate` for a request with the scheme `DPoP` (RFC 9449 §7.1); `algorithms` are those of
    /// proofs, with spaces between.
    pub fn dpop_challenge(&self, algorithms: &str) -> String {
        let description = self.error_description.as_deref().map(safe_description);
        let description = description
            .map(|text| format!(", error_description=\"{text}\""))
            .unwrap_or_default();
        format!("DPoP error=\"{}\"{description}, algs=\"{algorithms}\"", self.error)
    }

    /// The value of `WWW-Authenticate` for a resource endpoint (RFC 6750 §3).
    pub fn bearer_challenge(&self, realm: &str) -> String {
        let description = self.error_description.as_deref().map(safe_description);
        let description = description
            .map(|text| format!(", error_description=\"{text}\""))
            .unwrap_or_default();
        let realm = safe_description(realm);
        format!("Bearer realm=\"{realm}\", error=\"{}\"{description}", self.error)
    }
}

impl From<&Refusal> for ErrorResponse {
    fn from(refusal: &Refusal) -> Self {
        Self {
            error: refusal.kind.oauth.to_owned(),
            error_description: Some(safe_description(refusal.kind.public)),
            error_uri: None,
        }
    }
}

/// Text with only the characters that RFC 6749 Appendix A.8 allows in `error_description`.
pub(crate) fn safe_description(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\x20'..='\x21' | '\x23'..='\x5B' | '\x5D'..='\x7E');
    text.chars()
        .map(|c| match c {
            '"' | '`' => '\'',
            c if allowed(c) => c,
            _ => '?',
        })
        .collect()
}
