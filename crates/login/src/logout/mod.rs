//! Logging out: begun here (OpenID Connect RP-Initiated Logout 1.0), or told by the provider (`receiving`).

mod receiving;
mod token;

pub use token::LogoutToken;

use doorward_oidc::{EndSessionRequest, append_query};

use crate::sessions::Vault;
use crate::{Login, LoginError};

/// A longer ID token is left out of the address, which servers cut at 8 KiB: `client_id` says enough then, and the provider
/// asks the person.
const MAX_HINT: usize = 4096;

/// A session that has ended here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedOut {
    /// Where the browser goes: to the provider, to end its session too, or to [`crate::Builder::after_logout`].
    pub location: String,
    /// What the provider gives back at [`Login::post_logout_redirect_uri`], when the browser goes there.
    pub state: Option<String>,
}

impl Login {
    /// Ends the session behind a cookie's value. The browser then goes to the provider, or stays here when there was no
    /// session, or the provider has no such endpoint or does not answer.
    ///
    /// # Errors
    /// The store fails.
    pub async fn end(&self, token: &str) -> Result<LoggedOut, LoginError> {
        let config = self.config();
        let here = LoggedOut {
            location: config.after_logout.clone(),
            state: None,
        };
        let Some(session) = Vault(config).end(token).await? else {
            return Ok(here);
        };
        tracing::info!(sub = session.sub, "logged out");
        let state = self.random_text();
        let hint = session.id_token.as_ref().map(|token| token.expose().clone());
        let request = EndSessionRequest {
            id_token_hint: hint.filter(|token| token.len() <= MAX_HINT),
            post_logout_redirect_uri: Some(config.post_logout_redirect_uri()),
            state: Some(state.clone()),
            ..EndSessionRequest::default()
        };
        match self.end_session_url(request).await {
            Ok(Some(location)) => Ok(LoggedOut {
                location,
                state: Some(state),
            }),
            Ok(None) => Ok(here),
            Err(error) => {
                tracing::warn!(code = error.code(), %error, "logged out here only");
                Ok(here)
            }
        }
    }

    /// Where a browser ends the provider's session: the request with this client's id. `None` at a provider that has no
    /// such endpoint.
    ///
    /// # Errors
    /// The provider's metadata cannot be had.
    pub async fn end_session_url(&self, request: EndSessionRequest) -> Result<Option<String>, LoginError> {
        let config = self.config();
        let known = self.provider().known(self).await?;
        let Some(endpoint) = &known.metadata.end_session_endpoint else {
            return Ok(None);
        };
        let request = EndSessionRequest {
            client_id: Some(config.client_id.clone()),
            ..request
        };
        let pairs = request.to_pairs();
        let pairs = pairs.iter().map(|(name, value)| (*name, value.as_str()));
        Ok(Some(append_query(endpoint, pairs)))
    }
}
