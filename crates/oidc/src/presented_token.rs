//! Tokens that come back to us: at userinfo (RFC 6750), introspection (RFC 7662) and revocation (RFC 7009).

use doorward_jose::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Parameters, Refusal, catalogue};

/// Largest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 8192;

/// How an access token came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenScheme {
    /// Whoever bears it may use it (RFC 6750).
    Bearer,
    /// With a proof of the key that it is bound to (RFC 9449 §7.1).
    Dpop,
}

/// Reads the access token of a request to a protected resource from the `Authorization` header or the form body (RFC
/// 6750 §2.1, §2.2, RFC 9449 §7.1). `None` when there is none, which is answered with a challenge that names no error
/// (§3.1).
///
/// # Errors
/// Two tokens, or one that is not a token. A header of another scheme counts as none.
pub fn access_token(
    authorization: Option<&[u8]>,
    form: Option<&Parameters>,
) -> Result<Option<(TokenScheme, Secret<String>)>, Refusal> {
    let refuse = |detail: &str| Refusal::response(&catalogue::BEARER_TOKEN_MALFORMED, detail);
    let header = match authorization.map(std::str::from_utf8) {
        Some(Ok(text)) => match text.trim().split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some((TokenScheme::Bearer, token.trim())),
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("dpop") => Some((TokenScheme::Dpop, token.trim())),
            _ => None,
        },
        Some(Err(_)) => return Err(refuse("expected ASCII in the Authorization header")),
        None => None,
    };
    let body = form.and_then(|form| form.find("access_token"));
    let body = body.map(|token| (TokenScheme::Bearer, token));
    let (scheme, token) = match (header, body) {
        (Some(_), Some(_)) => return Err(refuse("expected the token in the header or in the form, got both")),
        (None, None) => return Ok(None),
        (Some(token), None) | (None, Some(token)) => token,
    };
    let is_b64token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if token.is_empty() || token.len() > MAX_TOKEN_BYTES || !token.bytes().all(is_b64token) {
        return Err(refuse("expected 1 to 8192 characters of A-Z a-z 0-9 - . _ ~ + / ="));
    }
    Ok(Some((scheme, Secret::new(token.to_owned()))))
}

/// A token that a client asks about or gives back, at introspection (RFC 7662 §2.1) or revocation (RFC 7009 §2.1).
#[derive(Debug, Clone)]
pub struct PresentedToken {
    /// The token.
    pub token: Secret<String>,
    /// `token_type_hint`: where to look first, never where to look only.
    pub hint: Option<String>,
}

impl PresentedToken {
    /// Reads the form body (or the query, which one real client uses for revocation).
    ///
    /// # Errors
    /// No token, or one larger than [`MAX_TOKEN_BYTES`].
    pub fn parse(parameters: &Parameters) -> Result<Self, Refusal> {
        Ok(Self {
            token: Secret::new(parameters.required("token", MAX_TOKEN_BYTES)?.to_owned()),
            hint: parameters.bounded("token_type_hint", 64)?.map(str::to_owned),
        })
    }
}

/// The answer of the introspection endpoint (RFC 7662 §2.2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntrospectionResponse {
    /// Whether the token counts now; when not, nothing else is said.
    pub active: bool,
    /// What was granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The client that the token was issued to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// A name of the person for people to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// `Bearer` for access tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// Expiry, NumericDate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Issued at, NumericDate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// Subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// Audience, a string or a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<Value>,
    /// Issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// The token's identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// Further claims.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl IntrospectionResponse {
    /// The answer for a token that is unknown, over, revoked, or not the asker's to know about.
    pub fn inactive() -> Self {
        Self::default()
    }
}
