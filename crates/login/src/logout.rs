//! Logging out, here and at the provider (OpenID Connect RP-Initiated Logout 1.0).

use doorward_oidc::{EndSessionRequest, append_query};

use crate::session::Key;
use crate::{Login, LoginError};

impl Login {
    /// Ends the session behind a cookie's value and gives the address where the browser ends the provider's session too,
    /// or the application's own [`crate::Builder::after_logout`] when there was no session, or the provider has no such
    /// endpoint or does not answer.
    ///
    /// # Errors
    /// The store fails.
    pub async fn end(&self, token: &str) -> Result<String, LoginError> {
        let config = self.config();
        let Some(session) = config.sessions.end(Key::of(token)).await? else {
            return Ok(config.after_logout.clone());
        };
        tracing::info!(sub = session.sub, "logged out");
        let known = match self.provider().known(config).await {
            Ok(known) => known,
            Err(error) => {
                tracing::warn!(code = error.code(), %error, "logged out here only");
                return Ok(config.after_logout.clone());
            }
        };
        let Some(endpoint) = &known.metadata.end_session_endpoint else {
            return Ok(config.after_logout.clone());
        };
        let request = EndSessionRequest {
            id_token_hint: Some(session.id_token.clone()),
            client_id: Some(config.client_id.clone()),
            post_logout_redirect_uri: Some(config.post_logout_redirect_uri()),
            ..EndSessionRequest::default()
        };
        let pairs = request.to_pairs();
        Ok(append_query(
            endpoint,
            pairs.iter().map(|(name, value)| (*name, value.as_str())),
        ))
    }
}
