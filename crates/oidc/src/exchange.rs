//! Token exchange as it comes over the wire (RFC 8693 §2.1).

use doorward_jose::Secret;

use crate::authorization::resources;
use crate::{Parameters, Refusal, ScopeSet};

/// An access token of the server that is asked (RFC 8693 §3).
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";
/// A JWT of whatever meaning (RFC 8693 §3).
pub const JWT_TYPE: &str = "urn:ietf:params:oauth:token-type:jwt";

/// Longest token that is read, in bytes.
const LONGEST_TOKEN: usize = 8192;
/// Longest audience that is read, in bytes.
const LONGEST_AUDIENCE: usize = 512;

/// A token with what its client says it is.
#[derive(Debug, Clone)]
pub struct TokenAndType {
    /// The token.
    pub token: Secret<String>,
    /// `subject_token_type` or `actor_token_type`.
    pub kind: String,
}

/// A request for a token in the place of another.
#[derive(Debug, Clone)]
pub struct ExchangeRequest {
    /// On whose behalf.
    pub subject: TokenAndType,
    /// Who acts, when the request says so with a token.
    pub actor: Option<TokenAndType>,
    /// What kind of token is wanted.
    pub requested: Option<String>,
    /// Whom the new token is for: `audience`, then `resource` (RFC 8707), in their order.
    pub audiences: Vec<String>,
    /// The scope asked for.
    pub scope: Option<ScopeSet>,
}

impl ExchangeRequest {
    /// Reads the form body.
    ///
    /// # Errors
    /// A missing, malformed or oversized parameter.
    pub fn parse(form: &Parameters) -> Result<Self, Refusal> {
        let subject = TokenAndType {
            token: Secret::new(form.required("subject_token", LONGEST_TOKEN)?.to_owned()),
            kind: form.required("subject_token_type", 256)?.to_owned(),
        };
        // RFC 8693 §2.1: the type is there exactly when the token is.
        let has_actor = ["actor_token", "actor_token_type"]
            .iter()
            .any(|name| form.find(name).is_some());
        let actor = if has_actor {
            Some(TokenAndType {
                token: Secret::new(form.required("actor_token", LONGEST_TOKEN)?.to_owned()),
                kind: form.required("actor_token_type", 256)?.to_owned(),
            })
        } else {
            None
        };
        let mut audiences: Vec<String> = form.all("audience").map(str::to_owned).collect();
        audiences.extend(resources(form)?);
        if let Some(long) = audiences.iter().find(|one| one.len() > LONGEST_AUDIENCE) {
            let detail = format!(
                "expected at most {LONGEST_AUDIENCE} bytes in `audience`, got {}",
                long.len()
            );
            return Err(Refusal::response(&crate::catalogue::REQUEST_TOO_LARGE, detail));
        }
        Ok(Self {
            subject,
            actor,
            requested: form.bounded("requested_token_type", 256)?.map(str::to_owned),
            audiences,
            scope: form.bounded("scope", 4096)?.map(ScopeSet::parse).transpose()?,
        })
    }
}
