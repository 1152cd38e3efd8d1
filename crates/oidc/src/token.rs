//! The token endpoint: request and answer (RFC 6749 §4.1.3, §4.4.2, §5.1, §6).

use doorward_jose::Secret;
use serde::{Deserialize, Serialize};

use crate::authorization::resources;
use crate::{AuthorizationDetails, CodeVerifier, ExchangeRequest, GrantType, Parameters, Refusal, ScopeSet, catalogue};

/// A request to the token endpoint.
#[derive(Debug, Clone)]
pub enum TokenRequest {
    /// `authorization_code` (RFC 6749 §4.1.3, RFC 7636 §4.5).
    AuthorizationCode {
        /// The code, at most 1024 bytes.
        code: Secret<String>,
        /// The redirect URI of the authorization request, byte for byte.
        redirect_uri: Option<String>,
        /// The PKCE verifier.
        code_verifier: Option<CodeVerifier>,
        /// RFC 8707.
        resources: Vec<String>,
        /// RFC 9396 §6: the part of what was granted that this token is for.
        details: Option<AuthorizationDetails>,
    },
    /// `refresh_token` (RFC 6749 §6).
    RefreshToken {
        /// The refresh token, at most 4096 bytes.
        refresh_token: Secret<String>,
        /// The narrower scope, when one is asked for.
        scope: Option<ScopeSet>,
        /// RFC 8707.
        resources: Vec<String>,
        /// RFC 9396 §6.
        details: Option<AuthorizationDetails>,
    },
    /// `client_credentials` (RFC 6749 §4.4.2).
    ClientCredentials {
        /// The scope asked for.
        scope: Option<ScopeSet>,
        /// RFC 8707.
        resources: Vec<String>,
    },
    /// `device_code` (RFC 8628 §3.4).
    DeviceCode {
        /// The device code, at most 1024 bytes.
        device_code: Secret<String>,
    },
    /// `ciba` (OpenID Connect CIBA §10.1).
    Ciba {
        /// What the backchannel authentication endpoint answered, at most 1024 bytes.
        auth_req_id: Secret<String>,
    },
    /// `token-exchange` (RFC 8693 §2.1).
    TokenExchange(Box<ExchangeRequest>),
    /// `jwt-bearer` (RFC 7523 §2.1).
    JwtBearer {
        /// The assertion, not verified here; at most 8192 bytes.
        assertion: Secret<String>,
        /// The scope asked for.
        scope: Option<ScopeSet>,
    },
}

impl TokenRequest {
    /// Reads the form body. Client authentication is read apart, by [`crate::ClientAuthentication::parse`].
    ///
    /// # Errors
    /// A grant type that is not ours, or a missing, malformed or oversized parameter.
    pub fn parse(form: &Parameters) -> Result<Self, Refusal> {
        let grant_type = form.required("grant_type", 256)?;
        let scope = || form.bounded("scope", 4096)?.map(ScopeSet::parse).transpose();
        match GrantType::parse(grant_type) {
            Some(GrantType::AuthorizationCode) => Ok(Self::AuthorizationCode {
                code: Secret::new(form.required("code", 1024)?.to_owned()),
                redirect_uri: form.bounded("redirect_uri", 2048)?.map(str::to_owned),
                code_verifier: form.find("code_verifier").map(CodeVerifier::parse).transpose()?,
                resources: resources(form)?,
                details: AuthorizationDetails::read(form)?,
            }),
            Some(GrantType::RefreshToken) => Ok(Self::RefreshToken {
                refresh_token: Secret::new(form.required("refresh_token", 4096)?.to_owned()),
                scope: scope()?,
                resources: resources(form)?,
                details: AuthorizationDetails::read(form)?,
            }),
            Some(GrantType::ClientCredentials) => Ok(Self::ClientCredentials {
                scope: scope()?,
                resources: resources(form)?,
            }),
            Some(GrantType::DeviceCode) => Ok(Self::DeviceCode {
                device_code: Secret::new(form.required("device_code", 1024)?.to_owned()),
            }),
            Some(GrantType::Ciba) => Ok(Self::Ciba {
                auth_req_id: Secret::new(form.required("auth_req_id", 1024)?.to_owned()),
            }),
            Some(GrantType::TokenExchange) => ExchangeRequest::parse(form).map(Box::new).map(Self::TokenExchange),
            Some(GrantType::JwtBearer) => Ok(Self::JwtBearer {
                assertion: Secret::new(form.required("assertion", 8192)?.to_owned()),
                scope: scope()?,
            }),
            None => {
                let names: Vec<_> = GrantType::ALL.iter().map(|grant_type| grant_type.as_str()).collect();
                let received: String = grant_type.chars().take(60).flat_map(char::escape_debug).collect();
                let detail = format!("expected one of {}, got `{received}`", names.join(", "));
                Err(Refusal::response(&catalogue::GRANT_TYPE_UNSUPPORTED, detail))
            }
        }
    }

    /// The grant type.
    pub fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
            Self::DeviceCode { .. } => GrantType::DeviceCode,
            Self::Ciba { .. } => GrantType::Ciba,
            Self::TokenExchange(_) => GrantType::TokenExchange,
            Self::JwtBearer { .. } => GrantType::JwtBearer,
        }
    }
}

/// A successful answer of the token endpoint (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3). Its `Debug` shows no token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Lifetime of the access token in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
    /// The refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// The ID token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// What was granted; ours always says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// What the token may be used for (RFC 9396 §7).
    #[serde(default, skip_serializing_if = "AuthorizationDetails::is_empty")]
    pub authorization_details: AuthorizationDetails,
    /// The session's name once more, for relying parties that know sessions by it (Keycloak; OpenID Connect Session Management §2
    /// has the name, in another answer).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_state: Option<String>,
    /// What kind of token an exchange gave (RFC 8693 §2.2.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<String>,
}

impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenResponse")
            .field("token_type", &self.token_type)
            .field("expires_in", &self.expires_in)
            .field("refresh_token", &self.refresh_token.is_some())
            .field("id_token", &self.id_token.is_some())
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
